"""Facts of open deals decide on both CRMs in the same words, and a deal that changes alone decides again."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import USERS, activity, lead

from suite.lookups import called, let_leads_have_an_account

NAMES = ("first", "second", "third", "alone")
COMPANY = {"salesforce": "Partner__r", "hubspot": "company"}
STAGES = {
    "salesforce": {"early": "Prospecting", "late": "Proposal/Price Quote", "lost": "Closed Lost"},
    "hubspot": {"early": "appointmentscheduled", "late": "contractsent", "lost": "closedlost"},
}
POLICY = """
format: 1
name: Deals
facts:
  open_deals: {type: integer}
  deal_size: {type: money}
  deal_stage: {type: choice, values: [early, late]}
  deal_closes: {type: date}
criteria:
  buying: {fact: open_deals, at_least: 1}
  large: {fact: deal_size, at_least: 10000}
  late: {fact: deal_stage, is: late}
  dated: {known: deal_closes}
  never: {activities: {kind: rfp_received}}
ladder:
  - {stage: lead}
  - {stage: mql, when: buying}
  - {stage: sal, when: {all: [buying, large, dated]}}
  - {stage: sql, when: {all: [buying, large, late, dated]}}
  - {stage: sqo, when: never}
disqualified: {stage: disqualified, when: never}
"""


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    world = write_world(tmp_path / "world", USERS, [lead(name) for name in NAMES], [activity("alone", "note")])
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", crm) as made:
        made.file("policy.yaml").write_text(POLICY, encoding="utf-8")
        if crm == "salesforce":
            let_leads_have_an_account(made.urls[crm])
        behind = f"{COMPANY[crm]}.open_deals"
        stages = {native: word for word, native in STAGES[crm].items() if word != "lost"}
        facts = {
            "open_deals": {"field": f"{behind}.count", "type": "integer"},
            "deal_size": {"field": f"{behind}.largest_amount", "type": "money"},
            "deal_stage": {"field": f"{behind}.latest_stage", "type": "choice", "values": stages},
            "deal_closes": {"field": f"{behind}.next_close_date", "type": "date"},
        }
        made.change(f"mappings/{crm}.yaml", lambda data: data.update(facts=facts))
        yield made


def hubspot(here: Rehearsal, method: str, path: str, properties: dict[str, Any] | None = None) -> Any:
    body = None if properties is None else json.dumps({"properties": properties}).encode()
    headers = {"Authorization": "Bearer another-program", "Content-Type": "application/json"}
    request = urllib.request.Request(here.urls["hubspot"] + path, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.loads(answer.read())


def firm(here: Rehearsal, crm: str, *names: str) -> str:
    """A company of these leads."""
    natives = here.native(crm)
    if crm == "salesforce":
        made = str(called(here.urls[crm], "POST", "sobjects/Account", {"Name": "Firm"})["id"])
        for name in names:
            called(here.urls[crm], "PATCH", f"sobjects/Lead/{natives[name]}", {"Partner__c": made})
    else:
        made = str(hubspot(here, "POST", "/crm/v3/objects/companies", {"name": "Firm"})["id"])
        for name in names:
            hubspot(here, "PUT", f"/crm/v4/objects/contacts/{natives[name]}/associations/default/companies/{made}")
    return made


def deal(here: Rehearsal, crm: str, company: str, stage: str, amount: int) -> str:
    native = STAGES[crm][stage]
    if crm == "salesforce":
        values = {"Name": "D", "StageName": native, "CloseDate": "2030-01-01", "Amount": amount}
        return str(called(here.urls[crm], "POST", "sobjects/Opportunity", {**values, "AccountId": company})["id"])
    told = {"dealname": "D", "pipeline": "default", "dealstage": native, "amount": str(amount)}
    number = hubspot(here, "POST", "/crm/v3/objects/deals", {**told, "closedate": "2030-01-01T12:00:00Z"})["id"]
    hubspot(here, "PUT", f"/crm/v4/objects/deals/{number}/associations/default/companies/{company}")
    return str(number)


def change(here: Rehearsal, crm: str, number: str, **values: str) -> None:
    if crm == "salesforce":
        native = {{"stage": "StageName", "amount": "Amount"}[name]: value for name, value in values.items()}
        called(here.urls[crm], "PATCH", f"sobjects/Opportunity/{number}", native)
    else:
        native = {{"stage": "dealstage", "amount": "amount"}[name]: value for name, value in values.items()}
        hubspot(here, "PATCH", f"/crm/v3/objects/deals/{number}", native)


def moved(here: Rehearsal, crm: str) -> dict[str, str]:
    """Lead -> the stage that a run gives it now, of those that it changes."""
    names = {native: name for name, native in here.native(crm).items()}
    [plan] = here.json("run")["plans"]
    return {names[change["lead"]]: change["stage"]["after"] for change in plan["changes"] if change["stage"]}


@pytest.mark.breadth
def test_open_deals_decide_and_decide_again(here: Rehearsal, crm: str) -> None:
    company, other = firm(here, crm, "first", "second"), firm(here, crm, "third")
    deal(here, crm, company, "early", 500)
    number = deal(here, crm, company, "early", 20_000)
    deal(here, crm, other, "lost", 90_000)
    checked = here.json("check", crm, "--data")
    assert [each for each in checked["findings"] if each["severity"] == "error"] == []
    filled = {fact["fact"]: fact["filled"] for fact in checked["connections"][0]["facts"]}
    assert filled == {"open_deals": 0.75, "deal_size": 0.5, "deal_stage": 0.5, "deal_closes": 0.5}
    assert moved(here, crm) == {"first": "sal", "second": "sal"}
    assert moved(here, crm) == {}

    change(here, crm, number, stage=STAGES[crm]["late"])
    again = deal(here, crm, other, "early", 100)
    assert moved(here, crm) == {"first": "sql", "second": "sql", "third": "mql"}
    change(here, crm, again, amount="10000")
    assert moved(here, crm) == {"third": "sal"}
    told = json.loads(here.crmsync("explain", crm, here.native(crm)["third"], "--format", "json").stdout)
    assert told["conditions"]["large"] == "met"
    assert moved(here, crm) == {}


def test_a_word_that_is_none_is_told_at_its_line(here: Rehearsal, crm: str) -> None:
    wrong = f"{COMPANY[crm]}.open_deals.cuont"
    here.change(f"mappings/{crm}.yaml", lambda data: data["facts"]["open_deals"].update(field=wrong))
    [finding] = here.json("check", crm, code=2)["findings"]
    assert f"no field `{wrong}`" in finding["message"]
    assert f"did you mean `{COMPANY[crm]}.open_deals.count`?" in finding["hint"]


def test_no_person_and_no_deal_is_told(here: Rehearsal, crm: str) -> None:
    deal(here, crm, firm(here, crm, "first"), "early", 500)
    listed = here.json("fields", crm)
    named = {field["name"]: field for field in listed["fields"] if "open_deals" in field["name"]}
    assert {name.rpartition(".")[2]: field["mapped_to"] for name, field in named.items()} == {
        "count": "open_deals",
        "largest_amount": "deal_size",
        "latest_stage": "deal_stage",
        "next_close_date": "deal_closes",
    }
    assert {field["filled"] for field in named.values()} == {0.25}
