"""What PostgreSQL complains of, in words: with the next step, without the password, and the same from a look."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest
from sqlalchemy import make_url

from crmsync.errors import CrmsyncError, StoreUnavailable, UsageError
from crmsync.store import Store, stored_snapshots, why_unusable


def changed(address: str, **parts: str | int) -> str:
    return make_url(address).set(**parts).render_as_string(hide_password=False)  # type: ignore[arg-type]


REFUSED = {
    "database": (lambda it: changed(it, database="nowhere"), "no such database", "createdb"),
    "user": (lambda it: changed(it, username="nobody", password="hush"), "refuses the user", "user and password"),
    "port": (lambda _: "postgresql://anybody:hush@127.0.0.1:1/x", "cannot be reached", "its address"),
    "host": (lambda _: "postgresql://anybody:hush@no-such-host.invalid/x", "cannot be reached", "its address"),
    "address": (lambda _: "postgresql://:::", "cannot be read", "postgresql://user@host"),
    "other": (lambda _: "mysql://anybody:hush@host/x", "cannot be kept in mysql", "PostgreSQL database"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_address_where_no_store_can_be(postgresql_database: str, what: str) -> None:
    make, words, hint = REFUSED[what]
    address = make(postgresql_database)
    with pytest.raises(CrmsyncError) as refusal:
        Store(address)
    assert isinstance(refusal.value, UsageError if what in {"address", "other"} else StoreUnavailable)
    told = str(refusal.value)
    assert words in told
    assert hint in told
    look = str(why_unusable(address))
    assert words in look
    assert hint in look
    assert stored_snapshots(address) == {}
    assert "hush" not in told + look


def test_what_stands_there_and_is_no_store_of_this_program(postgresql_database: str) -> None:
    assert why_unusable(postgresql_database) is None
    with closing(Store(postgresql_database)) as store:
        store.runs.set_snapshot("c", "as seen")
    assert why_unusable(postgresql_database) is None
    assert stored_snapshots(postgresql_database) == {"c": "as seen"}
    for spoilt, words in (
        ("UPDATE alembic_version SET version_num = '9999'", "by a newer crmsync"),
        ("DROP TABLE alembic_version", "a database of another program"),
    ):
        with psycopg.connect(postgresql_database, autocommit=True) as at:
            at.execute(spoilt.encode())
        assert words in str(why_unusable(postgresql_database))
        with pytest.raises(StoreUnavailable, match=words):
            Store(postgresql_database)


def test_a_user_who_may_make_no_tables(postgresql_database: str) -> None:
    role = make_url(postgresql_database).database
    with psycopg.connect(postgresql_database, autocommit=True) as at:
        at.execute(f"CREATE ROLE {role} LOGIN".encode())
    with pytest.raises(StoreUnavailable, match="may not do that"):
        Store(changed(postgresql_database, username=str(role)))


def test_a_session_that_the_server_ends_is_told_and_the_next_one_works(postgresql_database: str) -> None:
    with closing(Store(postgresql_database)) as store:
        with pytest.raises(StoreUnavailable, match="has gone"), store._database.writing() as at:
            with psycopg.connect(postgresql_database, autocommit=True) as other:
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                other.execute(f"{ended} AND datname = current_database()".encode())
            at.exec_driver_sql("SELECT 1")
        assert store.runs.last("c") == ()
