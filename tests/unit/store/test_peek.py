"""A look at the store's file that changes nothing: what a run would refuse is told before it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crmsync.store import Store
from crmsync.store.peek import stored_snapshots, why_unusable
from crmsync.testing.store_steps import prepare


def executed(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as at, at:
        at.execute(statement)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with closing(Store(tmp_path / "store.db")) as store:
        prepare(store, "c")
        store.runs.set_snapshot("c", "as seen")
    return tmp_path / "store.db"


def test_a_sound_store_is_read_and_stays(file: Path) -> None:
    before = file.read_bytes()
    assert why_unusable(file) is None
    assert stored_snapshots(file) == {"c": "as seen"}
    assert file.read_bytes() == before


def test_none_is_made(tmp_path: Path) -> None:
    assert why_unusable(tmp_path / "none.db") is None
    assert stored_snapshots(tmp_path / "none.db") == {}
    assert list(tmp_path.iterdir()) == []


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "bytes": (lambda file: file.write_bytes(b"x" * 5000), "cannot be used: file is not a database"),
    "cut": (
        lambda file: file.write_bytes(file.read_bytes()[:9000]),
        "cannot be used: database disk image is malformed",
    ),
    "newer": (lambda file: executed(file, "UPDATE alembic_version SET version_num = '9999'"), "by a newer crmsync"),
    "another": (lambda file: executed(file, "DROP TABLE alembic_version"), "a database of another program"),
    "folder": (lambda file: (file.unlink(), file.mkdir()), "is no file"),
    "pipe": (lambda file: (file.unlink(), os.mkfifo(file)), "is no file"),
    "nowhere": (lambda file: (file.unlink(), file.symlink_to("/nowhere/store.db")), "is no file"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_a_run_would_refuse_is_told(file: Path, how: str) -> None:
    spoil, words = SPOILT[how]
    spoil(file)
    assert words in str(why_unusable(file))
    assert stored_snapshots(file) in ({}, {"c": "as seen"})


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert why_unusable(tmp_path / "none" / "store.db") == f"there is no folder {tmp_path / 'none'}"


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    assert why_unusable(tmp_path / "empty.db") is None
