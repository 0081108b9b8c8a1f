"""Facts of a contact's primary company: they decide, and a change of the company alone decides again."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal, write_world
from ruamel.yaml import YAML
from small_world import USERS, activity, lead

NAMES = ("first", "second", "alone", "quiet")
POLICY = """
format: 1
name: Companies
facts: {industry: {type: text}, open_deals: {type: integer}}
criteria:
  software: {fact: industry, is: COMPUTER_SOFTWARE}
  buying: {fact: open_deals, at_least: 1}
  never: {activities: {kind: rfp_received}}
ladder:
  - {stage: lead}
  - {stage: mql, when: software}
  - {stage: sal, when: {all: [software, buying]}}
  - {stage: sql, when: never}
  - {stage: sqo, when: never}
disqualified: {stage: disqualified, when: never}
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Rehearsal]:
    world = write_world(tmp_path / "world", USERS, [lead(name) for name in NAMES], [activity("quiet", "note")])
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", "hubspot") as made:
        made.file("policy.yaml").write_text(POLICY, encoding="utf-8")
        mapped(made, "industry")
        yield made


def mapped(here: Rehearsal, industry: str) -> None:
    """Let the facts stand in the company's properties."""
    yaml, file = YAML(), here.directory / "mappings" / "hubspot.yaml"
    mapping = yaml.load(file.read_text(encoding="utf-8"))
    mapping["facts"] = {
        "industry": {"field": f"company.{industry}", "type": "text"},
        "open_deals": {"field": "company.hs_num_open_deals", "type": "integer"},
    }
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(mapping, out)


def somebody(here: Rehearsal, method: str, path: str, properties: dict[str, str] | None = None) -> Any:
    """Another program's call."""
    body = None if properties is None else json.dumps({"properties": properties}).encode()
    headers = {"Authorization": "Bearer another-program", "Content-Type": "application/json"}
    request = urllib.request.Request(here.urls["hubspot"] + path, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.loads(answer.read())


def stages(here: Rehearsal) -> dict[str, str]:
    """Lead -> the stage that a run gives it now, of those that it changes."""
    names = {native: name for name, native in here.native("hubspot").items()}
    [plan] = here.json("run")["plans"]
    return {names[change["lead"]]: change["stage"]["after"] for change in plan["changes"] if change["stage"]}


@pytest.mark.breadth
def test_a_company_decides_and_decides_again(here: Rehearsal) -> None:
    contacts = here.native("hubspot")
    firm = somebody(here, "POST", "/crm/v3/objects/companies", {"name": "Firm", "industry": "COMPUTER_SOFTWARE"})[
        "id"
    ]
    other = somebody(here, "POST", "/crm/v3/objects/companies", {"name": "Other", "industry": "BANKING"})["id"]
    for name, company in (("first", firm), ("second", firm), ("quiet", other)):
        somebody(here, "PUT", f"/crm/v4/objects/contacts/{contacts[name]}/associations/default/companies/{company}")
    assert stages(here) == {"first": "mql", "second": "mql"}

    properties = {"dealname": "Big", "dealstage": "appointmentscheduled", "pipeline": "default"}
    deal = somebody(here, "POST", "/crm/v3/objects/deals", properties)["id"]
    somebody(here, "PUT", f"/crm/v4/objects/deals/{deal}/associations/default/companies/{firm}")
    somebody(here, "PATCH", f"/crm/v3/objects/companies/{other}", {"industry": "COMPUTER_SOFTWARE"})
    assert stages(here) == {"first": "sal", "second": "sal", "quiet": "mql"}


def test_a_property_that_companies_lack_stops_the_run_before_it_writes(here: Rehearsal) -> None:
    mapped(here, "industri")
    done = here.crmsync("run")
    assert done.returncode == 2
    told = done.stdout + done.stderr
    assert "contacts has no field `company.industri` that the signed-in user can see" in told
    assert "did you mean `company.industry`?" in told
    assert here.writes("hubspot") == []
