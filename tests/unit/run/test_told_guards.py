"""What runs of tellings change together is held against the limits of one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from small_firm import Firm

from crmsync.model import Plan
from crmsync.run.aims.chosen import Chosen
from crmsync.run.aims.told import ToldLeads
from crmsync.store import ToldRecord
from suite.breadth import broadly

HALF: Mapping[str, Any] = {"floor": 2, "changed_share": 0.5}


def told(firm: Firm, lead: str) -> Plan:
    """The lead has become hot, and the CRM tells it."""
    firm.crm.records[lead]["Heat"] = "hot"
    firm.store.tellings.take_in(firm.name, [ToldRecord("Lead", lead)], now=firm.now)
    waiting = firm.store.tellings.waiting(firm.name, limit=9)
    plan = firm.run(aim=ToldLeads(waiting))
    firm.store.tellings.were_read(firm.name, waiting)
    return plan


def breached(plan: Plan) -> list[str]:
    return [guard.name for guard in plan.guards if guard.breached]


@pytest.fixture
def resting(firm: Firm) -> Firm:
    firm.run()
    return firm


def test_one_after_the_other_they_may_not_change_more_than_one_run_may(resting: Firm) -> None:
    resting.guards = HALF
    first, second, third = told(resting, "a"), told(resting, "b"), told(resting, "c")
    assert [breached(plan) for plan in (first, second, third)] == [[], ["changed_share"], ["changed_share"]]
    assert [resting.crm.records[lead]["Status"] for lead in "abc"] == ["sql", "mql", "mql"]


@pytest.mark.parametrize(
    ("guard", "fit"), broadly([("stage_changes", 1), ("owner_changes", 1), ("per_receiver", 2)], core=2)
)
def test_nor_more_of_one_kind(resting: Firm, guard: str, fit: int) -> None:
    """Two receive in turn, so that the third lead is the first one's receiver's second."""
    resting.guards = {guard: {"number": 1}}
    found = [breached(told(resting, lead)) for lead in "abc"]
    assert found == [[]] * fit + [[guard]] * (3 - fit)


@pytest.mark.breadth
def test_what_was_stopped_is_left_to_a_run_that_looks_at_everybody(resting: Firm) -> None:
    resting.guards = HALF
    told(resting, "a")
    told(resting, "b")
    usual = resting.run()
    assert (breached(usual), usual.outcomes) == ([], {"b": "written"})
    assert breached(told(resting, "c")) == [], "from here on it is counted anew"


def test_a_look_that_writes_nothing_does_not_begin_anew(resting: Firm) -> None:
    resting.guards = HALF
    told(resting, "a")
    resting.run(dry_run=True)
    assert breached(told(resting, "b")) == ["changed_share"]


def test_nor_does_a_part_of_a_run(resting: Firm) -> None:
    """A pilot of one lead, and one that has nothing to write."""
    resting.guards = HALF
    told(resting, "a")
    resting.run(aim=Chosen(names=("c",)))
    resting.run(aim=Chosen(limit=1))
    assert resting.store.runs.last_to_write(resting.name) != resting.store.runs.last_of_everybody(resting.name)
    assert breached(told(resting, "b")) == ["changed_share"]
    resting.run()
    assert breached(told(resting, "c")) == [], "from here on it is counted anew"
