"""Runs that a guard stops, and how they go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from small_firm import LEADS, Firm, heat

from crmsync.model import Plan
from crmsync.run import story
from suite.breadth import broadly

A_DAY = timedelta(days=1)


def test_a_breached_guard_is_told_and_nothing_is_written(firm: Firm) -> None:
    heat(firm, *LEADS)
    plan = firm.run(allowed=2)
    assert (plan.exit_code, len(plan.changes), firm.crm.log) == (3, 3, [])
    assert firm.store.journal.entries(firm.name) == (), "what is not written is not intended"
    assert firm.store.runs.last(firm.name)[0].exit_code == 3
    assert firm.run(allowed=3).exit_code == 0


def test_a_fact_that_is_suddenly_unknown_stops_until_it_is_mended_or_let_through(firm: Firm) -> None:
    firm.guards = {"floor": 1, "changed_share": 1.0}
    firm.run()
    for lead in LEADS:
        firm.crm.records[lead]["Heat"] = None
    firm.run()  # only what changed is read: not all leads are looked at
    assert unknown(firm.run(dry_run=True, full=True)) == [(3, 0)]
    assert unknown(firm.run()) == [(3, 0)], "the next run does not believe it either, and reads everything again"
    assert "a guard has stopped the last run for what it read: all records are read again" in firm.last.notes
    assert firm.last.exit_code == 3
    assert unknown(firm.run("bea", dry_run=True)) == []
    assert unknown(firm.run()) == [(3, 0)], "nor after a run that could not tell"
    firm.run(dry_run=True, allowed_guards={"unknown": 3})
    assert unknown(firm.run()) == [(3, 0)], "a look through the guard teaches nothing"
    heat(firm, *LEADS)
    assert unknown(firm.run()) == []
    assert firm.last.counts["read"] == 3
    assert firm.run().counts["read"] == 3, "memory reads everything each time; but nothing more is told"
    assert firm.last.notes == ()


def test_what_was_let_through_is_the_measure_of_later_runs(firm: Firm) -> None:
    firm.guards = {"floor": 1, "changed_share": 1.0}
    firm.run()
    for lead in LEADS:
        firm.crm.records[lead]["Heat"] = None
    assert unknown(firm.run(full=True)) == [(3, 0)]
    assert firm.run(full=True, allowed_guards={"unknown": 3}).exit_code == 0
    assert unknown(firm.run(full=True)) == []


@pytest.mark.parametrize("doubted", broadly([False, True]))
def test_what_no_guard_has_looked_at_is_read_again(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, *, doubted: bool
) -> None:
    """Somebody ends a run between reading and planning: what it read is stored, and no guard has believed it."""
    firm.guards = {"floor": 1, "changed_share": 1.0}
    firm.run()
    for lead in LEADS:
        firm.crm.records[lead]["Heat"] = None
    if doubted:
        assert unknown(firm.run(full=True)) == [(3, 0)]
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(story, "_planned", _ended_by(KeyboardInterrupt()))
        firm.run(full=not doubted)
    assert unknown(firm.run()) == [(3, 0)]
    assert "a run has ended before what it read was looked at: all records are read again" in firm.last.notes
    heat(firm, *LEADS)
    assert (firm.run().exit_code, firm.run().notes) == (0, ())


def test_a_run_that_ends_as_nobody_foresaw_was_not_killed(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "_planned", _ended_by(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        firm.run()
    [ran] = firm.store.runs.last(firm.name)
    assert (ran.exit_code, ran.ended_at) == (1, firm.now)


def _ended_by(error: BaseException) -> Callable[..., None]:
    def raised(*_: object) -> None:
        raise error

    return raised


def unknown(plan: Plan) -> list[tuple[float, float]]:
    """Value and limit of facts that are breached for being unknown."""
    return [(guard.value, guard.limit) for guard in plan.guards if guard.name == "unknown" and guard.breached]


def test_activities_that_are_no_longer_seen_stop_a_full_reading(firm: Firm) -> None:
    firm.guards = {"floor": 1, "changed_share": 1.0}
    for number in range(4):
        firm.did("a", "call", at=firm.now - number * A_DAY)
    firm.run()
    kept, firm.crm.activities = firm.crm.activities, {}
    plan = firm.run(full=True)
    assert [(guard.name, guard.value, guard.limit) for guard in plan.guards if guard.breached] == [
        ("few_activities", 0, 2)
    ]
    assert firm.run().exit_code == 3
    firm.crm.activities = kept
    assert firm.run().exit_code == 0


def test_a_plan_that_the_days_calls_do_not_suffice_for_is_not_begun(firm: Firm) -> None:
    heat(firm, *LEADS)
    firm.crm.calls_left = 5
    plan = firm.run()
    assert [(guard.name, guard.value, guard.limit) for guard in plan.guards if guard.breached] == [("calls", 6, 4)]
    assert firm.crm.log == []
    assert firm.run(allowed_guards={"calls": 6}).exit_code == 0


def test_when_every_lead_stands_where_the_mapping_names_nothing_a_guard_says_so(firm: Firm) -> None:
    for lead in "abc":
        firm.crm.records[lead]["Status"] = "odd"
    plan = firm.run()
    guard = plan.guards[0]
    assert (guard.name, guard.breached, plan.exit_code) == ("all_unmanaged", True, 3)
    assert "`stage: values:`" in guard.way_on
    assert plan.notes[-1].startswith("every lead is in a stage that the mapping does not name")
    firm.crm.records["a"]["Status"] = "mql"
    assert not any(guard.breached for guard in firm.run().guards)
