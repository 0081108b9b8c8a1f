"""Folders of tests lie in memory only where there is room for others as well."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from suite import scratch


@pytest.mark.parametrize(
    ("free_bytes", "in_memory"), [(scratch.NEEDED_BYTES, True), (scratch.NEEDED_BYTES - 1, False)]
)
def test_memory_is_taken_where_there_is_enough(
    free_bytes: int, in_memory: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free_bytes))
    assert scratch.quick_folder(None, tmp_path) == (tmp_path if in_memory else None)


def test_a_machine_without_it_and_one_that_says_where(tmp_path: Path) -> None:
    assert scratch.quick_folder(None, tmp_path / "none") is None
    assert scratch.quick_folder(str(tmp_path), tmp_path / "none") == tmp_path


def test_everybody_has_one_of_their_own_and_one_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = scratch.own_folder(tmp_path)
    assert scratch.own_folder(tmp_path) == scratch.own_folder(mine) == mine
    assert mine.parent == tmp_path
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert scratch.own_folder(tmp_path) not in (mine, tmp_path)


def test_whoever_runs_postgresql_gets_through_it(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        mode = scratch.own_folder(tmp_path).stat().st_mode
    finally:
        os.umask(before)
    assert mode & 0o777 == 0o711


def test_what_tests_make_lies_there() -> None:
    assert Path(tempfile.gettempdir()) == scratch.own_folder(Path(tempfile.gettempdir()))
