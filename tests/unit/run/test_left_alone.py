"""Leads that people keep for themselves: decided, told, due again the day after, and not changed in anything."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from small_firm import MAPPING, MONDAY, POLICY, Firm
from sqlalchemy import update

from crmsync.qualify.language.ladder import Movement
from crmsync.run.left_alone import CAUSES, LeftAlone, counted, kept, notes, stopped
from crmsync.store import Hold, Overruled, Overruling, Pulled
from crmsync.store.encoding import day_number
from crmsync.store.left_alone import note
from crmsync.store.tables import leads
from crmsync.testing import store_frames
from crmsync.tongue import ENGLISH

DAY = MONDAY.date()
A_DAY = timedelta(days=1)
PINNED = MAPPING.replace("lead: {", "lead: {leave_alone: {Bdr: [legal]}, ")


def hold(firm: Firm, lead: str, until: date, why: str = "legal looks at it") -> None:
    firm.store.left_alone.hold(firm.name, Hold(lead, until, why, "ada", MONDAY))


def heat(firm: Firm, *names: str) -> None:
    for lead in names:
        firm.crm.records[lead]["Heat"] = "hot"


def test_what_people_wrote_is_no_code_within_a_sentence_of_ours() -> None:
    """It would stand there as a command, or lead to its page."""
    held = LeftAlone("a", "held", "`crmsync undo 1` first", DAY)
    [note] = notes((held,), None, "c")  # type: ignore[arg-type]
    for told in (held.words, held.told(ENGLISH, with_command=False)):
        assert "'crmsync undo 1' first" in told
        assert "`" not in told
    assert note.endswith("(a until 2026-11-16) → `crmsync holds` says why"), "and no word of theirs"
    assert held.to_json()["why"] == "`crmsync undo 1` first"


@pytest.mark.parametrize("hands_off_days", [0, 2, 36_500])
def test_those_that_are_left_alone_are_counted_as_they_are_told(founded, hands_off_days: int) -> None:
    """Each once, for the cause that counts, however many it has. Holds that are over and old undos are none."""
    firm = founded(mapping=PINNED)
    undone_on = (None, DAY, DAY - 2 * A_DAY, DAY - 3 * A_DAY)
    every = list(itertools.product((False, True), (None, False, True), (False, True), undone_on))
    names = {f"x{place:02}": each for place, each in enumerate(every)}
    firm.store.facts.remember(
        firm.name, [Pulled(leads=store_frames.leads(*map(store_frames.lead, names)))], today=DAY
    )
    number = firm.store._numbers[firm.name]
    with firm.store._database.writing() as at:
        for name, (_, pinned, given_in, undone) in names.items():
            day = None if undone is None else day_number(undone)
            at.execute(update(leads).where(leads.c.lead == name).values(pinned=pinned, undone_on=day))
            if given_in:
                note(at, number, [Overruling(name, "stage", "sql", "mql")] * 3, day_number(DAY))
    for name, (held, *_) in names.items():
        if held:
            hold(firm, name, DAY)
    hold(firm, "x01", DAY - A_DAY)
    movement = Movement(tug_of_war=3, hands_off_days=hands_off_days)
    told = kept(firm.name, firm.prepared.mapping, movement, firm.store, DAY)
    counts, given_in = counted(firm.name, movement, firm.store, DAY)
    assert counts == {cause: sum(each.cause == cause for each in told.values()) for cause in CAUSES}
    assert given_in == sorted(name for name, each in told.items() if each.cause == "stopped")
    assert all(counts[cause] for cause in CAUSES if cause != "undone" or hands_off_days)


def test_a_held_lead_is_decided_and_not_changed_and_due_the_day_after(firm: Firm) -> None:
    heat(firm, "a", "b")
    hold(firm, "a", DAY + A_DAY)
    plan = firm.run()
    assert [change.lead for change in plan.changes] == ["b"]
    assert (plan.counts["decided"], plan.counts["left_alone"], plan.exit_code) == (3, 1, 0)
    assert f"1 lead is held and left alone (a until {DAY + A_DAY}) → `crmsync holds` says why" in plan.notes
    decision = firm.store.history.decisions(firm.name, ["a"])["a"]
    assert (decision.stage, decision.earned_stage, decision.review_day) == ("mql", "sql", DAY + 2 * A_DAY)
    assert decision.details["stage_why"] == "left_alone"
    assert firm.owners() == {"a": "bea", "b": "ann", "c": "bea"}, "no turn was taken for it"
    assert firm.run(full=True).changes == ()
    firm.now += A_DAY
    assert firm.run().counts["decided"] == 0
    firm.now += A_DAY
    assert firm.run().outcomes == {"a": "written"}
    assert firm.owners()["a"] == "abe"


def test_a_released_lead_is_looked_at_at_once(firm: Firm) -> None:
    heat(firm, "a")
    hold(firm, "a", DAY + 30 * A_DAY)
    assert firm.run().changes == ()
    firm.store.left_alone.release(firm.name, "a", now=MONDAY)
    assert firm.run().outcomes == {"a": "written"}


def test_a_pinned_lead_is_left_alone_until_the_pin_is_taken_out(founded) -> None:
    firm = founded(mapping=PINNED)
    heat(firm, "a")
    firm.crm.records["a"]["Bdr"] = "legal"
    plan = firm.run()
    assert (plan.changes, plan.counts["left_alone"]) == ((), 1)
    assert "1 lead is pinned in the CRM by Bdr and left alone (a)" in plan.notes
    firm.crm.records["a"]["Bdr"] = "bob"
    assert firm.run().outcomes == {"a": "written"}


def test_the_leads_of_somebody_who_leaves_are_left_alone_too(firm: Firm) -> None:
    firm.run()
    hold(firm, "a", DAY)
    plan = firm.run("bea")
    assert {change.lead for change in plan.changes} == {"b", "c"}
    assert sum("held and left alone (a" in note for note in plan.notes) == 1
    assert not any("by the roster's rules" in note for note in plan.notes)


def test_no_step_of_a_hand_off_is_taken(founded) -> None:
    watched = POLICY.replace("task: {subject: Call}", "task: {subject: Call}, first_touch: {within_hours: 1, "
                             "remind_after_hours: 1}")  # fmt: skip
    firm = founded(policy=watched)
    heat(firm, "a", "b")
    firm.run()
    hold(firm, "a", DAY + A_DAY)
    firm.now += timedelta(hours=3)
    plan = firm.run()
    assert [(change.lead, change.hand_off.move) for change in plan.changes if change.hand_off] == [("b", "reminded")]


def test_a_workflow_that_always_rewrites_is_overruled_three_times_and_then_left_alone(firm: Firm) -> None:
    """Our value never holds: each run says so, and the fourth does not try."""
    heat(firm, "a", "b")
    firm.crm.rewrites = {"a": {"Status": "mql"}}
    ends = []
    for _ in range(6):
        plan = firm.run()
        ends.append((plan.outcomes.get("a"), plan.exit_code))
    assert ends == [("did_not_stick", 4)] * 3 + [(None, 0)] * 3
    noted = firm.store.left_alone.overruled(firm.name)
    assert [each.what for each in noted] == [Overruling("a", "stage", "sql", "mql")] * 3
    [told] = [note for note in firm.run(full=True).notes if "stopped" in note]
    assert told.startswith("1 lead is stopped and left alone, because somebody else replaces what crmsync writes (a)")
    firm.store.left_alone.release(firm.name, "a", now=MONDAY)
    firm.crm.rewrites = {}
    assert firm.run().outcomes == {"a": "written"}


@pytest.mark.breadth
def test_somebody_who_replaces_our_owner_later_is_overruled_three_times(founded) -> None:
    """Each time after our write has held: the next reading finds it."""
    firm = founded(policy=POLICY.replace("hands_off_days: 2, ", ""))
    heat(firm, "a")
    written = 0
    for _ in range(6):
        written += firm.run().outcomes.get("a") == "written"
        firm.crm.records["a"]["OwnerId"] = "bea"
    assert written == 3
    noted = firm.store.left_alone.overruled(firm.name)
    assert [(each.what.part, each.what.theirs) for each in noted] == [("owner", "bea")] * 3
    assert firm.run(full=True).changes == ()


def test_a_person_who_is_faster_than_our_write_is_noted(firm: Firm) -> None:
    heat(firm, "a")
    firm.crm.tells_what_it_met = True
    firm.crm.before_push = lambda writes: firm.crm.records["a"].update(OwnerId="eve")
    assert firm.run().outcomes == {"a": "conflict"}
    [noted] = firm.store.left_alone.overruled(firm.name)
    assert (noted.what.part, noted.what.theirs, noted.day) == ("owner", "eve", DAY)


def replaced(*days: int, part: str = "stage", lead: str = "a") -> list[Overruled]:
    return [
        Overruled(number, Overruling(lead, part, "sql", "mql"), DAY + day * A_DAY, None, None)  # type: ignore[arg-type]
        for number, day in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("days", "stops"),
    [
        ((), False),
        ((0, 1), False),
        ((0, 1, 10), True),
        ((0, 1, 11), False),
        ((0, 0, 0), True),
        ((0, 20, 25, 30), True),
        ((0, 1, 2, 300), True),
    ],
)
def test_three_times_within_ten_days_stop_a_lead(days: tuple[int, ...], stops: bool) -> None:
    found = stopped(replaced(*days), Movement(tug_of_war=3, tug_of_war_days=10))
    assert set(found) == ({"a"} if stops else set())
    assert stopped(replaced(*days), Movement(tug_of_war=None)) == {}


def test_stage_and_owner_are_two_wars() -> None:
    once_each = [*replaced(0, 1), *replaced(0, 1, part="owner"), *replaced(0, lead="b")]
    assert stopped(once_each, Movement()) == {}
    [told] = stopped([*once_each, *replaced(2, part="owner")], Movement()).values()
    assert told.words == (
        f"stopped, because its owner was replaced 3 times, last on {DAY + 2 * A_DAY}; "
        "`crmsync hold a --release` lets crmsync go on"
    )


def test_many_are_told_by_their_number(firm: Firm) -> None:
    many = [LeftAlone(f"{number}", "pinned", "Bdr") for number in range(9)]
    [told] = notes(many, firm.prepared.mapping, "c")
    assert told.startswith("9 leads are pinned") and told.endswith("(0, 1, 2, …)")
