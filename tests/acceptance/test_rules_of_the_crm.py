"""The CRM's own rules against what is written, by a run and by a saved plan: outcome, cause and actor are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import NATIVE, lead, small_world, stage
from test_exit_codes import VALIDATION_RULE

from suite.breadth import broadly

WAYS = ("run", "apply")
RULED = "sqo-1"
Write = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world"))) as crms:
        yield crms


@pytest.fixture(params=WAYS)
def write(request: pytest.FixtureRequest, own: Rehearsal) -> Write:
    """Write what is planned, by import ids, after something `happens` to the CRM's rules."""

    def written(
        crm: str, happens: Mapping[str, Any] | None, *options: str, code: int | Sequence[int] = 4
    ) -> dict[str, dict[str, Any]]:
        command: tuple[str, ...] = ("run", crm)
        if request.param == "apply":
            own.json("run", crm, "--dry-run", "--out", "plan.json", *options)
            command = ("apply", "plan.json")
        if happens is not None:
            own.control(crm, "switches", "PUT", happens)
        [plan] = own.json(*command, *options, code=code)["plans"]
        names = {native: name for name, native in own.native(crm).items()}
        return {names[change["lead"]]: change for change in plan["changes"]}

    return written


def others(changes: Mapping[str, Mapping[str, Any]], *but: str) -> set[str]:
    """Outcomes of the other leads."""
    return {change["outcome"] for name, change in changes.items() if name not in but}


@pytest.mark.breadth
@pytest.mark.parametrize("backward", broadly(["silent", "refused", "accepted"]))
def test_a_step_back_in_hubspots_lifecycle_arrives(own: Rehearsal, write: Write, backward: str) -> None:
    own.change("policy.yaml", lambda policy: policy.update(movement={"backward": "allowed"}))
    own.edit("hubspot", leads=[lead("mql-1", stage=stage("sqo"))])
    changes = write("hubspot", {"lifecycle": backward}, code=0)
    assert changes["mql-1"]["stage"] == {"before": "sqo", "after": "mql"}
    assert others(changes) == {"written"}
    assert own.lead("hubspot", "mql-1")["stage"] == NATIVE["hubspot"]["mql"]


@pytest.mark.breadth
def test_an_active_assignment_rule_takes_no_owner(own: Rehearsal, write: Write) -> None:
    changes = write("salesforce", {"assignment_rule": True}, code=0)
    assert others(changes) == {"written"}
    natives = own.native("salesforce", "users")
    for name, change in changes.items():
        if change["owner"]:
            assert natives[own.lead("salesforce", name)["owner"]] == change["owner"]["after"]
    assert "queue-1" not in {each["owner"] for each in own.state("salesforce")["leads"]}


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_a_workflow_that_rewrites_our_value(own: Rehearsal, write: Write, crm: str) -> None:
    ours, theirs = NATIVE[crm]["sqo"], NATIVE[crm]["lead"]
    switch = {
        "salesforce": {"flow_rewrites": {ours: theirs}},
        "hubspot": {"workflow_rewrites": {"lifecyclestage": {ours: theirs}}},
    }[crm]
    changes = write(crm, switch)
    assert changes[RULED]["outcome"] == "did_not_stick"
    assert f"should be {ours} and is {theirs}" in changes[RULED]["message"]
    cause = {
        "salesforce": "the CRM kept it: a rule there forbids this move, or set it back at once",
        "hubspot": "an automation of the CRM has set it after crmsync had written it: AUTOMATION_PLATFORM",
    }[crm]
    assert cause in changes[RULED]["message"]
    assert others(changes, RULED) == {"written"}
    [report] = own.json("report", "conflicts", crm)["connections"]
    [found] = report["conflicts"]
    [time] = found["times"]
    assert (found["lead"], found["part"], time["actor"]["kind"]) == (changes[RULED]["lead"], "stage", "automation")


@pytest.mark.breadth
def test_a_validation_rule_that_refuses(own: Rehearsal, write: Write) -> None:
    changes = write("salesforce", {"validation_rules": [VALIDATION_RULE]})
    assert changes["sql-1"]["outcome"] == "refused"
    # A word of the rule that is a value of the lead stands nowhere.
    assert changes["sql-1"]["message"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION: … needs an approval [Status]"
    assert others(changes, "sql-1") == {"written"}
    assert own.lead("salesforce", "sql-1")["owner"] == "bdr-1", "half a change was written"
    assert "queue-1" not in {each["owner"] for each in own.state("salesforce")["leads"]}


@pytest.mark.breadth
def test_a_duplicate_rule_that_refuses(own: Rehearsal, write: Write) -> None:
    twins = [{"id": name, "attributes": {"lead_source": "Web"}} for name in (RULED, "parked")]
    own.edit("salesforce", leads=twins)
    changes = write("salesforce", {"duplicate_rules": [{"fields": ["LeadSource"], "action": "block"}]})
    refused = {name for name, change in changes.items() if change["outcome"] == "refused"}
    assert RULED in refused
    words = "DUPLICATES_DETECTED: a duplicate rule of the org holds the change back"
    assert changes[RULED]["message"].startswith(words)
    assert others(changes, *refused) == {"written"}
