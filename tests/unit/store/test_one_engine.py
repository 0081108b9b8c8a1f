"""Stores of one process share what opens their file: closing one takes nothing from others, and leaves nothing."""

from __future__ import annotations

import gc
import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from crmsync.store import Store
from suite.waiting import wait_until

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def descriptors(file: Path) -> int:
    """How often this process has the file open."""
    folder = Path("/proc/self/fd")
    return sum(os.path.realpath(each) == str(file) for each in list(folder.iterdir()) if each.exists())


def test_a_connection_at_work_while_another_store_is_closed_is_closed_in_the_end(tmp_path: Path) -> None:
    """Without the search for circles of garbage, which a service makes seldom."""
    file = tmp_path / "store.db"
    gc.disable()
    try:
        first = Store(file)
        for _ in range(5):
            second = Store(file)
            with first._database.reading() as at:
                second.close()
                second.close()
                at.exec_driver_sql("SELECT 1")
        assert first.runs.last("c") == ()
        assert descriptors(file) <= 2
        first.close()
        assert descriptors(file) == 0
    finally:
        gc.enable()


def test_a_store_that_is_asked_after_it_was_closed_opens_its_file_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")
    store.close()
    assert store.runs.last("c") == ()
    store.close()
    assert descriptors(tmp_path / "store.db") == 0


def test_many_threads_may_read_at_once(tmp_path: Path) -> None:
    """More than an engine allows by itself."""
    store = Store(tmp_path / "store.db")
    held = [store._database.reading() for _ in range(40)]
    for each in held:
        each.__enter__()
    for each in held:
        each.__exit__(None, None, None)
    store.close()
    assert descriptors(tmp_path / "store.db") == 0


def test_sessions_are_shared_and_end_with_the_last_store(postgresql_database: str) -> None:
    """What runs of twenty connections open, and that a run's lease ends with its session."""
    engine = create_engine(postgresql_database.replace("postgresql:", "postgresql+psycopg:"))

    def sessions() -> int:
        ours = "application_name = 'crmsync' AND datname = current_database()"
        with engine.connect() as at:
            return int(at.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE {ours}")).scalar_one())

    def come_to(number: int) -> None:
        """The server takes a moment to see that a session has ended."""
        wait_until(lambda: sessions() == number, what=f"{number} sessions")

    stores = [Store(postgresql_database) for _ in range(20)]
    for store in stores:
        assert store.runs.last("c") == ()
    assert sessions() <= 2
    with stores[0].hold("c", now=NOW):
        held = sessions()
    come_to(held - 1)
    for store in stores[:-1]:
        store.close()
    assert sessions() > 0
    stores[-1].close()
    come_to(0)
    engine.dispose()
