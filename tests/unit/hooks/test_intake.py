"""What was told is in the store before it is acknowledged; what cannot be kept is not."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crmsync.contract import Telling
from crmsync.errors import StoreUnavailable
from crmsync.hooks import Intake, intake
from crmsync.hooks.signing import is_of_now, is_right, signature, signed
from crmsync.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = Telling("7", "Lead", ("1", "2"), NOW)


class Heard:
    """What an intake has told others."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.counted: Counter[tuple[str, str]] = Counter()

    def called(self, connection: str) -> None:
        self.calls[connection] += 1

    def counts(self, connection: str, what: str, number: int) -> None:
        self.counted[connection, what] += number


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def taking(tmp_path: Path, heard: Heard) -> Iterator[Intake]:
    taking = Intake(lambda: str(tmp_path / "store.db"), lambda: NOW, heard.called, heard.counts)
    with taking.at_work():
        yield taking


def waiting(folder: Path, connection: str = "c") -> list[str]:
    with closing(Store(folder / "store.db")) as store:
        return [each.record for each in store.tellings.waiting(connection, limit=100)]


def test_it_is_kept_when_it_is_acknowledged(taking: Intake, heard: Heard, tmp_path: Path) -> None:
    taking.take("c", [LEAD], NOW).result(30)
    assert waiting(tmp_path) == ["1", "2"]
    taking.take("c", [LEAD], NOW).result(30)
    assert (heard.calls["c"] >= 1, heard.counted["c", "taken"] >= 2) == (True, True)


def test_what_waits_at_the_end_is_kept(tmp_path: Path, heard: Heard) -> None:
    taking = Intake(lambda: str(tmp_path / "store.db"), lambda: NOW, heard.called, heard.counts)
    with taking.at_work():
        kept = [taking.take("c", [Telling("7", "Lead", (str(number),))], NOW) for number in range(50)]
        taking.refuse("c", "old", 3)
    assert all(each.done() and each.exception() is None for each in kept)
    assert len(waiting(tmp_path)) == 50
    with closing(Store(tmp_path / "store.db")) as store:
        assert store.tellings.standing("c").refused == {"old": 3}


def test_nothing_is_acknowledged_that_could_not_be_kept(tmp_path: Path, heard: Heard) -> None:
    place = [str(tmp_path / "no folder" / "store.db")]
    taking = Intake(lambda: place[0], lambda: NOW, heard.called, heard.counts)
    with taking.at_work():
        with pytest.raises(StoreUnavailable):
            taking.take("c", [LEAD], NOW).result(30)
        assert heard.calls == Counter()
        place[0] = str(tmp_path / "store.db")
        taking.take("c", [LEAD], NOW).result(30)
    assert waiting(tmp_path) == ["1", "2"]


def test_too_much_is_refused_and_not_heaped_up(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 3)
    taking = Intake(lambda: "nowhere", lambda: NOW, heard.called, heard.counts)
    for _ in range(3):
        taking.take("c", [LEAD], NOW)
    with pytest.raises(queue.Full):
        taking.take("c", [LEAD], NOW)


def test_refusals_are_counted_at_once_and_written_seldom(tmp_path: Path, heard: Heard) -> None:
    """An attack must not keep the store busy."""
    opened = []
    taking = Intake(lambda: opened.append(1) or str(tmp_path / "store.db"), lambda: NOW, heard.called, heard.counts)
    with taking.at_work():
        for _ in range(500):
            taking.refuse("c", "wrong_signature")
        taking.refuse(None, "no_connection")
        assert heard.counted == {("c", "wrong_signature"): 500, ("", "no_connection"): 1}
        assert opened == []
    with closing(Store(tmp_path / "store.db")) as store:
        assert store.tellings.standing("c").refused == {"wrong_signature": 500}


@pytest.mark.parametrize(("seconds", "right"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_a_touch_is_believed_for_five_minutes(seconds: int, right: bool) -> None:
    headers = signed("secret", b"body", NOW + timedelta(seconds=seconds))
    assert is_of_now(headers["x-crmsync-timestamp"], NOW) is right
    assert is_right("secret", headers["x-crmsync-signature"], headers["x-crmsync-timestamp"], b"body")


def test_a_signature_is_of_its_time_and_body() -> None:
    right = signature("secret", "1", b"body")
    for secret, timestamp, body in (("other", "1", b"body"), ("secret", "2", b"body"), ("secret", "1", b"more")):
        assert not is_right(secret, right, timestamp, body)
    for odd in ("", "soon", "-1", "1e9", "９", "9" * 13):
        assert not is_of_now(odd, NOW)


def test_threads_end(taking: Intake) -> None:
    assert any(thread.name == "intake" for thread in threading.enumerate())
