"""A made-up CRM has what criteria on campaigns and pins need, so that both can be rehearsed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from ruamel.yaml import YAML

POLICY = """
format: 1
name: Campaigns
facts: {}
criteria:
  came: {activities: {kind: webinar, within_days: 400}}
  never: {activities: {kind: rfp_received}}
ladder:
  - {stage: lead}
  - {stage: mql, when: came}
  - {stage: sal, when: never}
  - {stage: sql, when: never}
  - {stage: sqo, when: never}
disqualified: {stage: disqualified, when: never}
"""


@pytest.fixture
def made_up(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path / "here", "--leads", "120", "--seed", "4") as here:
        yield here


def members_alone(here: Rehearsal) -> None:
    """The starter's example of campaign members in place of all other activities."""
    text = here.file("mappings/salesforce.yaml").read_text(encoding="utf-8").splitlines()
    begin = text.index("#   - object: CampaignMember")
    example = YAML().load("\n".join(line.removeprefix("# ") for line in text[begin : text.index("", begin)]))
    here.change("mappings/salesforce.yaml", lambda data: data.update(activities=example, facts={}))


def test_campaign_criteria_can_be_rehearsed(made_up: Rehearsal) -> None:
    made_up.file("policy.yaml").write_text(POLICY, encoding="utf-8")
    members_alone(made_up)
    made_up.change("mappings/hubspot.yaml", lambda data: data.update(facts={}))
    made_up.json("run", "salesforce", "--dry-run")
    told = made_up.crmsync("explain", "salesforce", "--all", "--format", "json").stdout
    explained = {each["lead"]: each["conditions"]["came"] for each in map(json.loads, told.splitlines())}
    state = made_up.state("salesforce")
    came = {each["lead"] for each in state["activities"] if each["kind"] == "webinar"}
    by_import = {each["native_id"]: each["id"] for each in state["leads"]}
    assert Counter(explained.values()).keys() == {"met", "not_met"}
    assert {by_import[lead] for lead, met in explained.items() if met == "met"} == came & {
        by_import[lead] for lead in explained
    }
    data = made_up.json("check", "salesforce", "--data")["connections"][0]["activities"]
    kinds = {(each["kind"], each["outcome"]) for each in data}
    assert {("webinar", None), ("webinar_registered", None), ("event", None), ("webinar_registered", "open")} <= kinds


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_a_pin_can_be_rehearsed(made_up: Rehearsal, crm: str) -> None:
    def changed() -> dict[str, Any]:
        plans = made_up.json("run", crm, "--dry-run")["plans"]
        return {change["lead"]: change for plan in plans for change in plan["changes"]}

    first = next(iter(changed()))
    name = {native: name for name, native in made_up.native(crm).items()}[first]
    made_up.edit(crm, leads=[{"id": name, "attributes": {"leave_alone": True}}])
    assert first not in changed()
    made_up.edit(crm, leads=[{"id": name, "attributes": {"leave_alone": False}}])
    assert first in changed()
