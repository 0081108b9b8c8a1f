"""What a store remembers of hand-offs. Part of `store_kit`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from crmsync.hand_off import HandOffEvent
from crmsync.model import Change, HandOffStep, NewRecord, Routing
from crmsync.store import Pulled, Settlement
from crmsync.testing.store_frames import DAY, NOW, activities, activity, lead, leads
from crmsync.testing.store_steps import TOMORROW, Stores, activities_of, backward, change, intend, prepare, settle
from crmsync.values import replace

TASK = NewRecord("Task", {"Subject": "Call (hand-off 1)"}, ("Subject",))
LATER = NOW + timedelta(hours=5)

_T = TypeVar("_T")


def handed(name: str, move: str = "handed", owner: str = "anna", attempt: int = 1, **more: Any) -> Change:
    """A step of a hand-off of a lead as `lead(name)` makes it, from the BDR Bob."""
    step = HandOffStep(move, attempt, "bob", **more)  # type: ignore[arg-type]
    return replace(
        change(name, owner=owner), hand_off=step, routing=Routing("their turn", "aes", 0, 1, (("ben", "away"),))
    )


def only(found: Sequence[_T]) -> _T:
    """The one thing that was found."""
    assert len(found) == 1
    return found[0]


class HandOffChecks:
    """Hand-offs under way, records made, credits, and how owners were found."""

    def test_a_hand_off_is_under_way_once_it_has_arrived(self, stores: Stores) -> None:
        """Not before, and not when it was refused."""
        store = stores.open()
        prepare(store, "c")
        intend(store, *(replace(handed(name), creates=(TASK,)) for name in "12"))
        assert store.hand_offs.live("c") == ()
        settle(store, Settlement("1", "written", made=("Task:9",)), Settlement("2", "refused", "no"))
        live = only(stores.open().hand_offs.live("c"))
        record = live.hand_off
        assert (record.lead, record.attempt, record.bdr, record.receiver) == ("1", 1, "bob", "anna")
        assert (record.pool, record.handed_at, record.ended_at) == ("aes", NOW, None)
        assert (live.owner, live.stage, live.returns, live.had_it) == ("anna", "sql", 0, ())

    def test_a_stage_cleared_on_our_way_leaves_its_hand_off_the_stage_before(self, stores: Stores) -> None:
        """The change is not whole yet: nobody has taken the lead off the ladder."""
        store = stores.open()
        prepare(store, "c")
        intend(store, handed("1"))
        settle(store, Settlement("1", "written"))
        intend(store, backward("1", "sql"))
        empty = lead("1", None, owner="anna", stage_native='{"Status":null}')
        store.facts.remember("c", [Pulled(leads=leads(empty))], today=TOMORROW)
        assert only(store.hand_offs.live("c")).stage == "sql"

    def test_what_a_change_said_of_itself_is_kept(self, stores: Stores) -> None:
        """The journal's entry is the change, word for word; the owner's way is told by it."""
        store = stores.open()
        prepare(store, "c")
        wanted = replace(handed("1", reason="wrong region"), creates=(TASK,))
        intend(store, wanted)
        entry = only([each for each in store.journal.pending("c") if each.change.lead == "1"])
        assert entry.change == wanted
        settle(store, Settlement("1", "written"))
        moves = stores.open().history.owner_moves("c", ["1", "2"])
        assert set(moves) == {"1"}
        assert (moves["1"].owner, moves["1"].at, moves["1"].routing) == ("anna", NOW, wanted.routing)

    def test_a_return_waits_and_the_next_hand_off_ends_it(self, stores: Stores) -> None:
        """Each step moves the same row on; who had the lead stays known; a return can be credited once."""
        store = stores.open()
        prepare(store, "c")
        for step in (handed("1"), handed("1", "returned", "bob", reason="wrong region")):
            intend(store, step)
            settle(store, Settlement("1", "written"))
        live = only(store.hand_offs.live("c"))
        assert (live.hand_off.returned_at, live.hand_off.reason) == (NOW, "wrong region")
        assert (live.returns, live.had_it) == (1, ("anna",))
        credit = only(store.journal.open_credits("c"))
        assert (credit.cause, credit.owner, credit.pool) == ("returned", "anna", "aes")
        run = intend(store, handed("1", owner="ben", attempt=2))
        settle(store, Settlement("1", "written"))
        first, second = store.hand_offs.read("c", leads=["1"])
        assert (first.ended_at, first.ended_by) == (NOW, "again")
        assert (second.receiver, second.attempt, second.ended_at) == ("ben", 2, None)
        assert store.hand_offs.attempts("c") == {("1", None): 2}
        store.journal.intend("c", run, (), {}, credits=[credit.id], now=NOW)
        assert store.journal.open_credits("c") == ()

    def test_each_hand_over_counts_for_itself_and_a_later_one_ends_the_former(self, stores: Stores) -> None:
        """Attempts, returns, who had it, and which activities are a touch, are those of one hand-over."""
        store = stores.open()
        prepare(store, "c")
        for step in (
            handed("1", hand_over="to_bdr"),
            handed("1", "reassigned", "ben", 2, hand_over="to_bdr"),
            handed("1", owner="carl", hand_over="to_ae"),
        ):
            intend(store, step)
            settle(store, Settlement("1", "written"))
        told = [(each.hand_over, each.attempt, each.ended_by) for each in store.hand_offs.read("c")]
        assert told == [("to_bdr", 1, "reassigned"), ("to_bdr", 2, "handed_on"), ("to_ae", 1, None)]
        assert store.hand_offs.attempts("c") == {("1", "to_bdr"): 2, ("1", "to_ae"): 1}
        live = only(store.hand_offs.live("c", {"to_bdr": ["call"]}))
        assert (live.hand_off.hand_over, live.returns, live.had_it) == ("to_ae", 0, ())
        call = activity("call", "1", at=NOW + timedelta(hours=1), by="carl")
        store.facts.remember("c", [Pulled(activities=activities(call))], today=DAY)
        assert store.hand_offs.live("c", {"to_bdr": ["call"]})[0].touch is None
        assert store.hand_offs.live("c", {"to_ae": ["call"]})[0].touch == NOW + timedelta(hours=1)

    def test_a_reminder_and_a_lead_passed_on(self, stores: Stores) -> None:
        """The owner stays with the first, and changes with the second."""
        store = stores.open()
        prepare(store, "c")
        for step in (handed("1"), handed("1", "reminded"), handed("1", "reassigned", "ben", 2)):
            intend(store, step)
            settle(store, Settlement("1", "written"))
        first, second = store.hand_offs.read("c")
        assert (first.reminded_at, first.ended_by, first.returned_at) == (NOW, "reassigned", None)
        assert second.receiver == "ben"
        intend(store, handed("1", "passed_on", "carl", 3))
        settle(store, Settlement("1", "written"))
        assert [each.ended_by for each in store.hand_offs.read("c")] == ["reassigned", "returned", None]
        live = only(store.hand_offs.live("c"))
        assert live.had_it == ("anna", "ben")

    def test_a_lead_that_a_timeout_sent_to_a_queue(self, stores: Stores) -> None:
        """The hand-off goes on, knows since when and where, and when its lead was made and came to its stage."""
        store = stores.open()
        prepare(store, "c")
        for step in (handed("1"), handed("1", "queued", "desk")):
            intend(store, step)
            settle(store, Settlement("1", "written"))
        live = only(stores.open().hand_offs.live("c", facts=("budget",)))
        it = live.hand_off
        assert (it.receiver, it.queued_at, it.queue, it.ended_at) == ("anna", NOW, "desk", None)
        assert (live.owner, live.had_it) == ("desk", ("anna",))
        assert (it.created_at, it.staged_on) == (lead("1")["created_at"], TOMORROW - timedelta(days=1))
        assert live.hand_off == only(store.hand_offs.read("c", facts=("budget",)))

    def test_the_first_touch_is_the_receivers_own(self, stores: Stores) -> None:
        """Of a kind asked for, not inbound, not before the hand-off; a day without a time counts from its end."""
        store = stores.open()
        prepare(store, "c")
        intend(store, handed("1"))
        settle(store, Settlement("1", "written"))
        hour = timedelta(hours=1)
        no_touch = (
            activity("early", "1", at=NOW - hour, by="anna"),
            activity("in", "1", at=NOW + hour, by="anna", direction="inbound"),
            activity("ben", "1", at=NOW + hour, by="ben"),
            activity("note", "1", kind="note", at=NOW + hour, by="anna"),
            activity("elsewhere", "2", at=NOW + hour, by="anna"),
        )
        store.facts.remember("c", [Pulled(activities=activities(*no_touch))], today=DAY)
        assert store.hand_offs.live("c", {None: ["call"]})[0].touch is None
        intend(store, replace(handed("1", "reminded"), creates=(TASK,)))
        settle(store, Settlement("1", "written", made=("Task:ours",)))
        ours = activity("ours", "1", kind="task", at=NOW + hour, by="anna")
        store.facts.remember("c", [Pulled(activities=activities(*no_touch, ours))], today=DAY)
        assert store.hand_offs.live("c", {None: ["call", "task"]})[0].touch is None, (
            "a task made by crmsync is no touch"
        )
        day_only = activity("day", "1", at=None, by="anna")
        store.facts.remember("c", [Pulled(activities=activities(day_only))], today=DAY)
        touch = store.hand_offs.live("c", {None: ["call"]})[0].touch
        assert touch is not None
        assert touch.date() == DAY
        assert touch > NOW
        exact = [activity("out", "1", at=NOW + 2 * hour, by="anna", direction="outbound")]
        store.facts.remember("c", [Pulled(activities=activities(*exact))], today=DAY)
        assert store.hand_offs.live("c", {None: ["call"]})[0].touch == NOW + 2 * hour

    def test_what_did_not_happen_is_no_touch(self, stores: Stores) -> None:
        """What is open, called off or planned, and what lies after now; of the day itself, also without a time."""
        store = stores.open()
        prepare(store, "c")
        intend(store, handed("1"))
        settle(store, Settlement("1", "written"))
        hour = timedelta(hours=1)
        no_touch = [
            activity(outcome, "1", at=NOW + hour, by="anna", outcome=outcome)
            for outcome in ("open", "scheduled", "rescheduled", "canceled", "no_show", "failed", "bounced", "unknown")
        ]
        later = [
            activity("later", "1", at=NOW + 9 * hour, by="anna"),
            activity("next month", "1", at=None, day=DAY + timedelta(days=30), by="anna"),
        ]
        store.facts.remember("c", [Pulled(activities=activities(*no_touch, *later))], today=DAY)
        now = NOW + 2 * hour
        assert store.hand_offs.live("c", {None: ["call"]}, now=now)[0].touch is None
        assert store.hand_offs.live("c", {None: ["call"]}, now=NOW + 10 * hour)[0].touch == NOW + 9 * hour
        today = activity("today", "1", at=None, by="anna", outcome="no_answer")
        store.facts.remember("c", [Pulled(activities=activities(today))], today=DAY)
        touch = store.hand_offs.live("c", {None: ["call"]}, now=now)[0].touch
        assert touch is not None
        assert touch.date() == DAY

    def test_a_touch_without_a_time_is_on_its_day_in_the_orgs_zone(self, stores: Stores) -> None:
        """The day of the hand-off counts, the one before does not, wherever the org is."""
        store = stores.open()
        prepare(store, "c")
        intend(store, handed("1"))
        settle(store, Settlement("1", "written"))
        for zone in ("UTC", "America/Los_Angeles", "Pacific/Kiritimati"):
            local = NOW.astimezone(ZoneInfo(zone)).date()
            for day, counts in ((local - timedelta(days=1), False), (local, True)):
                known = activity("day", "1", at=None, day=day, by="anna")
                store.facts.remember("c", [Pulled(activities=activities(known))], today=DAY)
                now = NOW + timedelta(days=2)
                touch = store.hand_offs.live("c", {None: ["call"]}, now=now, time_zone=zone)[0].touch
                assert (touch is not None) == counts
                assert touch is None or touch.astimezone(ZoneInfo(zone)).date() == local

    def test_what_is_learnt_is_written_once(self, stores: Stores) -> None:
        """A later run does not move an earlier time; an end is an end."""
        store = stores.open()
        prepare(store, "c")
        intend(store, handed("1"), handed("2"))
        settle(store, Settlement("1", "written"), Settlement("2", "written"))
        number = store.hand_offs.live("c")[0].hand_off.id
        store.hand_offs.record("c", [HandOffEvent(number, touched_at=NOW)])
        store.hand_offs.record("c", [HandOffEvent(number, touched_at=LATER, accepted_at=LATER)])
        store.hand_offs.record("c", [HandOffEvent(number, ended_at=LATER, ended_by="taken_over")])
        first = store.hand_offs.read("c", leads=["1"])[0]
        assert (first.touched_at, first.accepted_at, first.ended_at, first.ended_by) == (
            NOW,
            LATER,
            LATER,
            "taken_over",
        )
        assert [each.hand_off.lead for each in store.hand_offs.live("c")] == ["2"]
        store.hand_offs.end("c", now=LATER)
        assert store.hand_offs.live("c") == ()
        assert [each.ended_by for each in store.hand_offs.read("c")] == ["taken_over", "switched_off"]
        assert store.hand_offs.read("c", since=LATER) == ()

    def test_a_record_that_was_made_is_no_evidence(self, stores: Stores) -> None:
        """It is not gathered, but its outcome is told with the hand-off it was made for."""
        store = stores.open()
        prepare(store, "c")
        intend(store, replace(handed("1"), creates=(TASK,)))
        settle(store, Settlement("1", "written", made=("Task:9",)))
        acts = activities(activity("9", "1", kind="task", outcome="completed"), activity("8", "1", kind="task"))
        store.facts.remember("c", [Pulled(activities=acts)], today=DAY)
        assert {name for name, _ in activities_of(store)} == {"Task:a", "Task:8"}
        assert store.hand_offs.live("c")[0].task_outcomes == ("completed",)

    def test_whose_leads_are_whose(self, stores: Stores) -> None:
        """By the owner as last read or written, in the order of their ids."""
        store = stores.open()
        known = (lead("3", owner="ben"), lead("1", "sql", "anna"), lead("2", owner="ben"), lead("4"))
        store.facts.remember("c", [Pulled(leads=leads(*known))], today=DAY)
        assert store.facts.leads_of("c", ["ben"]) == ("2", "3")
        assert store.facts.leads_of("c", ["ben", "anna", "zoe"]) == ("1", "2", "3")
        assert store.facts.leads_of("c", []) == ()
        assert store.facts.leads_of("d", ["ben"]) == ()

    def test_an_owner_whom_a_person_gave_can_be_credited(self, stores: Stores) -> None:
        """Ours coming back is none, nor is one found at first sight, nor a lead that lost its owner."""
        store = stores.open()
        prepare(store, "c")
        settle(store, Settlement("1", "written"))
        store.facts.remember("c", [Pulled(leads=leads(lead("1", "sql", "anna"), lead("4", owner="ben")))], today=DAY)
        assert store.journal.open_credits("c") == ()
        store.facts.remember("c", [Pulled(leads=leads(lead("1", "sql", "ben"), lead("4")))], today=TOMORROW)
        credit = only(store.journal.open_credits("c"))
        assert (credit.lead, credit.cause, credit.owner, credit.pool) == ("1", "given", "ben", None)
