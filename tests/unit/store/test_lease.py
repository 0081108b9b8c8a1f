"""A connection held over PostgreSQL: a holder that is frozen is overtaken, and writes nothing when it wakes up."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from crmsync.errors import AnotherRunInProgress, StoreUnavailable
from crmsync.store import Pulled, Store
from crmsync.store.locks import lease
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from suite.waiting import wait_until

_HOLDER = """
import sys
from datetime import UTC, date, datetime
from crmsync.errors import AnotherRunInProgress
from crmsync.store import Store
from crmsync.store.locks import lease
lease.RENEW_SECONDS = 0.1
store = Store(sys.argv[1])
with store.hold("c", now=datetime(2026, 11, 21, tzinfo=UTC)):
    print("held", flush=True)
    for line in sys.stdin:
        try:
            store.runs.set_digests("c", {"policy": line.strip()})
            print("written", flush=True)
        except AnotherRunInProgress as error:
            print(error.message, flush=True)
"""

FOR_EVER = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""The server does not end this transaction by itself: whoever gets by has ended it."""


@pytest.fixture
def store(postgresql_database: str) -> Iterator[Store]:
    with closing(Store(postgresql_database)) as store:
        yield store


@pytest.fixture
def holder(store: Store, postgresql_database: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, postgresql_database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert said(process) == "held"
    yield process
    process.kill()
    process.communicate()


@contextmanager
def on_the_server(database: str) -> Iterator[Connection]:
    """A session beside all others, whose statements are done at once."""
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as at:
        yield at
    engine.dispose()


def said(process: subprocess.Popen[str], asked: str | None = None) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    if asked is not None:
        process.stdin.write(f"{asked}\n")
        process.stdin.flush()
    return process.stdout.readline().strip()


def taken(store: Store, tries: int = 100) -> bool:
    for _ in range(tries):
        try:
            with store.hold("c", now=NOW):
                return True
        except AnotherRunInProgress:
            time.sleep(0.05)
    return False


@pytest.mark.breadth
def test_a_frozen_holder_is_overtaken_and_refused_when_it_wakes_up(
    store: Store, holder: subprocess.Popen[str], postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(holder, "first") == "written"
    with on_the_server(postgresql_database) as at:
        at.execute(text("UPDATE leases SET renewed_at = 0"))
        wait_until(lambda: at.execute(text("SELECT renewed_at FROM leases")).scalar_one(), what="renewing")
    assert not taken(store, tries=1), "it lives, and renews"
    assert store.abandoned(["c", "d"]) == ()
    holder.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1)
    wait_until(lambda: store.abandoned(["d", "c"]) == ("c",), what="the end of the lease")
    assert taken(store)
    assert store.abandoned(["c", "d"]) == ()
    holder.send_signal(signal.SIGCONT)
    assert said(holder, "second").startswith("another run has taken over c")
    assert store.runs.digests("c") == {"policy": "first"}


def test_whoever_takes_over_waits_for_the_transaction_under_way(
    store: Store, postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else half of what the former holder was writing would come after the first look of the new one."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0)
    monkeypatch.setattr(lease, "RENEW_SECONDS", 60)
    order = []
    with closing(Store(postgresql_database)) as other, store.hold("c", now=NOW):
        with store._database.writing(1):
            taking = threading.Thread(target=lambda: (taken(other), order.append("taken")))
            taking.start()
            time.sleep(0.5)
            order.append("committed")
        taking.join()
        assert order == ["committed", "taken"]
        with pytest.raises(AnotherRunInProgress, match="has taken over c"):
            store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)


@pytest.mark.parametrize("where", ["idle", "in the middle of a statement"])
def test_a_transaction_in_which_a_frozen_holder_stopped_keeps_nobody_off(
    store: Store, postgresql_database: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The server would end idle ones only, and after half a minute, which it does not here; a COPY whose rows do not
    come it bears.
    """
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(lease, "RENEW_SECONDS", 60)
    monkeypatch.setattr(lease, "STILL_SECONDS", 0.4)
    store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    store.facts.remember("d", [Pulled(leads=leads(lead("1")))], today=DAY)
    taken_over = False
    with ExitStack() as held:
        third, other = (held.enter_context(closing(Store(postgresql_database))) for _ in range(2))
        beside = held.enter_context(third._database.writing(2))
        held.enter_context(store.hold("c", now=NOW))
        held.enter_context(pytest.raises(StoreUnavailable, match="has gone"))
        at = held.enter_context(store._database.writing(1))
        at.execute(text(FOR_EVER))
        driver = at.connection.driver_connection
        assert driver is not None
        if where != "idle":
            driver.pgconn.send_query(b"COPY digests FROM STDIN")
        time.sleep(0.5)
        taken_over = taken(other)
        assert beside.execute(text("SELECT 1")).scalar_one() == 1, "another connection's goes on"
        driver.pgconn.get_result()
        at.execute(text("SELECT 1"))
    assert taken_over, "else what was raised may be that it could not be taken"


def test_who_stopped_while_it_took_a_lease_keeps_nobody_off(
    store: Store, postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever connection it was about: leases are taken one after the other."""
    monkeypatch.setattr(lease, "STILL_SECONDS", 0.4)
    monkeypatch.setattr(lease, "_TRY_SECONDS", 1)
    with ExitStack() as held:
        other = held.enter_context(closing(Store(postgresql_database)))
        held.enter_context(pytest.raises(OperationalError, match="terminating"))
        at = held.enter_context(store._database._backend.engine.begin())
        at.execute(text(FOR_EVER))
        began = time.monotonic()
        at.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lease._LEASES_LOCK})
        assert taken(other, tries=1)
        assert time.monotonic() - began > 0.4, "it was given time to go on"
        at.execute(text("SELECT 1"))


def test_only_the_connection_that_was_taken_is_refused(store: Store, postgresql_database: str) -> None:
    with store.hold("c", now=NOW):
        with on_the_server(postgresql_database) as at:
            at.execute(text("UPDATE leases SET epoch = epoch + 1"))
        with pytest.raises(AnotherRunInProgress):
            store.runs.set_digests("c", {"policy": "1"})
    store.runs.set_digests("c", {"policy": "2"})  # it holds nothing any more: like any command beside a run


def test_what_a_killed_process_held_is_abandoned_at_once(store: Store, holder: subprocess.Popen[str]) -> None:
    assert store.abandoned(["c"]) == ()
    holder.kill()
    holder.wait()
    wait_until(lambda: store.abandoned(["c"]) == ("c",), what="the end of its session")


def test_where_nobody_ever_held_anything_nothing_is_abandoned(postgresql_database: str, tmp_path: Path) -> None:
    for place in (postgresql_database, tmp_path / "store.db"):
        with closing(Store(place)) as fresh:
            assert fresh.abandoned(["c"]) == ()
            with fresh.hold("c", now=NOW):
                assert fresh.abandoned(["c"]) == ()


def test_a_run_goes_on_when_the_server_has_ended_its_session(
    store: Store, holder: subprocess.Popen[str], postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held by a session of its own again, before its lease is over."""
    with on_the_server(postgresql_database) as at:
        session = at.execute(text("SELECT session FROM leases")).scalar_one()
        at.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": int(session.split("/")[0])})
        now = text("SELECT session FROM leases")
        wait_until(lambda: at.execute(now).scalar_one() != session, what="a session of its own")
    assert store.abandoned(["c"]) == ()
    assert said(holder, "on") == "written"


def test_a_server_that_was_started_anew_says_nothing_of_processes(
    store: Store, postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sessions are all gone, and whoever held something has had no time to come back."""
    monkeypatch.setattr(lease, "RENEW_SECONDS", 60)
    with store.hold("c", now=NOW), on_the_server(postgresql_database) as at:
        at.execute(text("UPDATE leases SET session = 'gone'"))
        assert store.abandoned(["c"]) == ("c",)
        before = "extract(epoch FROM pg_postmaster_start_time()) * 1000000 - 1000000"
        at.execute(text(f"UPDATE leases SET renewed_at = {before}"))
        monkeypatch.setattr(lease, "LEASE_SECONDS", 10**9)
        assert store.abandoned(["c"]) == ()
        monkeypatch.setattr(lease, "LEASE_SECONDS", 0)
        assert store.abandoned(["c"]) == ("c",)
