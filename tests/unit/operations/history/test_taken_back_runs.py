"""What is told of a run that was taken back, and what is read of the journal for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from crmsync.operations.history.runs import lines_of
from crmsync.store import Pulled, Settlement, Store, undone
from crmsync.store.tables import runs
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


@contextmanager
def compared(store: Store) -> Iterator[list[str]]:
    """Statements that read what entries moved."""
    said: list[str] = []

    def heard(_at: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT") and "journal.stage_before" in statement:
            said.append(statement)

    event.listen(store._database.engine, "before_cursor_execute", heard)
    try:
        yield said
    finally:
        event.remove(store._database.engine, "before_cursor_execute", heard)


def test_what_entries_moved_is_read_by_no_page(store: Store) -> None:
    """There may be half a million, and pages list the run: of one that was only planned to be taken back, and of one
    that was, which is compared when the run ends that took it back.
    """
    run = wrote(store, "1", "2")
    store.runs.start("c", now=NOW, dry_run=True, kind="undo", undo_of=run)
    with compared(store) as said:
        assert told(store, run) == ([], True)
    assert said == []
    with compared(store) as said:
        first = wrote(store, "1", undo_of=run)
    assert said != []
    with compared(store) as said:
        assert told(store, run) == ([(first, 1)], True)
        store.runs.start("c", now=NOW, dry_run=True, kind="undo", undo_of=run)
        assert told(store, run) == ([(first, 1)], True)
    assert said == [], "another plan to take it back changes nothing"


def test_what_was_taken_back_before_that_was_kept_is_compared_when_the_next_run_ends(store: Store) -> None:
    run = wrote(store, "1", "2")
    first = wrote(store, "2", undo_of=run)
    with store._database.writing() as at:
        at.execute(runs.update().values(undone="{", ends=None))
    with compared(store) as said:
        assert told(store, run) == ([(first, 1)], True)
        assert len(said) == 2
        wrote(store, "1")
        del said[:]
        assert told(store, run) == ([(first, 1)], True)
    assert said == []
    with store._database.reading() as at:
        assert at.execute(select(runs.c.id).where(runs.c.ends.is_(None))).scalars().all() == []


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_many_leads_are_compared_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(undone, "LEADS_AT_ONCE", at_once)
    names = [f"{number}" for number in range(1, 6)]
    store.facts.remember("c", [Pulled(leads=leads(*map(lead, names)))], today=DAY)
    run = wrote(store, *names)
    first, second = wrote(store, "1", "2", "4", undo_of=run), wrote(store, "5", undo_of=run)
    again = wrote(store, "2", undo_of=first)
    assert told(store, run) == ([(first, 2), (second, 1)], True)
    assert told(store, first) == ([(again, 1)], True)
    rest = wrote(store, "2", "3", undo_of=run)
    assert told(store, run) == ([(first, 2), (second, 1), (rest, 2)], False)


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
