"""A suite that any store has to pass. Three lines make it yours:

```
class TestMine(StoreConformance):
    location = pytest.fixture(lambda self, tmp_path: tmp_path / "store.db")
```

It looks at a store through its verbs alone, but for one thing: `crash_at` ends a verb before one of its SQL
statements or commits, to see that all of it happened or nothing.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from crmsync.errors import AnotherRunInProgress, UsageError
from crmsync.model import Change
from crmsync.store import Pulled, Settlement, Store, Turns
from crmsync.testing.store_frames import (
    DAY,
    FACTS,
    NOW,
    activities,
    activity,
    decided,
    due,
    lead,
    lead_row,
    leads,
    state_of,
)

TOMORROW = DAY + timedelta(days=1)
ANNA = ("aes", "anna")
BEN = ("aes", "ben")


class Crash(BaseException):
    """The process is gone from here on."""


@contextmanager
def crash_at(step: int) -> Iterator[Callable[[], None]]:
    """Raise `Crash` before the `step`-th (from 0) SQL statement or commit of any store within the block.

    Gives a function that counts one step more, for other things that a process could end at.
    """
    steps = itertools.count()

    def before(*_: Any) -> None:
        if next(steps) == step:
            raise Crash

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", before)
    try:
        yield before
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "commit", before)


class Stores:
    """Opens the store under test, as often as a test likes: every opening is another process's view of it."""

    def __init__(self, make: Callable[[Any], Store], location: Any) -> None:
        self.location = location
        self._make = make
        self._opened: list[Store] = []

    def open(self) -> Store:
        """Another view of the same store."""
        store = self._make(self.location)
        self._opened.append(store)
        return store

    def close(self) -> None:
        """Close all views."""
        for store in self._opened:
            store.close()


def change(name: str, stage: str = "sql", owner: str | None = "anna", turn: str | None = "aes") -> Change:
    """A hand-off of a lead as `lead(name)` makes it."""
    writes = {"Status": ("mql", stage), "OwnerId": (None, owner)}
    return Change(
        name, "mql", stage, None, owner, writes, {"fit": (12_000, 15_000)}, ("because",), turn, {"Stage__c": None}
    )


class StoreConformance:
    """The checks. Subclasses give the fixture `location`; `open_store` may be overridden."""

    def open_store(self, location: Any) -> Store:
        """Open the store under test."""
        return Store(location)

    @pytest.fixture
    def stores(self, location: Any) -> Iterator[Stores]:
        """The store under test."""
        stores = Stores(self.open_store, location)
        yield stores
        stores.close()

    # Remembering

    def test_every_type_of_fact_comes_back_as_it_was(self, stores: Stores) -> None:
        """Also what JSON and SQL like to bend: quotes, line ends, large and tiny numbers, unknowns."""
        row = lead(
            "1",
            budget='a "b" \\ c\n\u2028é',
            title="",
            employees=2**63 - 1,
            score=5e-324,
            revenue=0.1 + 0.2,
            opted_out=False,
            renewal=date(1, 1, 1),
            seen_at=NOW.replace(microsecond=1),
        )
        stores.open().remember("c", [Pulled(leads=leads(row, lead("2")))], today=DAY)
        for known in (row, lead("2")):
            stored = lead_row(stores.open(), "c", known["lead"])
            assert {name: stored[name] for name in known} == known

    def test_facts_that_are_not_asked_for_or_of_another_type_are_unknown(self, stores: Stores) -> None:
        """A mapping may have changed since the facts were stored."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1", budget="none", employees=5)))], today=DAY)
        [batch] = store.gather("c", DAY, fact_types={"budget": "integer", "employees": "integer", "newer": "date"})
        facts = batch.leads.select("fact.budget", "fact.employees", "fact.newer")
        assert facts.rows() == [(None, 5, None)]

    def test_remembering_the_same_again_changes_nothing(self, stores: Stores) -> None:
        """Rows may come again at any time; only a difference makes a lead due."""
        store = stores.open()
        part = Pulled(leads=leads(lead("1"), lead("2")), activities=activities(activity("a", "1")))
        store.remember("c", [part], today=DAY)
        decide(store, "1", "2")
        before = state_of(store, "c")
        for complete in (False, True):
            again = store.remember("c", [part], today=TOMORROW, complete=complete)
            assert (again.leads_new, again.leads_changed, again.leads_removed, again.activities_changed) == (
                0,
                0,
                0,
                0,
            )
            assert state_of(store, "c") == before
        assert before["due"] == []

    def test_what_differs_is_stored_and_due(self, stores: Stores) -> None:
        """New and changed leads, and leads whose activities are new, changed or gone; no others."""
        store = stores.open()
        names = ("changed", "new_activity", "changed_activity", "gone_activity", "same")
        held = activities(activity("a", "changed_activity"), activity("b", "gone_activity"), activity("c", "same"))
        store.remember("c", [Pulled(leads=leads(*map(lead, names)), activities=held)], today=DAY)
        assert due(store, "c") == sorted(names)
        decide(store, *names)
        news = Pulled(
            leads=leads(lead("changed", title="CEO"), lead("new"), lead("same")),
            activities=activities(activity("a", "changed_activity", kind="demo"), activity("d", "new_activity")),
            gone_activities=["Task:b"],
        )
        store.remember("c", [news], today=DAY)
        assert due(store, "c") == ["changed", "changed_activity", "gone_activity", "new", "new_activity"]
        [batch] = store.gather("c", DAY, everything=True, fact_types=FACTS)
        kept = dict(batch.activities.select("activity", "kind").rows())
        assert kept == {"Task:a": "demo", "Task:c": "call", "Task:d": "call"}
        assert lead_row(store, "c", "changed")["fact.title"] == "CEO"

    def test_a_complete_pull_removes_what_it_does_not_bring(self, stores: Stores) -> None:
        """Leads leave the working set, their history stays; any other pull removes nothing."""
        store = stores.open()
        both = Pulled(
            leads=leads(lead("1"), lead("2")), activities=activities(activity("a", "1"), activity("b", "1"))
        )
        store.remember("c", [both], today=DAY)
        store.remember("c", [Pulled(leads=leads(lead("2", "sql")))], today=DAY)
        decide(store, "1", "2")
        store.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
        assert store.lead_count("c") == 2
        one = Pulled(leads=leads(lead("1")), activities=activities(activity("b", "1")))
        counted = store.remember("c", [one], today=DAY, complete=True)
        assert (counted.leads_removed, counted.activities_changed) == (1, 1)
        [batch] = store.gather("c", DAY, everything=True, fact_types=FACTS)
        assert (batch.leads["lead"].to_list(), batch.activities["activity"].to_list()) == (["1"], ["Task:b"])
        assert due(store, "c") == ["1"]
        assert [move.stage_after for move in store.stage_history("c", "2")] == ["sql"]

    def test_gone_leads_leave_the_working_set(self, stores: Stores) -> None:
        """What a later part says wins over an earlier one."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        parts = [
            Pulled(leads=leads(lead("3"), lead("4")), gone_leads=["1"]),
            Pulled(gone_leads=["3", "2"]),
            Pulled(leads=leads(lead("2", title="back"))),
        ]
        store.remember("c", parts, today=DAY)
        assert due(store, "c") == ["2", "4"]
        assert lead_row(store, "c", "2")["fact.title"] == "back"

    def test_an_activity_follows_its_lead(self, stores: Stores) -> None:
        """It may belong to several leads, come before its lead, and move to another one."""
        store = stores.open()
        shared = activities(activity("a", "1"), activity("a", "2"))
        store.remember("c", [Pulled(activities=shared), Pulled(leads=leads(*map(lead, "123")))], today=DAY)
        assert activities_of(store) == {("Task:a", "1"), ("Task:a", "2")}
        decide(store, *"123")
        moved = activities(activity("a", "2"), activity("a", "3"))
        store.remember("c", [Pulled(activities=moved)], today=DAY)
        assert activities_of(store) == {("Task:a", "2"), ("Task:a", "3")}
        assert due(store, "c") == ["1", "3"]

    def test_the_cursor_never_stands_ahead_of_the_facts(self, stores: Stores) -> None:
        """A pull that breaks off is read again from where the last whole one ended."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1")), cursors={"Lead": "first"})], today=DAY)

        def breaks_off() -> Iterator[Pulled]:
            yield Pulled(leads=leads(lead("2")), cursors={"Lead": "second"})
            raise Crash

        with pytest.raises(Crash):
            store.remember("c", breaks_off(), today=DAY)
        assert stores.open().cursors("c") == {"Lead": "first"}
        store.remember("c", [Pulled(cursors={"Task": "t"}), Pulled(cursors={"Lead": "third"})], today=DAY)
        assert stores.open().cursors("c") == {"Lead": "third", "Task": "t"}

    # Telling people's edits from our own

    def test_values_found_at_first_sight_are_nobodys_edit(self, stores: Stores) -> None:
        """Also of a lead that had left the working set."""
        store = stores.open()
        for part in (Pulled(leads=leads(lead("1", "sql", "ben"))), Pulled(gone_leads=["1"])):
            store.remember("c", [part], today=DAY)
        store.remember("c", [Pulled(leads=leads(lead("1", "mql", "anna")))], today=TOMORROW)
        assert days_of(store, "1") == (None, None, TOMORROW)

    def test_a_change_by_somebody_else_is_dated(self, stores: Stores) -> None:
        """Stage and owner each by themselves, a taken away owner too; the day stays when other facts change."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1", "mql", "anna"), lead("2", "mql", "anna")))], today=DAY)
        store.remember("c", [Pulled(leads=leads(lead("1", "sql", "anna"), lead("2", "mql", None)))], today=TOMORROW)
        later = TOMORROW + timedelta(days=9)
        facts = leads(lead("1", "sql", "anna", title="x"), lead("2", "mql", None, title="x"))
        store.remember("c", [Pulled(leads=facts)], today=later)
        assert days_of(store, "1") == (TOMORROW, None, TOMORROW)
        assert days_of(store, "2") == (None, TOMORROW, DAY)

    def test_another_reading_of_the_same_native_value_is_nobodys_edit(self, stores: Stores) -> None:
        """The mapping may change, and a native value may change within one stage."""
        store = stores.open()
        native = '{"Status":"Working"}'
        store.remember("c", [Pulled(leads=leads(lead("1", "mql", stage_native=native), lead("2", "mql")))], today=DAY)
        news = leads(lead("1", "sal", stage_native=native), lead("2", "mql", stage_native='{"Status":"mql, called"}'))
        store.remember("c", [Pulled(leads=news)], today=TOMORROW)
        assert (days_of(store, "1"), days_of(store, "2")) == ((None, None, DAY), (None, None, DAY))
        assert store.stage_history("c", "1") == ()

    def test_our_own_write_coming_back_is_no_news(self, stores: Stores) -> None:
        """Whether it was settled before or is still open; after that, other values are edits again."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1"), lead("2"), lead("3")))], today=DAY)
        intend(store, change("1"), change("2"), change("3"))
        settle(store, Settlement("1", "written"), Settlement("3", "written"))
        decide(store, "1", "2", "3")
        back = [lead(name, "sql", "anna") for name in "12"]
        store.remember("c", [Pulled(leads=leads(*back, lead("3", "sal", "ben")))], today=TOMORROW)
        assert due(store, "c") == ["2", "3"]
        assert days_of(store, "1") == (None, None, DAY)
        assert days_of(store, "2")[:2] == (None, None)
        assert days_of(store, "3") == (TOMORROW, TOMORROW, TOMORROW)

    def test_a_stage_cleared_on_our_way_is_nobodys_edit(self, stores: Stores) -> None:
        """Some CRMs clear a stage before they set an earlier one; a crash may come between."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        intend(store, change("1", owner=None, turn=None))
        empty = [lead(name, None, stage_native='{"Status":null}') for name in "12"]
        store.remember("c", [Pulled(leads=leads(*empty))], today=TOMORROW)
        assert (days_of(store, "1")[0], days_of(store, "2")[0]) == (None, TOMORROW)

    def test_history_keeps_every_attempt(self, stores: Stores) -> None:
        """A second MQL opens a second attempt and erases nothing."""
        store = stores.open()
        way = ["new", "mql", "sql", "disqualified", "mql", "sql", "sqo"]
        for number, stage in enumerate(way):
            store.remember("c", [Pulled(leads=leads(lead("1", stage)))], today=DAY + timedelta(days=number))
        moves = store.stage_history("c", "1")
        assert [move.stage_after for move in moves] == way[1:]
        assert [move.attempt for move in moves] == [1, 1, 1, 2, 2, 2]
        assert [(move.day - DAY).days for move in moves] == [1, 2, 3, 4, 5, 6]
        assert [(move.since - DAY).days for move in moves if move.since] == [0, 1, 2, 3, 4, 5]
        assert {(move.cause, move.run_id) for move in moves} == {("crm", None)}
        assert store.stage_histories("c", ["1", "nobody"]) == {"1": moves, "nobody": ()}

    # Deciding

    def test_a_lead_is_due_again_on_its_review_day(self, stores: Stores) -> None:
        """Not before; at once if it is kept due; never without a review day."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(*map(lead, "123")))], today=DAY)
        decide(store, "1", "2", review_day=TOMORROW, keep_due=["2"])
        decide(store, "3")
        assert due(store, "c") == ["2"]
        assert due(store, "c", TOMORROW) == ["1", "2"]
        assert due(store, "c", date(9999, 12, 31)) == ["1", "2"]

    def test_leads_can_be_marked_due(self, stores: Stores) -> None:
        """From outside, too: unknown ids are passed over."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(*map(lead, "123")))], today=DAY)
        decide(store, *"123", review_day=TOMORROW)
        store.mark_due("c", ["2", "nobody"])
        assert due(store, "c") == ["2"]

    def test_the_last_decision_can_be_read(self, stores: Stores) -> None:
        """With all its columns, and the policy that made it."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        for policy in ("old", "new"):
            decide(store, "1", "no such lead", review_day=TOMORROW, policy=policy)
        decisions = stores.open().last_decisions("c", ["1", "2"])
        assert set(decisions) == {"1"}
        decision = decisions["1"]
        assert (decision.stage, decision.review_day, decision.as_of) == ("mql", TOMORROW, DAY)
        assert decision.policy_digest == "new"
        assert decision.details == {"score.fit.low": 12_000, "verdict.budget": None}

    def test_batches_come_in_the_order_of_ids(self, stores: Stores) -> None:
        """Each with its rows numbered, and its activities sorted by row; the same leads whatever the size."""
        store = stores.open()
        names = ["b", "a", "B", "é", "10", "9"]
        acts = [activity(f"{number}{name}", name) for number in range(3) for name in names]
        store.remember("c", [Pulled(activities=activities(*acts)), Pulled(leads=leads(*map(lead, names)))], today=DAY)
        for size in (1, 2, 4, 100):
            batches = list(store.gather("c", DAY, fact_types=FACTS, batch_size=size))
            assert [name for batch in batches for name in batch.leads["lead"]] == sorted(names)
            for batch in batches:
                assert batch.leads["row"].to_list() == list(range(batch.leads.height))
                assert batch.activities["row"].is_sorted()
                by_row = dict(batch.leads.select("row", "lead").rows())
                assert all(by_row[row] == name for row, name in batch.activities.select("row", "lead").rows())
                assert batch.activities.height == 3 * batch.leads.height
        named = list(store.gather("c", DAY, leads=["9", "nobody", "é"], fact_types=FACTS))
        assert [name for batch in named for name in batch.leads["lead"]] == ["9", "é"]

    # Writing

    def test_intentions_and_counters_are_kept(self, stores: Stores) -> None:
        """As they were given, with routing's own state; counters of people not named stay."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        state = {"lag": [5, 12], "day": "2026-11-21"}
        run = intend(
            store, change("1"), change("2", owner="ben", turn=None), turns={ANNA: Turns(1, state), BEN: Turns(4)}
        )
        intend(store, turns={("queue", ""): Turns(0, {"next": 2})})
        again = stores.open()
        assert again.turns("c") == {ANNA: Turns(1, state), BEN: Turns(4), ("queue", ""): Turns(0, {"next": 2})}
        assert [(entry.change, entry.run_id) for entry in again.pending("c")] == [
            (change("1"), run),
            (change("2", owner="ben", turn=None), run),
        ]
        assert again.reserved_turns("c") == {"1": ANNA}

    def test_every_end_settles_its_turn(self, stores: Stores) -> None:
        """Held where the CRM has the owner, given back where not: the count is what entries hold."""
        store = stores.open()
        ends: dict[str, Settlement] = {
            "1": Settlement("1", "written"),
            "2": Settlement("2", "unchanged"),
            "3": Settlement("3", "conflict", "why"),
            "4": Settlement("4", "refused", "why"),
            "5": Settlement("5", "did_not_stick", "why", owner_holds=True),
            "6": Settlement("6", "did_not_stick", "why"),
            "7": Settlement("7", "gone", "why"),
        }
        store.remember("c", [Pulled(leads=leads(*map(lead, "12345678")))], today=DAY)
        intend(store, *map(change, "12345678"), turns={ANNA: Turns(8)})
        settle(store, *ends.values())
        assert store.turns("c")[ANNA].count == held_turns(store)[ANNA] == 4
        assert {entry.change.lead: (entry.state, entry.message) for entry in store.entries("c")} == {
            **{name: (end.outcome, end.message) for name, end in ends.items()},
            "8": ("intended", ""),
        }
        assert store.reserved_turns("c") == {"8": ANNA}
        settle(store, *ends.values())
        assert store.turns("c")[ANNA].count == 4, "an outcome counts once"

    def test_a_later_run_takes_over_what_an_earlier_one_intended(self, stores: Stores) -> None:
        """A turn is used again, given back by routing, or spent: never counted twice, never lost."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(*map(lead, "1234")))], today=DAY)
        intend(store, *map(change, "1234"), turns={ANNA: Turns(4)})
        run = intend(
            store,
            change("1"),
            change("2", owner="ben"),
            change("3", owner=None, turn=None),
            turns={ANNA: Turns(3), BEN: Turns(1)},
            given_back=["2"],
        )
        decide(store, *"1234", run=run)
        assert {entry.change.lead for entry in store.pending("c")} == {"1", "2", "3"}
        assert {entry.run_id for entry in store.pending("c")} == {run}
        assert store.reserved_turns("c") == {"1": ANNA, "2": BEN}
        assert held_turns(store) == {ANNA: 3, BEN: 1}
        settle(store, Settlement("1", "written"), Settlement("2", "refused"), Settlement("3", "written"))
        assert {turn: it.count for turn, it in store.turns("c").items()} == {ANNA: 3, BEN: 0}

    def test_the_stored_lead_follows_what_was_written(self, stores: Stores) -> None:
        """And only that; what ended otherwise is due again."""
        store = stores.open()
        store.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        run = intend(store, change("1"), change("2"))
        decide(store, "1", "2", run=run)
        settle(store, Settlement("1", "written"), Settlement("2", "refused", "no"), today=TOMORROW)
        one, two = (lead_row(store, "c", name) for name in "12")
        assert (one["stage"], one["owner"], one["stage_since"]) == ("sql", "anna", TOMORROW)
        assert one["stage_native"] == '{"Status":"sql"}'
        assert (two["stage"], two["owner"], two["stage_since"]) == ("mql", None, DAY)
        assert due(store, "c") == ["2"]
        [move] = store.stage_history("c", "1")
        assert (move.stage_before, move.stage_after, move.cause, move.run_id) == ("mql", "sql", "crmsync", run)
        assert store.stage_history("c", "2") == ()

    # All or nothing

    @pytest.mark.parametrize("verb", ["remember", "record_decisions", "intend", "record_outcomes"])
    def test_a_verb_happens_whole_or_not_at_all(self, stores: Stores, verb: str) -> None:
        """Ended before any of its statements and commits, it has either done nothing or everything."""
        store = stores.open()
        prepare(store, "calm")
        verbs(store, "calm")[verb]()
        after = state_of(store, "calm")
        for step in itertools.count():
            name = f"crash {step}"
            prepare(store, name)
            before = state_of(store, name)
            try:
                with crash_at(step):
                    verbs(store, name)[verb]()
            except Crash:
                assert without_ids(state_of(stores.open(), name)) == without_ids(before), (
                    f"half of it before step {step}"
                )
            else:
                assert without_ids(state_of(store, name)) == without_ids(after)
                assert step > 2, "no statement was counted"
                return

    # Apart and alone

    def test_connections_do_not_see_each_other(self, stores: Stores) -> None:
        """The same native ids on both sides."""
        store = stores.open()
        verbs_done(store, "one")
        before = state_of(store, "one")
        verbs_done(store, "two")
        store.remember("two", [Pulled(leads=leads(lead("1", "sqo")))], today=TOMORROW, complete=True)
        store.set_digests("two", {"policy": "x"})
        store.set_snapshot("two", "x")
        assert state_of(store, "one") == before
        assert (store.snapshot("one"), len(store.runs("one")), store.lead_count("one")) == (None, 1, 3)

    def test_one_run_at_a_time_on_a_connection(self, stores: Stores) -> None:
        """The second is told since when and by which process; another connection is free."""
        with stores.open().hold("c", now=NOW):
            with pytest.raises(AnotherRunInProgress, match=r"2026-11-21T09:30:00.*process \d+ on "):
                stores.open().hold("c", now=NOW).__enter__()
            with stores.open().hold("d", now=NOW):
                pass
        with stores.open().hold("c", now=NOW):
            pass

    def test_the_lock_of_a_killed_process_is_free(self, stores: Stores) -> None:
        """`kill -9` while it holds the connection."""
        stores.open()
        holder = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", _HOLD, str(stores.location)], stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AnotherRunInProgress, match=f"process {holder.pid} on "):
            stores.open().hold("c", now=NOW).__enter__()
        holder.kill()
        holder.wait()
        holder.stdout.close()
        with stores.open().hold("c", now=NOW):
            pass

    def test_threads_share_a_store(self, stores: Stores) -> None:
        """Runs on several connections at once lose nothing."""
        store = stores.open()
        errors: list[BaseException] = []

        def work(name: str) -> None:
            try:
                for number in range(5):
                    store.remember(name, [Pulled(leads=leads(lead(f"{number}")))], today=DAY)
                    decide(store, f"{number}", connection=name)
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(f"connection {number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert [store.lead_count(f"connection {number}") for number in range(4)] == [5, 5, 5, 5]

    # The rest

    def test_runs_digests_and_the_snapshot_are_kept(self, stores: Stores) -> None:
        """By name; unnamed digests stay; the newest run comes first."""
        store = stores.open()
        store.set_digests("c", {"policy": "1", "roster": "1"})
        store.set_digests("c", {"policy": "2"})
        store.set_snapshot("c", "first")
        store.set_snapshot("c", "second")
        first = store.start_run("c", now=NOW, dry_run=True)
        second = store.start_run("c", now=NOW + timedelta(hours=1), dry_run=False)
        store.end_run("c", first, now=NOW + timedelta(seconds=5), exit_code=4, counts={"read": 3})
        again = stores.open()
        assert again.digests("c") == {"policy": "2", "roster": "1"}
        assert again.snapshot("c") == "second"
        newest, oldest = again.runs("c")
        assert (newest.id, newest.dry_run, newest.ended_at, newest.exit_code) == (second, False, None, None)
        assert (oldest.id, oldest.dry_run, oldest.exit_code, oldest.counts) == (first, True, 4, {"read": 3})
        assert (oldest.started_at, oldest.ended_at) == (NOW, NOW + timedelta(seconds=5))
        assert [run.id for run in again.runs("c", limit=1)] == [second]

    def test_a_forgotten_person_leaves_only_the_turn(self, stores: Stores) -> None:
        """Counters stay right; a lead whose change is open cannot be forgotten."""
        store = stores.open()
        verbs_done(store, "c")
        intend(store, change("2"), turns={ANNA: Turns(2)})
        with pytest.raises(UsageError, match="still open"):
            store.forget("c", "2")
        store.forget("c", "1")
        assert store.lead_count("c") == 2
        assert activities_of(store) == set()
        assert store.stage_history("c", "1") == ()
        [entry] = [entry for entry in store.entries("c") if entry.change.lead == "1"]
        assert (entry.change.writes, entry.change.beside, entry.change.reasons, entry.change.scores) == (
            {},
            {},
            (),
            {},
        )
        assert store.turns("c")[ANNA].count == held_turns(store)[ANNA] == 2

    def test_the_file_is_for_its_owner_only(self, stores: Stores) -> None:
        """It holds people's data. Stores that are no file have nothing to show here."""
        stores.open()
        if isinstance(stores.location, Path) and sys.platform != "win32":
            assert stores.location.stat().st_mode & 0o077 == 0


_HOLD = """
import sys, time
from datetime import UTC, datetime
from crmsync.store import Store
with Store(sys.argv[1]).hold("c", now=datetime(2026, 11, 21, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


def decide(
    store: Store,
    *names: str,
    connection: str = "c",
    review_day: date | None = None,
    keep_due: list[str] | None = None,
    policy: str = "policy",
    run: int | None = None,
) -> None:
    """Record decisions on these leads."""
    run = store.start_run(connection, now=NOW, dry_run=False) if run is None else run
    frame = decided(*names, review_day=review_day)
    store.record_decisions(connection, run, frame, policy_digest=policy, as_of=DAY, now=NOW, keep_due=keep_due or ())


def intend(
    store: Store,
    *changes: Change,
    turns: dict[tuple[str, str], Turns] | None = None,
    given_back: list[str] | None = None,
    connection: str = "c",
) -> int:
    """A new run that intends these changes; its number."""
    run = store.start_run(connection, now=NOW, dry_run=False)
    store.intend(connection, run, changes, turns or {}, given_back=given_back or (), now=NOW)
    return run


def settle(store: Store, *settlements: Settlement, today: date = DAY, connection: str = "c") -> None:
    """Record outcomes."""
    store.record_outcomes(connection, settlements, now=NOW, today=today)


def held_turns(store: Store, connection: str = "c") -> dict[tuple[str, str], int]:
    """How many turns the journal's entries hold."""
    held = [entry.turn for entry in store.entries(connection) if entry.turn]
    return {turn: held.count(turn) for turn in held}


def days_of(store: Store, name: str) -> tuple[date | None, date | None, date | None]:
    """Stage edited on, owner edited on, stage since."""
    row = lead_row(store, "c", name)
    return row["stage_edited_on"], row["owner_edited_on"], row["stage_since"]


def activities_of(store: Store, connection: str = "c") -> set[tuple[str, str]]:
    """(activity, lead) of all leads."""
    batches = store.gather(connection, DAY, everything=True, fact_types=FACTS)
    return {pair for batch in batches for pair in batch.activities.select("activity", "lead").rows()}


def prepare(store: Store, connection: str) -> None:
    """Three leads, the first with an activity, one decided; an open change of each by an earlier run."""
    part = Pulled(leads=leads(*map(lead, "123")), activities=activities(activity("a", "1")), cursors={"Lead": "1"})
    store.remember(connection, [part], today=DAY)
    decide(store, "3", connection=connection, review_day=TOMORROW)
    intend(store, *map(change, "123"), turns={ANNA: Turns(3)}, connection=connection)


def verbs(store: Store, connection: str) -> dict[str, Callable[[], Any]]:
    """The verbs that change much at once, each doing all that it can do to what `prepare` made."""
    run = store.runs(connection)[0].id
    news = Pulled(
        leads=leads(lead("1", "sal", title="x"), lead("4")),
        activities=activities(activity("a", "2"), activity("b", "3")),
        gone_leads=["2"],
        cursors={"Lead": "2", "Task": "1"},
    )
    ends = [Settlement("1", "written"), Settlement("2", "refused", "no"), Settlement("3", "gone")]
    wanted = [change("1"), change("2", owner="ben")]
    return {
        "remember": lambda: store.remember(connection, [news], today=TOMORROW),
        "record_decisions": lambda: decide(store, *"123", connection=connection, run=run + 1, review_day=TOMORROW),
        "intend": lambda: store.intend(
            connection, run, wanted, {ANNA: Turns(2), BEN: Turns(1)}, given_back=["2"], now=NOW
        ),
        "record_outcomes": lambda: settle(store, *ends, connection=connection),
    }


def verbs_done(store: Store, connection: str) -> None:
    """One hand-off from pull to outcome."""
    part = Pulled(leads=leads(*map(lead, "123")), activities=activities(activity("a", "1")), cursors={"Lead": "1"})
    store.remember(connection, [part], today=DAY)
    run = intend(store, change("1"), turns={ANNA: Turns(1)}, connection=connection)
    settle(store, Settlement("1", "written"), connection=connection)
    decide(store, *"123", connection=connection, run=run)


def without_ids(state: dict[str, Any]) -> dict[str, Any]:
    """A state without the numbers that the database gives out, so that two connections can be compared."""
    entries = [(it.change, it.state, it.message, it.turn_held) for it in state["entries"]]
    history = {name: [replace(move, run_id=None) for move in moves] for name, moves in state["history"].items()}
    return state | {"entries": entries, "history": history}
