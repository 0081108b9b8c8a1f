"""What is told of a run that was taken back, and what is read of the journal for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crmsync.operations.history.runs import lines_of
from crmsync.store import Pulled, Settlement, Store
from crmsync.store.faces.journal import Journal
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from crmsync.testing.store_steps import change, settle


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "store.db")) as opened:
        opened.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        yield opened


def wrote(store: Store, *names: str, undo_of: int | None = None) -> int:
    """A run that wrote these leads, or took them back."""
    run = store.runs.start("c", now=NOW, dry_run=False, kind="run" if undo_of is None else "undo", undo_of=undo_of)
    store.journal.intend("c", run, [change(name) for name in names], {}, given_back=(), now=NOW)
    settle(store, *(Settlement(name, "written") for name in names))
    store.runs.end("c", run, now=NOW, exit_code=0, counts={})
    return run


def told(store: Store, run: int) -> tuple[list[tuple[int, int]], bool]:
    """Which runs took it back and of how many leads, and whether something is left."""
    record = store.runs.one("c", run)
    assert record is not None
    [line] = lines_of(store, "c", [record])
    return [(it.run, it.leads) for it in line.undone_by], line.left


def test_nothing_is_read_of_a_run_that_was_only_planned_to_be_taken_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have written half a million leads, and pages list it."""
    run = wrote(store, "1", "2")
    store.runs.start("c", now=NOW, dry_run=True, kind="undo", undo_of=run)
    read, moved = set[int](), Journal.moved

    def noted(self: Journal, connection: str, runs: Collection[int], states: Any) -> Any:
        read.update(runs)
        return moved(self, connection, runs, states)

    monkeypatch.setattr(Journal, "moved", noted)
    assert told(store, run) == ([], True)
    assert run not in read


def test_what_was_taken_back_in_part_and_then_the_rest(store: Store) -> None:
    run = wrote(store, "1", "2")
    store.runs.start("c", now=NOW, dry_run=True, kind="undo", undo_of=run)
    first = wrote(store, "1", undo_of=run)
    assert told(store, run) == ([(first, 1)], True)
    second = wrote(store, "2", undo_of=run)
    assert told(store, run) == ([(first, 1), (second, 1)], False)
    again = wrote(store, "2", undo_of=second)
    assert told(store, second) == ([(again, 1)], False)
    assert told(store, run) == ([(first, 1)], True)
