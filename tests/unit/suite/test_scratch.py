"""Folders of tests lie in memory only where there is room for others as well."""

from __future__ import annotations

import shutil
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
