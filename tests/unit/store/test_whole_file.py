"""What is done to the store's file as a whole: backups on any disk, and erasures that were kept from their end."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest

from crmsync.errors import StoreUnavailable, UsageError
from crmsync.store import Pulled, Store
from crmsync.store.database import Database
from crmsync.store.dialects import sqlite
from crmsync.testing.store_frames import DAY, lead, leads


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One lead. Open: others of this process that open the file wait as long as this one does."""
    with closing(Store(tmp_path / "store.db")) as opened:
        opened.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
        yield opened


def refuses(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")


def test_a_disk_without_hard_links_takes_a_backup(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refuses)
    store.back_up(tmp_path / "copy.db")
    with closing(Store(tmp_path / "copy.db")) as copy:
        assert copy.facts.lead_count("c") == 1
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_no_backup_is_told_and_nothing_is_left(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copies" / "copy.db"
    target.parent.mkdir()
    monkeypatch.setattr(os, "fsync", refuses)
    with pytest.raises(UsageError, match="cannot be written: Operation not supported"):
        store.back_up(target)
    assert list(target.parent.iterdir()) == []


def test_two_backups_at_once_do_not_meet(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins while the first is being checked, and is told that there is such a file once it is there."""
    target, fsync, begun = tmp_path / "copy.db", os.fsync, []

    def another_begins(descriptor: int) -> None:
        fsync(descriptor)
        if not begun:
            begun.append(True)
            store.back_up(target)

    monkeypatch.setattr(os, "fsync", another_begins)
    with pytest.raises(UsageError, match="already there"):
        store.back_up(target)
    with closing(Store(target)) as copy:
        assert copy.facts.lead_count("c") == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_an_erasure_that_was_kept_from_writing_the_file_anew_does_so_when_asked_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    write_anew = Database.write_anew

    def locked_at_first(self: Database) -> None:
        tries.append("again" if tries else "locked")
        if tries == ["locked"]:
            raise StoreUnavailable("locked")
        write_anew(self)

    monkeypatch.setattr(Database, "write_anew", locked_at_first)
    with pytest.raises(StoreUnavailable):
        store.forget("c", "1")
    assert not store.forget("c", "1").anything
    assert tries == ["locked", "again"]


def test_who_reads_waits_for_nobody_who_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    with closing(Store(tmp_path / "store.db")) as opened:
        opened.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with closing(Store(tmp_path / "store.db")) as reader:
            assert reader.facts.lead_count("c") == 1
            assert reader.runs.last("c") == ()
            with pytest.raises(StoreUnavailable, match="locked"):
                reader.facts.lead_count("never heard of")
