"""Where a pilot, a hold, fields for people and hand-offs meet in one run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from small_firm import MAPPING, MONDAY, POLICY, ROSTER, Firm

from crmsync.errors import RunStopped
from crmsync.run.aims.chosen import Chosen
from crmsync.store import Hold
from crmsync.testing.store_steps import held_turns
from suite.breadth import broadly

RETURNING = POLICY.replace(
    "task: {subject: Call}", "task: {subject: Call}, returned: {to: bdr, again_after_days: 2, at_most: 3}"
)
ANSWERED = MAPPING.replace("hand_off:\n", "hand_off:\n  response: {field: Answer, accepted: Taken, returned: Back}\n")


def hold(firm: Firm, lead: str) -> None:
    firm.store.left_alone.hold(firm.name, Hold(lead, MONDAY.date() + timedelta(days=9), "why", "ada", MONDAY))


def test_a_held_lead_whose_stage_was_cleared_on_the_way_back_is_not_written(firm: Firm) -> None:
    """The run that emptied the stage was cut off; then somebody said to leave the lead alone."""
    firm.crm.records["a"]["Status"] = "sql"

    def cut_off(_writes: object) -> None:
        firm.crm.records["a"]["Status"] = None
        raise RunStopped("the connection ended")

    firm.crm.before_push = cut_off
    assert firm.run().outcomes == {"a": "not_reached"}
    firm.crm.before_push = lambda _: None
    assert [change.lead for change in firm.run(dry_run=True).changes] == ["a"], (
        "the way back would be gone to its end"
    )
    hold(firm, "a")
    plan = firm.run()
    assert [change.lead for change in plan.changes] == []
    assert firm.crm.records["a"]["Status"] is None


@pytest.mark.parametrize("selected", broadly([{"limit": 1}, {"criteria": ("called_by_bdr",)}, {"only": "stage"}]))
def test_a_returned_lead_whose_wait_is_over_is_handed_off_again_though_a_pilot_came_first(
    founded: Callable[..., Firm], selected: Any
) -> None:
    """The pilot leaves it out: it may not take note of what has to follow, either."""
    firm = founded(policy=RETURNING, mapping=ANSWERED)
    for record in firm.crm.records.values():
        record["Answer"] = None
    firm.crm.records["c"]["Heat"] = "hot"
    firm.run()
    firm.crm.records["c"]["Answer"] = "Back"
    firm.run()
    assert firm.owners()["c"] == "bea"
    firm.run()
    firm.now += timedelta(days=3)
    firm.did("a", "call")
    pilot = firm.run(aim=Chosen(**selected))
    assert [change.lead for change in pilot.changes] == ["a"]
    assert "c" in [change.lead for change in firm.run().changes]
    assert firm.owners()["c"] in {"ann", "abe"}


@pytest.mark.parametrize("only", ["owner", "fields"])
def test_so_many_changes_are_changes_of_the_part_that_is_asked_for(founded: Callable[..., Firm], only: Any) -> None:
    """A lead of which that part stays is not one of the first."""
    written = MAPPING + "write: {scores: {heat: Points}}\n"
    scored = POLICY.replace(
        "\ncriteria:",
        "\nscores: {heat: {rules: [{when: {fact: heat, is: hot}, points: 9}]}}\npriority: heat\ncriteria:",
    )
    firm = founded(policy=scored, mapping=written)
    for record in firm.crm.records.values():
        record["Points"] = None
    firm.crm.records["a"] |= {"Heat": "hot", "OwnerId": "ann"}
    firm.did("b", "call")
    plan = firm.run(aim=Chosen(limit=1, only=only), dry_run=True)
    assert [change.lead for change in plan.changes] == [{"owner": "b", "fields": "c"}[only]]


def test_a_turn_that_waits_for_somebody_who_was_taken_out_of_the_roster_is_given_back(firm: Firm) -> None:
    """Counters are the turns that entries hold, also of who is not there any more: they may come back."""
    firm.crm.records["a"]["Heat"] = "hot"
    firm.crm.lost_answers = {"a": False}
    assert firm.run().outcomes == {"a": "not_reached"}
    firm.crm.lost_answers = {}
    firm.texts = {"roster": without("ann", "ae")}
    assert (firm.run().outcomes, firm.owners()["a"]) == ({"a": "written"}, "abe")
    turns = firm.store.journal.turns(firm.name)
    assert {turn: it.count for turn, it in turns.items() if it.count} == held_turns(firm.store, firm.name)
    firm.texts = {}
    firm.crm.records["b"]["Heat"] = "hot"
    assert (firm.run().outcomes, firm.owners()["b"]) == ({"b": "written"}, "ann"), "she has had no turn yet"


def test_a_lead_on_its_way_back_to_somebody_who_was_taken_out_of_the_roster_arrives(
    founded: Callable[..., Firm],
) -> None:
    firm = founded(policy=RETURNING, mapping=ANSWERED)
    for record in firm.crm.records.values():
        record["Answer"] = None
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run()
    firm.crm.records["a"]["Answer"] = "Back"
    firm.crm.lost_answers = {"a": False}
    assert firm.run().outcomes == {"a": "not_reached"}
    firm.crm.lost_answers = {}
    firm.texts = {**firm.texts, "roster": without("bea", "bdr")}
    assert (firm.run().outcomes, firm.owners()["a"]) == ({"a": "written"}, "bea")
    assert ("direct", "bea") not in held_turns(firm.store, firm.name)


def without(user: str, role: str) -> str:
    """The roster when somebody has been taken out."""
    return ROSTER.replace(f"  - {{user: {user}, role: {role}}}\n", "")
