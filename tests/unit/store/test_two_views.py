"""Several views of one store in one process, and another process beside it: nobody loses what another has written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crmsync.errors import StoreUnavailable
from crmsync.store import Store
from crmsync.testing.store_frames import NOW

READS = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM runs').fetchone()"


def test_a_second_view_does_not_let_another_process_take_the_log_away(tmp_path: Path) -> None:
    """Whoever closes a database last throws its log away; locks tell who that is, and closing a file drops them."""
    file = tmp_path / "store.db"
    with closing(Store(file)) as store:
        store.runs.start("c", now=NOW, dry_run=True)
        assert Path(f"{file}-wal").exists()
        Store(file).close()
        subprocess.run([sys.executable, "-c", READS, str(file)], check=True, timeout=60)
        assert Path(f"{file}-wal").exists(), "the other process took itself for the last one"
        store.runs.start("c", now=NOW, dry_run=True)
        with closing(sqlite3.connect(file)) as other:
            assert other.execute("SELECT count(*) FROM runs").fetchone() == (2,)


def test_a_new_store_is_its_owners_alone_also_behind_a_link(tmp_path: Path) -> None:
    link = tmp_path / "store.db"
    link.symlink_to(tmp_path / "elsewhere.db")
    Store(link).close()
    assert (tmp_path / "elsewhere.db").stat().st_mode & 0o777 == 0o600


def test_what_is_no_file_and_what_may_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened: Is a directory"):
        Store(tmp_path)
    (tmp_path / "store.db").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StoreUnavailable, match="cannot be opened: Permission denied"):
        Store(tmp_path / "store.db")
