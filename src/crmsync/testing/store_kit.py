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
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from crmsync.errors import AnotherRunInProgress, UsageError
from crmsync.store import Breach, Pulled, RunKind, Settlement, Store, Turns
from crmsync.testing.account_checks import AccountChecks
from crmsync.testing.alert_checks import AlertChecks
from crmsync.testing.console_checks import ConsoleChecks
from crmsync.testing.earlier_stages_checks import EarlierStagesChecks
from crmsync.testing.hand_off_checks import HandOffChecks
from crmsync.testing.left_alone_checks import LeftAloneChecks
from crmsync.testing.look_checks import LookChecks
from crmsync.testing.remembering_checks import RememberingChecks
from crmsync.testing.store_frames import DAY, FACTS, NOW, activities, activity, due, lead, lead_row, leads, state_of
from crmsync.testing.store_steps import (
    ANNA,
    BEN,
    TOMORROW,
    Crash,
    Stores,
    activities_of,
    change,
    crash_at,
    decide,
    held_turns,
    intend,
    prepare,
    settle,
    verbs,
    verbs_done,
    without_ids,
)
from crmsync.testing.telling_checks import TellingChecks


class StoreConformance(
    RememberingChecks,
    EarlierStagesChecks,
    AccountChecks,
    HandOffChecks,
    LeftAloneChecks,
    AlertChecks,
    TellingChecks,
    ConsoleChecks,
    LookChecks,
):
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

    # Deciding

    def test_a_lead_is_due_again_on_its_review_day(self, stores: Stores) -> None:
        """Not before; at once if it is kept due; never without a review day."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "123")))], today=DAY)
        decide(store, "1", "2", review_day=TOMORROW, keep_due=["2"])
        decide(store, "3")
        assert due(store, "c") == ["2"]
        assert due(store, "c", TOMORROW) == ["1", "2"]
        assert due(store, "c", date(9999, 12, 31)) == ["1", "2"]

    def test_leads_can_be_marked_due(self, stores: Stores) -> None:
        """From outside, too: unknown ids are passed over."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "123")))], today=DAY)
        decide(store, *"123", review_day=TOMORROW)
        store.facts.mark_due("c", ["2", "nobody"])
        assert due(store, "c") == ["2"]

    def test_the_last_decision_can_be_read(self, stores: Stores) -> None:
        """With all its columns, and the policy that made it."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        for policy in ("old", "new"):
            decide(store, "1", "no such lead", review_day=TOMORROW, policy=policy)
        decisions = stores.open().history.decisions("c", ["1", "2"])
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
        store.facts.remember(
            "c", [Pulled(activities=activities(*acts)), Pulled(leads=leads(*map(lead, names)))], today=DAY
        )
        for size in (1, 2, 4, 100):
            batches = list(store.facts.gather("c", DAY, fact_types=FACTS, batch_size=size))
            assert [name for batch in batches for name in batch.leads["lead"]] == sorted(names)
            for batch in batches:
                assert batch.leads["row"].to_list() == list(range(batch.leads.height))
                assert batch.activities["row"].is_sorted()
                by_row = dict(batch.leads.select("row", "lead").rows())
                assert all(by_row[row] == name for row, name in batch.activities.select("row", "lead").rows())
                assert batch.activities.height == 3 * batch.leads.height
        named = list(store.facts.gather("c", DAY, leads=["9", "nobody", "é"], fact_types=FACTS))
        assert [name for batch in named for name in batch.leads["lead"]] == ["9", "é"]

    # Writing

    def test_intentions_and_counters_are_kept(self, stores: Stores) -> None:
        """As they were given, with routing's own state; counters of people not named stay."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        state = {"lag": [5, 12], "day": "2026-11-21"}
        run = intend(
            store, change("1"), change("2", owner="ben", turn=None), turns={ANNA: Turns(1, state), BEN: Turns(4)}
        )
        intend(store, turns={("queue", ""): Turns(0, {"next": 2})})
        again = stores.open()
        assert again.journal.turns("c") == {
            ANNA: Turns(1, state),
            BEN: Turns(4),
            ("queue", ""): Turns(0, {"next": 2}),
        }
        assert [(entry.change, entry.run_id) for entry in again.journal.pending("c")] == [
            (change("1"), run),
            (change("2", owner="ben", turn=None), run),
        ]
        assert again.journal.reserved_turns("c") == {"1": ANNA}

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
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "12345678")))], today=DAY)
        intend(store, *map(change, "12345678"), turns={ANNA: Turns(8)})
        settle(store, *ends.values())
        assert store.journal.turns("c")[ANNA].count == held_turns(store)[ANNA] == 4
        assert {entry.change.lead: (entry.state, entry.message) for entry in store.journal.entries("c")} == {
            **{name: (end.outcome, end.message) for name, end in ends.items()},
            "8": ("intended", ""),
        }
        assert store.journal.reserved_turns("c") == {"8": ANNA}
        settle(store, *ends.values())
        assert store.journal.turns("c")[ANNA].count == 4, "an outcome counts once"

    def test_a_later_run_takes_over_what_an_earlier_one_intended(self, stores: Stores) -> None:
        """A turn is used again, given back by routing, or spent: never counted twice, never lost."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "1234")))], today=DAY)
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
        assert {entry.change.lead for entry in store.journal.pending("c")} == {"1", "2", "3"}
        assert {entry.run_id for entry in store.journal.pending("c")} == {run}
        assert store.journal.reserved_turns("c") == {"1": ANNA, "2": BEN}
        assert held_turns(store) == {ANNA: 3, BEN: 1}
        settle(store, Settlement("1", "written"), Settlement("2", "refused"), Settlement("3", "written"))
        assert {turn: it.count for turn, it in store.journal.turns("c").items()} == {ANNA: 3, BEN: 0}

    def test_the_stored_lead_follows_what_was_written(self, stores: Stores) -> None:
        """And only that; what ended otherwise is due again."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        run = intend(store, change("1"), change("2"))
        decide(store, "1", "2", run=run)
        settle(store, Settlement("1", "written"), Settlement("2", "refused", "no"), today=TOMORROW)
        one, two = (lead_row(store, "c", name) for name in "12")
        assert (one["stage"], one["owner"], one["stage_since"]) == ("sql", "anna", TOMORROW)
        assert one["stage_native"] == '{"Status":"sql"}'
        assert (two["stage"], two["owner"], two["stage_since"]) == ("mql", None, DAY)
        assert due(store, "c") == ["2"]
        [move] = store.history.stages_of("c", "1")
        assert (move.stage_before, move.stage_after, move.cause, move.run_id) == ("mql", "sql", "crmsync", run)
        assert store.history.stages_of("c", "2") == ()

    # All or nothing

    @pytest.mark.parametrize("verb", ["remember", "record_decisions", "intend", "record_outcomes"])
    def test_a_verb_happens_whole_or_not_at_all(self, stores: Stores, verb: str) -> None:
        """Ended before any of its statements and commits, it has either done nothing or everything."""
        store = stores.open()
        for name in ("calm", "crashing"):
            prepare(store, name)
        before = state_of(store, "crashing")
        verbs(store, "calm")[verb]()
        for step in itertools.count():
            try:
                with crash_at(step):
                    verbs(store, "crashing")[verb]()
            except Crash:
                assert state_of(stores.open(), "crashing") == before, f"half of it before step {step}"
            else:
                assert without_ids(state_of(store, "crashing")) == without_ids(state_of(store, "calm"))
                assert step > 2, "no statement was counted"
                return

    # Apart and alone

    def test_connections_do_not_see_each_other(self, stores: Stores) -> None:
        """The same native ids on both sides."""
        store = stores.open()
        verbs_done(store, "one")
        before = state_of(store, "one")
        verbs_done(store, "two")
        store.facts.remember("two", [Pulled(leads=leads(lead("1", "sqo")))], today=TOMORROW, complete=True)
        store.runs.set_digests("two", {"policy": "x"})
        store.runs.set_snapshot("two", "x")
        assert state_of(store, "one") == before
        assert (store.runs.snapshot("one"), len(store.runs.last("one")), store.facts.lead_count("one")) == (
            None,
            1,
            3,
        )

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
                    store.facts.remember(name, [Pulled(leads=leads(lead(f"{number}")))], today=DAY)
                    decide(store, f"{number}", connection=name)
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(f"connection {number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert [store.facts.lead_count(f"connection {number}") for number in range(4)] == [5, 5, 5, 5]

    # The rest

    def test_runs_digests_and_the_snapshot_are_kept(self, stores: Stores) -> None:
        """By name; unnamed digests stay; the newest run comes first."""
        store = stores.open()
        store.runs.set_digests("c", {"policy": "1", "roster": "1"})
        store.runs.set_digests("c", {"policy": "2"})
        store.runs.set_snapshot("c", "first")
        store.runs.set_snapshot("c", "second")
        first = store.runs.start("c", now=NOW, dry_run=True, by="ada")
        second = store.runs.start("c", now=NOW + timedelta(hours=1), dry_run=False, kind="undo", undo_of=first)
        breach = Breach("changed_share", 0.5, 0.3)
        store.runs.end(
            "c",
            first,
            now=NOW + timedelta(seconds=5),
            exit_code=4,
            counts={"read": 3},
            plan="d1",
            breaches=[breach],
            measures={"unknown.budget": 0.25},
        )
        again = stores.open()
        assert again.runs.digests("c") == {"policy": "2", "roster": "1"}
        assert again.runs.snapshot("c") == "second"
        newest, oldest = again.runs.last("c")
        assert (newest.id, newest.dry_run, newest.ended_at, newest.exit_code) == (second, False, None, None)
        assert (oldest.id, oldest.dry_run, oldest.exit_code, oldest.counts) == (first, True, 4, {"read": 3})
        assert (oldest.started_at, oldest.ended_at) == (NOW, NOW + timedelta(seconds=5))
        assert (oldest.kind, oldest.by, oldest.plan, oldest.undo_of) == ("run", "ada", "d1", None)
        assert (oldest.breaches, oldest.measures) == ((breach,), {"unknown.budget": 0.25})
        assert (newest.kind, newest.by, newest.undo_of, newest.breaches) == ("undo", None, first, ())
        assert again.runs.one("c", first) == oldest
        assert (again.runs.one("c", second + 1), again.runs.one("other", first)) == (None, None)
        assert len(again.runs.identity()) == 32
        assert again.runs.identity() == store.runs.identity()
        assert [run.id for run in again.runs.last("c", limit=1)] == [second]

    def test_the_last_run_that_was_to_write_is_found_behind_any_number_of_dry_ones(self, stores: Stores) -> None:
        """Of those that have ended; those of tellings look at a few leads only."""
        store = stores.open()
        assert (store.runs.last_to_write("c"), store.runs.last_of_everybody("c")) == (None, None)

        def ended(connection: str = "c", kind: RunKind = "run", *, dry_run: bool = False, **how: Any) -> int:
            run = store.runs.start(connection, now=NOW, dry_run=dry_run, kind=kind, partial=how.pop("partial", False))
            store.runs.end(connection, run, now=NOW, exit_code=0, counts={}, **how)
            return run

        ended()
        everybody = ended(measures={"calls": 1})
        ended(partial=True)
        ended(partial=True, measures={"calls": 1})
        wrote = ended(kind="apply")
        ended(kind="told")
        for _ in range(25):
            ended(dry_run=True)
        store.runs.start("c", now=NOW, dry_run=False)
        ended("other")
        found = store.runs.last_to_write("c")
        assert found is not None
        assert (found.id, found.kind) == (wrote, "apply")
        of_everybody = store.runs.last_of_everybody("c")
        assert of_everybody is not None, "those that looked at a part only are passed over, too"
        assert of_everybody.id == everybody

    def test_a_forgotten_person_leaves_only_the_turn(self, stores: Stores) -> None:
        """Counters stay right; a lead whose change is open cannot be forgotten."""
        store = stores.open()
        verbs_done(store, "c")
        intend(store, change("2"), turns={ANNA: Turns(2)})
        with pytest.raises(UsageError, match="still open"):
            store.forget("c", "2")
        store.forget("c", "1")
        assert store.facts.lead_count("c") == 2
        assert activities_of(store) == set()
        assert store.history.stages_of("c", "1") == ()
        [entry] = [entry for entry in store.journal.entries("c") if entry.change.lead == "1"]
        assert (entry.change.writes, entry.change.beside, entry.change.reasons, entry.change.scores) == (
            {},
            {},
            (),
            {},
        )
        assert store.journal.turns("c")[ANNA].count == held_turns(store)[ANNA] == 2

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
