"""`check`, `check --data` and `fields` know the fields of parents: their names, their values, how full they are."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, LEAD_OBJECT, Rehearsal, rehearsal, write_world
from small_world import USERS, activity, lead

from suite.breadth import broadly
from suite.lookups import called, let_leads_have_an_account

NAMES = ("first", "second", "third", "alone")
PATH = {"salesforce": "Partner__r.Industry", "hubspot": "company.hs_lead_status"}
"""Fields with a list of choices; the practice portal's industries are texts."""
NATIVE = {
    "salesforce": {"software": "Software", "banking": "Banking"},
    "hubspot": {"software": "OPEN", "banking": "UNQUALIFIED"},
}
POLICY = """
format: 1
name: Parents
facts: {industry: {type: choice, values: [software, banking]}}
criteria:
  software: {fact: industry, is: software}
  never: {activities: {kind: rfp_received}}
ladder:
  - {stage: lead}
  - {stage: mql, when: software}
  - {stage: sal, when: never}
  - {stage: sql, when: never}
  - {stage: sqo, when: never}
disqualified: {stage: disqualified, when: never}
"""


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """Two leads of one firm of software, one of a bank's, one of nobody's."""
    world = write_world(tmp_path / "world", USERS, [lead(name) for name in NAMES], [activity("alone", "note")])
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", crm) as made:
        made.file("policy.yaml").write_text(POLICY, encoding="utf-8")
        if crm == "salesforce":
            let_leads_have_an_account(made.urls[crm])
        firms = {kind: firm(made, crm, native) for kind, native in NATIVE[crm].items()}
        for name, kind in (("first", "software"), ("second", "software"), ("third", "banking")):
            belongs(made, crm, name, firms[kind])
        mapped(made, crm, PATH[crm], {native: kind for kind, native in NATIVE[crm].items()})
        yield made


def hubspot(here: Rehearsal, method: str, path: str, properties: dict[str, str] | None = None) -> Any:
    body = None if properties is None else json.dumps({"properties": properties}).encode()
    headers = {"Authorization": "Bearer another-program", "Content-Type": "application/json"}
    request = urllib.request.Request(here.urls["hubspot"] + path, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.loads(answer.read())


def firm(here: Rehearsal, crm: str, industry: str) -> str:
    if crm == "salesforce":
        made = called(here.urls[crm], "POST", "sobjects/Account", {"Name": industry, "Industry": industry})
    else:
        made = hubspot(here, "POST", "/crm/v3/objects/companies", {"name": industry, "hs_lead_status": industry})
    return str(made["id"])


def belongs(here: Rehearsal, crm: str, name: str, to: str) -> None:
    native = here.native(crm)[name]
    if crm == "salesforce":
        called(here.urls[crm], "PATCH", f"sobjects/Lead/{native}", {"Partner__c": to})
    else:
        hubspot(here, "PUT", f"/crm/v4/objects/contacts/{native}/associations/default/companies/{to}")


def mapped(here: Rehearsal, crm: str, path: str, values: dict[str, str]) -> None:
    fact = {"field": path, "type": "choice", "values": values}
    here.change(f"mappings/{crm}.yaml", lambda data: data.update(facts={"industry": fact}))


def line_of(here: Rehearsal, crm: str, text: str) -> int:
    lines = here.file(f"mappings/{crm}.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.mark.parametrize("command", broadly(["check", "run"]))
def test_an_unknown_field_is_told_at_its_line_with_the_right_name(here: Rehearsal, crm: str, command: str) -> None:
    right = PATH[crm]
    wrong = right[:-1] + "x"
    mapped(here, crm, wrong, {})
    before = here.last_write(crm)
    done = here.crmsync(command, crm)
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 2
    assert f"{crm}.yaml:{line_of(here, crm, wrong)}:" in done.stdout + done.stderr
    assert f"{LEAD_OBJECT[crm]} has no field `{wrong}` that the signed-in user can see" in told
    assert f"did you mean `{right}`?" in told
    assert here.last_write(crm) == before


def test_a_relationship_that_is_nowhere_is_told_too(here: Rehearsal, crm: str) -> None:
    relationship, field = PATH[crm].split(".")
    for wrong in (f"{relationship[:-1]}x.{field}", f"nowhere.{field}"):
        mapped(here, crm, wrong, {})
        [finding] = here.json("check", crm, code=2)["findings"]
        assert (finding["line"], f"no field `{wrong}`" in finding["message"]) == (line_of(here, crm, wrong), True)
        assert (f"did you mean `{PATH[crm]}`?" in finding["hint"]) == (wrong != f"nowhere.{field}")


def test_values_that_nobody_offers_are_told(here: Rehearsal, crm: str) -> None:
    software, banking = NATIVE[crm]["software"], NATIVE[crm]["banking"]
    mapped(here, crm, PATH[crm], {software: "software", f"{banking}X": "banking"})
    told = [each["message"] for each in here.json("check", crm)["findings"]]
    assert any(PATH[crm] in message and f"{banking}X" in message for message in told), told


def test_a_parent_that_changes_unseen_is_told_of_salesforce_alone(here: Rehearsal, crm: str) -> None:
    told = [each["message"] for each in here.json("check", crm)["findings"]]
    unseen = [each for each in told if "which is another record's: it changes without a change of the record" in each]
    assert len(unseen) == (1 if crm == "salesforce" else 0)


def test_data_counts_what_parents_hold(here: Rehearsal, crm: str) -> None:
    mapped(here, crm, PATH[crm], {NATIVE[crm]["software"]: "software", "Nothing": "banking"})
    [connection] = here.json("check", crm, "--data")["connections"]
    [fact] = connection["facts"]
    assert fact == {
        "fact": "industry",
        "field": PATH[crm],
        "filled": 0.75,
        "converted": 0.5,
        "unconverted": [{"value": NATIVE[crm]["banking"], "count": 1}],
        "unused": ["Nothing"],
    }


def test_fields_lists_what_the_mapping_names_and_the_parent_by_itself(here: Rehearsal, crm: str) -> None:
    relationship = PATH[crm].split(".")[0]
    whole = f"{LEAD_OBJECT[crm]}.{relationship}"
    answer = here.json("fields", crm)
    named = [field for field in answer["fields"] if "." in field["name"]]
    assert [(each["name"], each["mapped_to"], each["filled"]) for each in named] == [(PATH[crm], "industry", 0.75)]
    assert not named[0]["writable"]
    assert {it["value"]: it["count"] for it in named[0]["choices"]}[NATIVE[crm]["software"]] == 2
    assert whole in answer["parents"]
    behind = {field["name"]: field for field in here.json("fields", crm, whole)["fields"]}
    assert len(behind) > 10
    assert {name.split(".")[0] for name in behind} == {relationship}
    assert behind[PATH[crm]]["filled"] == 0.75
    assert whole in here.crmsync("fields", crm).stdout
    wrong = here.crmsync("fields", crm, f"{LEAD_OBJECT[crm]}.nowhere")
    assert (wrong.returncode, "no parent 'nowhere'" in wrong.stderr) == (2, True)


def test_parents_of_activities_are_looked_at(tmp_path: Path) -> None:
    world = write_world(tmp_path / "world", USERS, [lead("one")], [activity("one", "note")])
    members = {
        "object": "CampaignMember",
        "at": "CreatedDate",
        "kind": [{"is": "event", "when": {"Campaign.Typ": "x"}}],
    }
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", "salesforce") as here:
        here.change("mappings/salesforce.yaml", lambda data: data["activities"].append(members))
        findings = here.json("check", code=2)["findings"]
    [finding] = [each for each in findings if each["severity"] == "error"]
    assert "CampaignMember has no field `Campaign.Typ`" in finding["message"]
    assert "did you mean `Campaign.Type`?" in finding["hint"]
