"""What a run wrote, taken back: where the CRM still holds it, with counters, hand-offs and hands-off time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from small_firm import LEADS, POLICY, ROSTER, Firm

from crmsync.contract import Closing
from crmsync.errors import RunStopped, UsageError
from crmsync.model import Plan
from crmsync.plan.reversing import THINNED
from crmsync.run.aims.undoing import Undoing
from crmsync.store import Hold, OlderThan, standing_moves
from crmsync.testing.store_steps import held_turns
from suite.breadth import broadly


def undo(firm: Firm, run: int | None, *, dry_run: bool = False, **more: Any) -> Plan:
    assert run is not None
    return firm.run(dry_run=dry_run, aim=Undoing(run, **more))


def counted(firm: Firm) -> dict[Any, tuple[int, Any, Any]]:
    """Turns and what the rotation knows, without the day's numbers."""
    turns = firm.store.journal.turns(firm.name)
    return {key: (it.count, it.state.get("lag")) for key, it in turns.items() if it.count}


@pytest.fixture
def handed(firm: Firm) -> Firm:
    """The lead `a` is hot, and `b`: both were handed off."""
    firm.crm.closings["Task"] = Closing("Status", "done", frozenset({"done"}))
    firm.run(dry_run=True)
    for lead in ("a", "b"):
        firm.crm.records[lead]["Heat"] = "hot"
    return firm


def standing(firm: Firm) -> dict[str, dict[str, str | None]]:
    return {name: dict(values) for name, values in firm.crm.records.items()}


def test_everything_that_the_run_wrote_is_given_back(handed: Firm) -> None:
    before = standing(handed)
    ran = handed.run()
    assert {change.lead for change in ran.changes} == {"a", "b"}
    assert standing(handed) != before
    plan = undo(handed, ran.run_id)
    assert standing(handed) == before
    assert plan.undo_of == ran.run_id
    assert "2 Task are closed, not deleted" in plan.notes
    assert set(plan.outcomes.values()) == {"written"}
    assert plan.exit_code == 0
    assert counted(handed) == {}
    assert {values.get("Status") for values in handed.crm.created.values()} == {"done"}
    assert [it.ended_by for it in handed.store.hand_offs.read(handed.name)] == ["undone", "undone"]


def test_a_task_that_is_there_and_cannot_be_read_is_told_and_closed_by_the_next_undo(handed: Firm) -> None:
    before = standing(handed)
    ran = handed.run()
    [torn, _] = handed.crm.created
    handed.crm.torn = {torn}
    plan = undo(handed, ran.run_id)
    assert standing(handed) == before
    assert "1 Task is closed, not deleted" in plan.notes
    [aside] = plan.set_aside
    way_on = f"`crmsync undo {ran.run_id}` looks at it again"
    assert aside.reason == f"Task {torn} could not be read and stays as it is: {way_on}"
    assert plan.exit_code == 4
    handed.crm.torn.clear()
    again = undo(handed, ran.run_id)
    assert [record.id for change in again.changes for record in change.records] == [torn]
    assert {values.get("Status") for values in handed.crm.created.values()} == {"done"}
    assert again.set_aside == ()


def test_the_next_run_leaves_it_alone_for_the_hands_off_time_and_says_so(handed: Firm) -> None:
    ran = handed.run()
    undo(handed, ran.run_id)
    for full in (False, True):
        plan = handed.run(full=full)
        assert plan.changes == ()
        assert any("taken back" in note for note in plan.notes)
        assert plan.counts["left_alone"] == 2
        handed.now += timedelta(days=1)
    handed.now += timedelta(days=1)
    assert {change.lead for change in handed.run().changes} == {"a", "b"}


@pytest.mark.breadth
def test_twice_is_nothing(handed: Firm) -> None:
    ran = handed.run()
    undo(handed, ran.run_id)
    logged = len(handed.crm.log)
    again = undo(handed, ran.run_id)
    assert (again.changes, again.set_aside, again.exit_code) == ((), (), 0)
    assert len(handed.crm.log) == logged
    assert any("hold already what was there before" in note for note in again.notes)


def test_an_undo_is_undone(handed: Firm) -> None:
    before = standing(handed)
    ran = handed.run()
    wrote, turns = standing(handed), counted(handed)
    taken = undo(handed, ran.run_id)
    put = undo(handed, taken.run_id)
    assert standing(handed) == wrote
    assert counted(handed) == turns
    assert put.undo_of == taken.run_id
    assert [it.ended_by for it in handed.store.hand_offs.read(handed.name)] == [None, None]
    assert {values.get("Status") for values in handed.crm.created.values()} == {None}
    for full in (False, True):
        plan = handed.run(full=full)
        assert (plan.changes, plan.counts["left_alone"]) == ((), 0)
    undo(handed, put.run_id)
    assert standing(handed) == before
    assert counted(handed) == {}


@pytest.mark.parametrize("days", broadly([2, 0]))
def test_a_stage_that_is_taken_back_and_put_back_ends_no_hand_off(handed: Firm, days: int) -> None:
    """A run in between leaves the lead alone, its hand-off as well; without such days nothing runs in between."""
    handed.texts = {"policy": POLICY.replace("hands_off_days: 2", f"hands_off_days: {days}")}
    ran = handed.run()
    wrote = standing(handed)
    taken = undo(handed, ran.run_id, only="stage")
    for full in (False, True) if days else ():
        assert handed.run(full=full).changes == ()
    undo(handed, taken.run_id)
    assert standing(handed) == wrote
    assert [it.ended_by for it in handed.store.hand_offs.read(handed.name)] == [None, None]


def test_a_hand_off_ends_with_the_hands_off_time_of_its_stage(handed: Firm) -> None:
    ran = handed.run()
    undo(handed, ran.run_id, only="stage")
    for lead in ("a", "b"):
        handed.crm.records[lead]["Heat"] = "cold"
    handed.run()
    assert [it.ended_by for it in handed.store.hand_offs.read(handed.name)] == [None, None]
    handed.now += timedelta(days=4)
    handed.run()
    assert [it.ended_by for it in handed.store.hand_offs.read(handed.name)] == ["left_ladder"] * 2


@pytest.mark.parametrize("order", broadly(["one undo, half of it put back", "two undos, one put back"]))
def test_what_is_put_back_ends_no_hands_off_time_of_what_stays_taken_back(handed: Firm, order: str) -> None:
    ran = handed.run()
    wrote = standing(handed)
    if order == "two undos, one put back":
        stages = undo(handed, ran.run_id, only="stage")
        undo(handed, ran.run_id, only="owner")
        put = undo(handed, stages.run_id)
    else:
        taken = undo(handed, ran.run_id)
        put = undo(handed, taken.run_id, only="stage")
    assert (set(put.outcomes.values()), put.exit_code) == ({"written"}, 0)
    held = standing(handed)
    assert {lead: (held[lead]["Status"], held[lead]["OwnerId"]) for lead in ("a", "b")} == {
        "a": ("sql", "bea"),
        "b": ("sql", "bea"),
    }
    for full in (False, True):
        plan = handed.run(full=full)
        assert (plan.changes, plan.counts["left_alone"]) == ((), 2), "the owners stay as the undo left them"
    if order == "one undo, half of it put back":
        undo(handed, taken.run_id)
        assert standing(handed) == wrote
        assert handed.run().counts["left_alone"] == 0


def test_what_somebody_changed_since_stays_and_is_told(handed: Firm) -> None:
    ran = handed.run()
    handed.crm.records["a"]["OwnerId"] = "eve"
    handed.crm.records["b"]["Status"] = "won"
    taken = undo(handed, ran.run_id)
    assert handed.crm.records["a"]["OwnerId"] == "eve"
    assert handed.crm.records["a"]["Status"] == "mql", "the stage was still the run's"
    assert (handed.crm.records["b"]["OwnerId"], handed.crm.records["b"]["Status"]) == ("bea", "won")
    told = {item.lead: item.reason for item in taken.set_aside}
    assert "OwnerId is eve by now" in told["a"]
    assert "Status is won by now, not sql" in told["b"]
    assert taken.exit_code == 4


def test_parts_and_leads(handed: Firm) -> None:
    ran = handed.run()
    owners = handed.owners()
    undo(handed, ran.run_id, only="stage", names=("a",))
    assert [handed.crm.records[name]["Status"] for name in LEADS] == ["mql", "sql", "mql"]
    assert handed.owners() == owners
    undo(handed, ran.run_id, only="owner")
    assert set(handed.owners().values()) == {"bea"}
    assert [handed.crm.records[name]["Status"] for name in LEADS] == ["mql", "sql", "mql"]
    assert counted(handed) == {}


def test_a_lead_that_is_left_alone_stays(handed: Firm) -> None:
    ran = handed.run()
    until = handed.now.date() + timedelta(days=3)
    handed.store.left_alone.hold(handed.name, Hold("a", until, "a reason", None, handed.now))
    taken = undo(handed, ran.run_id)
    assert handed.crm.records["a"]["Status"] == "sql"
    assert {item.lead for item in taken.set_aside} == {"a"}
    assert [change.lead for change in taken.changes] == ["b"]


PROCESS = POLICY.replace(
    "hand_off: {stage: sql, task: {subject: Call}}",
    """hand_off:
  stage: sql
  task: {subject: Call, returned_by: [declined]}
  first_touch: {within_hours: 2, remind_after_hours: 2, reassign_after_hours: 6, kinds: [call]}
  returned: {to: bdr, at_most: 3}
""",
)


def ways(firm: Firm) -> list[tuple[str, int, str | None, bool, bool]]:
    """Of each hand-off: receiver, number, how it ended, whether it came back, whether its receiver was reminded."""
    rows = firm.store.hand_offs.read(firm.name)
    return [(it.receiver, it.attempt, it.ended_by, bool(it.returned_at), bool(it.reminded_at)) for it in rows]


@pytest.mark.parametrize("move", broadly(["reminded", "reassigned", "returned"]))
def test_every_step_of_a_hand_off_goes_back(founded: Callable[..., Firm], move: str) -> None:
    firm = founded(policy=PROCESS)
    firm.crm.closings["Task"] = Closing("Status", "done", frozenset({"done"}))
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run()
    owner = firm.owners()["a"]
    if move == "returned":
        [task] = firm.crm.created
        firm.crm.created[task] |= {"At": firm.now.isoformat(), "Kind": "task", "Outcome": "declined"}
    firm.now += timedelta(hours={"reminded": 3, "reassigned": 7, "returned": 1}[move])
    before, stood, counts = standing(firm), ways(firm), len(firm.store.journal.open_credits(firm.name))
    ran = firm.run()
    assert [change.hand_off and change.hand_off.move for change in ran.changes] == [move]
    wrote, went = standing(firm), ways(firm)
    taken = undo(firm, ran.run_id)
    assert (standing(firm), firm.owners()["a"]) == (before, owner)
    assert [each for each in ways(firm) if each[2] != "undone"] == stood
    assert len(firm.store.journal.open_credits(firm.name)) == counts
    closed = [task for task in firm.crm.created.values() if task.get("Status") == "done"]
    assert len(closed) == sum(len(change.creates) for change in ran.changes)
    assert firm.run().changes == (), "hands are off"
    undo(firm, taken.run_id)
    assert (standing(firm), ways(firm)) == (wrote, went)


def test_what_was_still_meant_to_be_written_is_given_up(handed: Firm) -> None:
    def dies(writes: Any) -> None:
        raise RunStopped("the connection ended")

    before = standing(handed)
    handed.crm.before_push = dies
    ran = handed.run()
    assert set(ran.outcomes.values()) == {"not_reached"}
    assert counted(handed) != {}
    handed.crm.before_push = lambda _: None
    taken = undo(handed, ran.run_id)
    assert (standing(handed), counted(handed), set(taken.outcomes.values())) == (before, {}, {"unchanged"})
    assert handed.store.journal.pending(handed.name) == ()
    assert handed.run().changes == ()


def test_an_undo_that_was_cut_off_is_finished_by_another(handed: Firm) -> None:
    before = standing(handed)
    ran = handed.run()
    handed.crm.lost_answers = {"a": True, "b": False}
    cut = undo(handed, ran.run_id)
    assert cut.outcomes["b"] == "not_reached"
    handed.crm.lost_answers = {}
    undo(handed, ran.run_id)
    assert (standing(handed), counted(handed)) == (before, {})
    assert [it.ended_by for it in handed.store.hand_offs.read(handed.name)] == ["undone", "undone"]


def test_the_stage_is_as_old_as_it_was_and_attempts_do_not_count(handed: Firm) -> None:
    handed.now += timedelta(days=4)
    ran = handed.run()
    undo(handed, ran.run_id)
    moves = handed.store.history.stages_of(handed.name, "a")
    assert [move.cause for move in moves] == ["crmsync", "undone"]
    assert standing_moves(moves) == []
    handed.now += timedelta(days=3)
    handed.run()
    assert [move.attempt for move in handed.store.history.stages_of(handed.name, "a")][-1] == 1


@pytest.mark.breadth
def test_a_policy_without_hands_off_time_gives_none_and_the_plan_says_so(founded: Callable[..., Firm]) -> None:
    firm = founded(policy=POLICY.replace("hands_off_days: 2", "hands_off_days: 0"))
    firm.crm.records["a"]["Heat"] = "hot"
    ran = firm.run()
    taken = undo(firm, ran.run_id)
    assert any("may write the same again" in note for note in taken.notes)
    assert [change.lead for change in firm.run().changes] == ["a"]


def test_a_release_lets_crmsync_go_on(handed: Firm) -> None:
    ran = handed.run()
    undo(handed, ran.run_id)
    assert handed.store.left_alone.release(handed.name, "a", now=handed.now) == (0, 0, True)
    assert [change.lead for change in handed.run().changes] == ["a"]


def test_an_owner_who_has_left_gets_nothing_back(handed: Firm) -> None:
    ran = handed.run()
    handed.crm.inactive.add("bea")
    taken = undo(handed, ran.run_id)
    assert "bea" not in {handed.owners()["a"], handed.owners()["b"]}
    assert {handed.crm.records[name]["Status"] for name in ("a", "b")} == {"mql"}
    assert {item.reason for item in taken.set_aside} == {"OwnerId was Bea, who is not active in the CRM any more"}


@pytest.mark.breadth
def test_thinned_detail_is_told(handed: Firm) -> None:
    ran = handed.run()
    later = handed.now + timedelta(days=1)
    handed.store.runs.tidy(handed.name, OlderThan(later, later.date(), later))
    taken = undo(handed, ran.run_id)
    assert taken.changes == ()
    assert {item.reason for item in taken.set_aside} == {THINNED}


def test_gone_leads_are_set_aside(handed: Firm) -> None:
    ran = handed.run()
    handed.crm.remove("a", "merged into b")
    taken = undo(handed, ran.run_id, dry_run=True)
    assert {item.lead: item.reason for item in taken.set_aside} == {"a": "no longer in the CRM (merged into b)"}


@pytest.mark.parametrize("run", [10_000_000])
def test_no_such_run(firm: Firm, run: int) -> None:
    with pytest.raises(UsageError, match="has no run"):
        undo(firm, run)


def test_a_dry_run_wrote_nothing(firm: Firm) -> None:
    shown = firm.run(dry_run=True)
    with pytest.raises(UsageError, match="was a dry run"):
        undo(firm, shown.run_id)


def test_a_run_that_wrote_nothing(firm: Firm) -> None:
    ran = firm.run()
    plan = undo(firm, ran.run_id)
    assert (plan.changes, plan.exit_code) == ((), 0)
    assert any("there is nothing to take back" in note for note in plan.notes)


def test_leads_to_which_it_did_not_write(handed: Firm) -> None:
    ran = handed.run()
    with pytest.raises(UsageError, match="written nothing to c"):
        undo(handed, ran.run_id, names=("c",))


def test_a_later_run_has_written_it_since(handed: Firm, founded: Callable[..., Firm]) -> None:
    first = handed.run()
    handed.crm.inactive.add(handed.owners()["a"] or "")
    handed.now += timedelta(days=5)
    second = handed.run()
    assert second.changes
    taken = undo(handed, first.run_id)
    moved = {change.lead for change in second.changes if change.owner_changes}
    told = {item.lead: item.reason for item in taken.set_aside}
    assert moved
    assert all(f"run {second.run_id} has written OwnerId since" in told[lead] for lead in moved)


@pytest.mark.breadth
def test_what_a_later_run_has_written_is_its_own_though_it_is_the_same(handed: Firm) -> None:
    """The run after the hands-off time writes the same values again: they are not the first run's."""
    first = handed.run()
    undo(handed, first.run_id)
    handed.now += timedelta(days=5)
    again = handed.run()
    wrote = standing(handed)
    taken = undo(handed, first.run_id)
    assert (standing(handed), taken.changes) == (wrote, ())
    assert all(f"run {again.run_id} has written" in item.reason for item in taken.set_aside)
    assert {item.lead for item in taken.set_aside} == {"a", "b"}


@pytest.mark.breadth
def test_a_redistribution_and_its_run_are_undone_one_after_the_other(handed: Firm) -> None:
    before = standing(handed)
    first = handed.run()
    wrote, counts = standing(handed), counted(handed)
    moved = handed.run("ann")
    assert moved.changes
    undo(handed, moved.run_id)
    assert (standing(handed), counted(handed)) == (wrote, counts)
    undo(handed, first.run_id)
    assert (standing(handed), counted(handed)) == (before, {})


def test_a_lead_without_a_stage_again_is_counted_in_none(firm: Firm) -> None:
    firm.crm.records["a"] |= {"Status": None, "Heat": "hot"}
    ran = firm.run()
    assert "a" in {change.lead for change in ran.changes if change.stage_changes}
    plan = undo(firm, ran.run_id)
    assert firm.crm.records["a"]["Status"] is None
    assert None not in plan.stages


@pytest.mark.parametrize("counted", broadly([False, True]))
def test_a_return_that_is_undone_is_a_turn_again(founded: Callable[..., Firm], *, counted: bool) -> None:
    """Whether or not a run's counters have taken account of it meanwhile: the next one is somebody else's."""
    firm = founded(policy=PROCESS, roster=f"{ROSTER}credit: [returned]\n")
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run()
    first = firm.owners()["a"]
    [task] = firm.crm.created
    firm.crm.created[task] |= {"At": firm.now.isoformat(), "Kind": "task", "Outcome": "declined"}
    returned = firm.run()
    if counted:
        firm.crm.records["b"]["Heat"] = "hot"
        firm.run()
        assert firm.owners()["b"] == first, "what was returned was no turn"
    undo(firm, returned.run_id)
    firm.crm.records["c"]["Heat"] = "hot"
    firm.run()
    assert firm.owners()["c"] != first
    turns = {turn: it.count for turn, it in firm.store.journal.turns(firm.name).items() if it.count}
    assert turns == held_turns(firm.store, firm.name)
