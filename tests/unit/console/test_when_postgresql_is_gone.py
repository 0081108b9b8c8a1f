"""PostgreSQL goes away while pages are asked for, and comes back: pages say so and heal; nobody begins anew."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from starlette.testclient import TestClient

from crmsync.clock import now
from crmsync.console import Site, access_by, application
from crmsync.schedule import first_due
from crmsync.settings import KeptSettings, load_settings
from crmsync.store import Store
from suite.waiting import wait_until
from unit.console.signing_in import HERE, behind_sign_in, sign_in, small_configuration

PAGES = ("/", "/runs", "/leads?sought=an", "/plan/c", "/settings")
_NAME = ".s.PGSQL.5432"


class Relay:
    """A server's socket in another place, which can be taken away with all that goes through it, and put back."""

    def __init__(self, server: Path, folder: Path) -> None:
        self._server, self._own = server, folder / _NAME
        self._open: list[socket.socket] = []
        self._listening: socket.socket | None = None

    def begin(self) -> None:
        """Take connections from now on."""
        self._listening = listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(self._own))
        listening.listen(50)
        threading.Thread(target=self._take, args=(listening,), daemon=True).start()

    def end(self) -> None:
        """Drop all connections, and take none."""
        listening, self._listening = self._listening, None
        if listening is not None:
            self._own.unlink()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._open = []

    def _take(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                taken, _ = listening.accept()
                onward = socket.socket(socket.AF_UNIX)
                onward.connect(str(self._server / _NAME))
                self._open += [taken, onward]
                threading.Thread(target=self._pass_on, args=(taken, onward), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with one, other, selectors.DefaultSelector() as ready, suppress(OSError, ValueError):
            ready.register(one, selectors.EVENT_READ, other)
            ready.register(other, selectors.EVENT_READ, one)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    if not data:
                        return
                    key.data.sendall(data)


@pytest.fixture
def relay(postgresql_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    host = make_url(postgresql_database).query.get("host")
    if not isinstance(host, str) or not Path(host, _NAME).exists():
        pytest.skip("the server has no socket on this machine")
    made = Relay(Path(host), tmp_path_factory.mktemp("pg"))
    made.begin()
    yield made
    made.end()


@pytest.fixture
def browser(relay: Relay, postgresql_database: str, tmp_path: Path) -> TestClient:
    address = make_url(postgresql_database).update_query_dict({"host": str(relay._own.parent)})
    config = small_configuration(tmp_path)
    where = address.render_as_string(hide_password=False)
    config.write_text(f"store: {where}\n{config.read_text()}")
    with closing(Store(where)):
        pass
    return behind_sign_in(config)


def sessions_with(address: str) -> set[tuple[int, object]]:
    """Those of crmsync that the server has by now, each with its beginning."""
    ours = "datname = current_database() AND application_name = 'crmsync'"
    asked = f"SELECT pid, backend_start FROM pg_stat_activity WHERE {ours}"
    with psycopg.connect(address) as at:
        return {(int(pid), began) for pid, began in at.execute(asked)}


def status(browser: TestClient, path: str) -> int:
    return int(browser.get(path).status_code)


@pytest.mark.breadth
def test_pages_say_that_the_store_is_gone_and_come_back_with_it(
    browser: TestClient, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    assert sign_in(browser, "ada") == 303
    assert {path: status(browser, path) for path in PAGES} == dict.fromkeys(PAGES, 200)
    relay.end()
    for path in PAGES:
        answer = browser.get(path)
        assert answer.status_code == 503, path
        assert "data-again" in answer.text, "it comes by itself once it can be shown"
        assert "Traceback" not in answer.text
    relay.begin()
    assert {path: status(browser, path) for path in PAGES} == dict.fromkeys(PAGES, 200), "she is still signed in"
    assert "Traceback" not in caplog.text


@pytest.mark.breadth
def test_requests_under_way_end_when_it_goes_and_later_ones_are_answered(browser: TestClient, relay: Relay) -> None:
    assert sign_in(browser, "ada") == 303
    seen: list[int] = []
    enough = threading.Event()

    def ask(path: str) -> None:
        while not enough.is_set():
            seen.append(status(browser, path))

    asking = [threading.Thread(target=ask, args=(path,), daemon=True) for path in PAGES]
    for each in asking:
        each.start()
    try:
        for _ in range(3):
            wait_until(lambda: 200 in seen, what="a page that is there")
            relay.end()
            seen.clear()
            wait_until(lambda: seen.count(503) >= len(PAGES), what="pages that say that the store is gone")
            relay.begin()
            seen.clear()
    finally:
        enough.set()
    for each in asking:
        each.join(60)
    assert not any(each.is_alive() for each in asking), "a request hangs"
    assert set(seen) <= {200, 503}
    assert {path: status(browser, path) for path in PAGES} == dict.fromkeys(PAGES, 200)


def test_pages_share_sessions_which_end_with_the_console(postgresql_database: str, tmp_path: Path) -> None:
    """One that the server has ended between two pages is opened anew without a word."""
    config = small_configuration(tmp_path)
    config.write_text(f"store: {postgresql_database}\n{config.read_text()}")
    settings = load_settings(config)
    site = Site(KeptSettings(config), now, first_due, None, access_by(settings, None, None, now))
    browser = TestClient(application(site), base_url=HERE, follow_redirects=False)
    assert sign_in(browser, "ada") == 303
    assert status(browser, "/") == 200
    kept = sessions_with(postgresql_database)
    assert kept
    assert {path: status(browser, path) for path in PAGES} == dict.fromkeys(PAGES, 200)
    assert sessions_with(postgresql_database) == kept
    with psycopg.connect(postgresql_database, autocommit=True) as at:
        for pid, _ in kept:
            at.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])
    assert {path: status(browser, path) for path in PAGES} == dict.fromkeys(PAGES, 200), "she is still signed in"
    later = sessions_with(postgresql_database)
    assert later and not later & kept
    site.close()
    wait_until(lambda: not sessions_with(postgresql_database), what="sessions to end with the console")
