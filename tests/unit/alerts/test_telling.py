"""From how connections stand to what channels get: once, whoever tells it; bounded where they take nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from crmsync.alerts import ChannelMessage, Lookout, lookout, sending, tell_due, telling
from crmsync.alerts.telling import LONGEST_PAUSE, pause_after
from crmsync.errors import StoreUnavailable
from crmsync.settings import OpenNeed, Settings, alert_channels, load_settings
from crmsync.store import Store
from suite.receivers import Hook, web_hook

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CRMSYNC = """
format: 1
language: en
connections:
  c: {connector: salesforce, mapping: mapping.yaml, writes: on}
alerts:
  repeat_hours: 24
  channels:
    pager: {by: webhook}
"""
MAPPING = """
format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open}}
facts: {}
"""


class Status:
    """Of a connection, as far as it matters here."""

    def __init__(self, *kinds: str) -> None:
        self.connection = "c"
        self.needs = tuple(OpenNeed(kind, "a person's name", None, "crmsync status c", 2) for kind in kinds)  # type: ignore[arg-type]


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, hook: Hook) -> Settings:
    (tmp_path / "crmsync.yaml").write_text(CRMSYNC, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text("format: 1\nname: Small\nladder:\n  - {stage: lead}\n", encoding="utf-8")
    (tmp_path / "roster.yaml").write_text("format: 1\npeople:\n  - {user: ann, role: ae}\n", encoding="utf-8")
    (tmp_path / ".env").write_text(f"CRMSYNC_ALERTS_PAGER_URL={hook.address}\n", encoding="utf-8")
    return load_settings(tmp_path / "crmsync.yaml")


def look(settings: Settings, *kinds: str, now: datetime = NOW) -> list[ChannelMessage]:
    """One look of a process of its own."""
    channels, findings = alert_channels(settings.alerts, settings.file, settings.directory)
    assert findings == ()
    with closing(Store(settings.store)) as store:
        return list(tell_due(settings, store, [Status(*kinds)], channels, now=lambda: now))  # type: ignore[list-item]


def test_each_is_told_once_then_again_then_over_and_no_person_is_in_it(settings: Settings, hook: Hook) -> None:
    assert look(settings, "lag", "tug_of_war") == [ChannelMessage("pager", 2, taken=True)]
    assert look(settings, "lag", "tug_of_war", now=NOW + MINUTE) == []
    look(settings, "lag", now=NOW + 2 * MINUTE)
    look(settings, "lag", now=NOW + timedelta(days=1))
    look(settings, now=NOW + timedelta(days=2))
    assert look(settings, now=NOW + timedelta(days=3)) == []
    assert hook.events == [
        ("c", "lag", "new"),
        ("c", "tug_of_war", "new"),
        ("c", "tug_of_war", "over"),
        ("c", "lag", "again"),
        ("c", "lag", "over"),
    ]
    assert "person" not in str([body["text"] for body in hook.bodies])
    assert len({each["key"] for body in hook.bodies for each in body["alerts"]}) == 2


def test_what_somebody_has_chosen_so_is_told_where_it_is_asked_for_only(settings: Settings, hook: Hook) -> None:
    assert look(settings, "writes_off", "never_read") == []
    file = settings.directory / "crmsync.yaml"
    file.write_text(CRMSYNC.replace("{by: webhook}", "{by: webhook, only: [writes_off]}"), encoding="utf-8")
    look(load_settings(file), "writes_off", "never_read", "lag")
    assert hook.events == [("c", "writes_off", "new")]


def test_two_processes_at_once_tell_it_once(settings: Settings, hook: Hook) -> None:
    """The second looks while the receiver still thinks about what the first has told."""
    asked, over = threading.Event(), threading.Event()

    def thinks() -> None:
        asked.set()
        over.wait(60)

    hook.before = thinks
    first: list[ChannelMessage] = []
    thread = threading.Thread(target=lambda: first.extend(look(settings, "lag")))
    thread.start()
    assert asked.wait(60)
    assert look(settings, "lag") == []
    over.set()
    thread.join()
    assert first == [ChannelMessage("pager", 1, taken=True)]
    assert look(settings, "lag", now=NOW + MINUTE) == []
    assert len(hook.got) == 1


@pytest.mark.breadth
def test_a_receiver_that_takes_nothing_is_asked_ever_more_seldom_and_gets_it_all_at_once(
    settings: Settings, hook: Hook
) -> None:
    hook.status = 500
    looks = [NOW + number * MINUTE for number in range(6 * 60)]
    for number, now in enumerate(looks):
        look(settings, "lag", *(("guard",) if number > 200 else ()), now=now)
    assert len(hook.got) == 7 + 4, "at once, after 1, 2, 4, 8, 16, 32 minutes, then once an hour"
    hook.status = 200
    hook.got.clear()
    look(settings, "lag", "guard", now=looks[-1] + LONGEST_PAUSE)
    assert hook.events == [("c", "guard", "new"), ("c", "lag", "new")]


@pytest.mark.parametrize(
    ("failures", "wish", "minutes"), [(0, None, 1), (1, None, 2), (5, None, 32), (6, None, 60), (99, None, 60),
                                      (0, 300, 5), (6, 1, 60), (0, 3600, 60)]
)  # fmt: skip
def test_how_long_a_channel_is_left_alone(failures: int, wish: float | None, minutes: int) -> None:
    assert pause_after(failures, wish) == minutes * MINUTE


def looking(settings: Settings, told: list[ChannelMessage]) -> Lookout:
    return Lookout(lambda: (settings, ("c",)), lambda: NOW, lambda *_: NOW, told.append)


def test_a_store_that_cannot_be_used_is_told_without_it(
    settings: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[ChannelMessage] = []
    watching = looking(settings, told)
    file = settings.directory / "crmsync.db"
    file.write_bytes(b"no database")
    with structlog.testing.capture_logs():
        for _ in range(3):
            watching.look()
    file.unlink()
    for _ in range(3):
        watching.look()
    assert hook.events == [("c", "store_unusable", "new"), ("c", "store_unusable", "over")]
    assert told == [ChannelMessage("pager", 1, taken=True)] * 2


def test_a_channel_without_its_secret_is_told_once_and_the_others_are_used(settings: Settings) -> None:
    file = settings.directory / "crmsync.yaml"
    file.write_text(CRMSYNC + "    ops: {by: slack}\n", encoding="utf-8")
    watching = looking(load_settings(file), [])
    with structlog.testing.capture_logs() as lines:
        watching.look()
        watching.look()
    wrong = [line for line in lines if line["log_level"] == "error"]
    assert len(wrong) == 1
    assert "CRMSYNC_ALERTS_OPS_URL is missing" in wrong[0]["message"]


@pytest.mark.parametrize("place", ["statuses", "alert_channels"])
def test_a_look_that_fails_ends_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    looks = threading.Semaphore(0)

    def fails(*_: Any, **__: Any) -> Any:
        looks.release()
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(lookout, place, fails)
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.01)
    with structlog.testing.capture_logs() as lines, looking(settings, []).at_work():
        for _ in range(3):
            assert looks.acquire(timeout=60)
    assert "unforeseen" not in str([line.get("message") for line in lines])


def test_who_is_woken_looks_at_once_and_the_end_waits_for_no_receiver(
    settings: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, over = threading.Event(), threading.Event()

    def thinks() -> None:
        asked.set()
        over.wait(60)

    hook.before = thinks
    monkeypatch.setattr(lookout, "_STOP_SECONDS", 0.1)
    found: list[Status] = []
    monkeypatch.setattr(lookout, "statuses", lambda *_, **__: found)
    watching = looking(settings, [])
    with watching.at_work():
        found.append(Status("lag"))
        watching.wake()
        assert asked.wait(60), "a minute later, without being woken"
        began = time.monotonic()
    assert time.monotonic() - began < 30
    over.set()


def test_without_channels_nobody_looks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    file = settings.directory / "crmsync.yaml"
    file.write_text(CRMSYNC.partition("alerts:")[0], encoding="utf-8")

    def never(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable("asked")

    monkeypatch.setattr(lookout, "statuses", never)
    with structlog.testing.capture_logs() as lines:
        looking(load_settings(file), []).look()
    assert lines == []


def test_a_message_that_takes_long_does_not_outlast_the_channels_lease() -> None:
    assert timedelta(seconds=sending.LONGEST_SECONDS) < telling._TAKEN_FOR < LONGEST_PAUSE
