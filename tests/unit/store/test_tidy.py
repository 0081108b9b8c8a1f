"""What goes when it is old, and what never goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crmsync.store import Hold, OlderThan, Pulled, Settlement, Store, Tidied
from crmsync.store.tidy import RUNS_KEPT
from crmsync.testing.store_frames import DAY, NOW, lead, leads, state_of
from crmsync.testing.store_steps import change, held_turns, with_task

A_DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.db")
    yield store
    store.close()


def wrote(store: Store, name: str, at: datetime, outcome: str | None = "written", **more: object) -> int:
    """A run that gave this lead to Anna; its number."""
    run = store.runs.start("c", now=at, dry_run=False, **more)  # type: ignore[arg-type]
    store.journal.intend("c", run, [with_task(change(name))], {}, now=at)
    if outcome is not None:
        end = Settlement(name, outcome, "words")  # type: ignore[arg-type]
        store.journal.record_outcomes("c", [end], now=at, today=DAY)
    return run


def older(days: int) -> OlderThan:
    then = NOW - days * A_DAY
    return OlderThan(then, then.date(), then)


def told(store: Store, run: int) -> tuple[bool, bool, bool]:
    """Whether an entry still knows its fields, its reasons, and how the owner was found."""
    [entry] = store.journal.entries("c", run_id=run)
    return bool(entry.change.writes), bool(entry.change.reasons), entry.change.routing is not None


def test_old_detail_goes_and_the_entry_stays(store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(*map(lead, "12345")))], today=DAY)
    first = wrote(store, "1", NOW - 100 * A_DAY)
    again = wrote(store, "1", NOW - 99 * A_DAY)
    still_open = wrote(store, "2", NOW - 98 * A_DAY, None)
    young = wrote(store, "3", NOW - 10 * A_DAY)
    taken_back = wrote(store, "4", NOW - 97 * A_DAY)
    wrote(store, "4", NOW - 5 * A_DAY, kind="undo", undo_of=taken_back)
    turns, before = held_turns(store), state_of(store, "c")
    assert store.runs.tidy("c", older(30), only_count=True) == Tidied(entries=2)
    assert state_of(store, "c") == before
    assert store.runs.tidy("c", older(30)) == Tidied(entries=2)
    assert [told(store, run) for run in (first, again, still_open, young, taken_back)] == [
        (False, False, False),
        (False, False, True),
        (True, True, True),
        (True, True, True),
        (True, True, True),
    ]
    [entry] = store.journal.entries("c", run_id=first)
    assert (entry.state, entry.change.stage_after, entry.change.owner_after) == ("written", "sql", "anna")
    assert held_turns(store) == turns
    assert store.history.owner_moves("c", ["1"])["1"].routing.reason == "their turn"
    assert store.runs.tidy("c", older(30)) == Tidied(), "once is enough"


def test_runs_that_wrote_nothing_go_but_the_newest(store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    kept = wrote(store, "1", NOW - 400 * A_DAY)
    for number in range(RUNS_KEPT + 5):
        for dry_run in (True, False):
            store.runs.start("c", now=NOW - (300 - number) * A_DAY, dry_run=dry_run)
    store.runs.start("other", now=NOW - 300 * A_DAY, dry_run=True)
    ahead = store.runs.tidy("c", older(30), only_count=True)
    assert store.runs.tidy("c", older(30)) == ahead == Tidied(entries=1, dry_runs=15, runs=5)
    left = store.runs.last("c", limit=None)
    assert sum(not run.dry_run for run in left) == RUNS_KEPT + 1, "those that serve and guards look at"
    assert kept in {run.id for run in left}
    assert len(store.runs.last("other")) == 1


def test_holds_that_are_over_go(store: Store) -> None:
    for name, day in (("1", DAY - 31 * A_DAY), ("2", DAY - 29 * A_DAY)):
        store.left_alone.hold("c", Hold(name, day, "why", None, NOW))
    assert store.runs.tidy("c", older(30)).holds == 1
    assert [hold.lead for hold in store.left_alone.holds("c")] == ["2"]
