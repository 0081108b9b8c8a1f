"""What the service's socket answers, over real connections."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.registry import Collector
from pydantic import SecretStr, ValidationError

from crmsync.errors import StoreUnavailable, UsageError
from crmsync.settings import WatchSettings
from crmsync.watch import Heartbeat, Listener, listening

HERE = WatchSettings(listen="127.0.0.1:0")


def asked(address: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[int, str]:
    request = urllib.request.Request(address, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def well() -> None:
    return None


def registry() -> CollectorRegistry:
    made = CollectorRegistry()
    Gauge("crmsync_example", "An example.", registry=made).set(7)
    return made


def test_all_is_well_and_told() -> None:
    with listening(HERE, registry(), well, well, token=None) as address:
        assert asked(f"{address}/healthz") == (200, "ok\n")
        assert asked(f"{address}/readyz") == (200, "ok\n")
        status, text = asked(f"{address}/metrics")
    assert status == 200
    assert "crmsync_example 7.0" in text.splitlines()
    with pytest.raises(OSError, match="refused"):
        asked(f"{address}/healthz")


@pytest.mark.parametrize(
    ("alive", "ready", "health", "readiness"),
    [
        (well, lambda: "locked", (200, "ok\n"), (503, "locked\n")),
        (lambda: "silent", well, (503, "silent\n"), (503, "silent\n")),
    ],
)
def test_what_is_wrong_is_told(
    alive: Callable[[], str | None], ready: Callable[[], str | None], health: Any, readiness: Any
) -> None:
    with listening(HERE, registry(), alive, ready, token=None) as address:
        assert asked(f"{address}/healthz") == health
        assert asked(f"{address}/readyz") == readiness


def test_metrics_without_a_store_say_so() -> None:
    class Broken(Collector):
        def describe(self) -> list[Any]:
            return []

        def collect(self) -> Any:
            raise StoreUnavailable("the disk is gone")

    made = registry()
    made.register(Broken())
    with listening(HERE, made, well, well, token=None) as address:
        assert asked(f"{address}/metrics") == (503, "the disk is gone\n")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("LOCALHOST", 200),
        ("evil.example:{port}", 421),
        ("localhost.evil.example", 421),
        ("", 421),
    ],
)
def test_a_web_page_that_was_led_here_gets_nothing(host: str, status: int) -> None:
    with listening(HERE, registry(), well, well, token=None) as address:
        port = str(address).rpartition(":")[2]
        for page in ("healthz", "metrics"):
            assert asked(f"{address}/{page}", {"Host": host.format(port=port)})[0] == status


def test_nothing_can_be_sent() -> None:
    with listening(HERE, registry(), well, well, token=None) as address:
        assert asked(f"{address}/metrics", method="POST")[0] == 405
        assert asked(f"{address}/store")[0] == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer t\xf6k\xe9n"}, 401),
        ({"Authorization": "Bearer s3cret"}, 200),
    ],
)
def test_metrics_ask_for_the_token(headers: dict[str, str], status: int) -> None:
    with listening(HERE, registry(), well, well, token="s3cret") as address:
        assert asked(f"{address}/metrics", headers)[0] == status
        assert asked(f"{address}/healthz")[0] == 200


def test_others_reach_it_with_a_token_only() -> None:
    open_to_all = WatchSettings(listen="0.0.0.0:0")
    with (
        pytest.raises(UsageError, match="can be reached from other machines"),
        listening(open_to_all, registry(), well, well, token=None),
    ):
        pass
    with listening(open_to_all, registry(), well, well, token="s3cret") as address:
        port = str(address).rpartition(":")[2]
        told = asked(f"http://127.0.0.1:{port}/metrics", {"Host": "crm.example", "Authorization": "Bearer s3cret"})
    assert told[0] == 200


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = WatchSettings(listen=f"127.0.0.1:{taken.getsockname()[1]}")
        with (
            pytest.raises(UsageError, match="cannot listen on"),
            listening(listen, registry(), well, well, token=None),
        ):
            pass


def test_nothing_listens_unasked() -> None:
    with listening(None, registry(), well, well, token=None) as address:
        assert address is None


@pytest.mark.parametrize(
    "listen", ["9464", "localhost:9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "::1:x", ""]
)
def test_what_is_no_address_and_port(listen: str) -> None:
    with pytest.raises(ValidationError, match="is no address and port"):
        WatchSettings(listen=listen)


@pytest.mark.parametrize(
    ("listen", "host", "loopback"),
    [
        ("127.0.0.1:1", "127.0.0.1", True),
        ("[::1]:1", "::1", True),
        ("0.0.0.0:1", "0.0.0.0", False),
        ("[::]:1", "::", False),
    ],
)
def test_who_reaches_an_address(listen: str, host: str, loopback: bool) -> None:
    settings = WatchSettings(listen=listen)
    assert (settings.host, settings.port, settings.loopback) == (host, 1, loopback)


def test_a_schedule_that_nobody_looks_at_is_told() -> None:
    now = 100.0
    heartbeat = Heartbeat(30, clock=lambda: now)
    now = 130.0
    assert heartbeat.trouble() is None
    now = 131.0
    assert heartbeat.trouble() == "the schedule has not been looked at for 31 s"
    heartbeat.beat()
    assert heartbeat.trouble() is None


def settings_at(listen: str | None, token: str | None = None) -> Any:
    """Settings, as far as a listener looks at them."""
    watch = None if listen is None else WatchSettings(listen=listen)
    secret = None if token is None else SecretStr(token)
    return SimpleNamespace(watch=watch, environment=SimpleNamespace(watch_token=secret))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_where_it_listens_may_change_and_so_may_the_token() -> None:
    first, second = (f"127.0.0.1:{free_port()}" for _ in range(2))
    with closing(Listener(registry(), well, well)) as listener:
        listener.take(settings_at(None))
        listener.take(settings_at(first))
        assert asked(f"http://{first}/metrics")[0] == 200
        listener.take(settings_at(second))
        assert asked(f"http://{second}/metrics")[0] == 200
        with pytest.raises(OSError, match="refused"):
            asked(f"http://{first}/healthz")
        listener.take(settings_at(second, "s3cret"))
        assert asked(f"http://{second}/metrics")[0] == 401
        assert asked(f"http://{second}/metrics", {"Authorization": "Bearer s3cret"})[0] == 200
        listener.take(settings_at(None, "s3cret"))
        with pytest.raises(OSError, match="refused"):
            asked(f"http://{second}/healthz")


@pytest.mark.parametrize("token", [None, "s3cret"])
def test_an_address_that_cannot_be_had_leaves_the_former_one(token: str | None) -> None:
    first = f"127.0.0.1:{free_port()}"
    with socket.create_server(("127.0.0.1", 0)) as taken, closing(Listener(registry(), well, well)) as listener:
        listener.take(settings_at(first))
        other = f"127.0.0.1:{taken.getsockname()[1]}" if token else "0.0.0.0:0"
        with structlog.testing.capture_logs() as lines:
            listener.take_if_it_can_be(settings_at(other, token))
        assert [line["event"] for line in lines if line["log_level"] == "error"] == [
            "watch is not taken, the former address goes on"
        ]
        assert [line for line in lines if line["event"] == "listening"] == [], "it has answered all the time"
        assert asked(f"http://{first}/metrics")[0] == 200, "and no token is asked for there"


def test_an_address_that_was_lost_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is taken away where one is needed, and somebody else is quicker to take the address."""
    port = free_port()
    with closing(Listener(registry(), well, well)) as listener:
        listener.take(settings_at(f"0.0.0.0:{port}", "s3cret"))

        def in_between(*_: Any, **__: Any) -> Any:
            raise UsageError("somebody else has it by now")

        with monkeypatch.context() as broken:
            broken.setattr("crmsync.watch.listener.listening", in_between)
            with pytest.raises(UsageError):
                listener.take(settings_at(f"0.0.0.0:{port}"))
        listener.take(settings_at(f"0.0.0.0:{port}", "s3cret"))
        assert asked(f"http://127.0.0.1:{port}/healthz")[0] == 200
