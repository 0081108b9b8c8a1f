"""What is heard is kept before more is asked for; what goes wrong is told once, and tried again."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crmsync.contract import Heard, PositionLost, Telling
from crmsync.errors import CrmUnreachable
from crmsync.hooks import Intake, following
from crmsync.hooks.following import _Follower, pause_after
from crmsync.store import Store
from suite.waiting import wait_until

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Crm:
    """A subscription to what a test says: `Heard`, or an error that is raised."""

    channel = "/data/A"

    def __init__(self, *says: Heard | Exception) -> None:
        self.says: queue.Queue[Heard | Exception | None] = queue.Queue()
        self.asked: list[str | None] = []
        self.given = 0
        for each in says:
            self.says.put(each)

    def heard(self, account: str, position: str | None) -> Iterator[Heard]:
        self.asked.append(position)
        while (said := self.says.get()) is not None:
            if isinstance(said, Exception):
                raise said
            self.given += 1
            yield said

    def close(self) -> None:
        self.says.put(None)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []

    class Log:
        def __getattr__(self, _: str) -> Any:
            return lambda event, **_: told.append(event)

    monkeypatch.setattr(following, "log", Log())
    monkeypatch.setattr(following, "pause_after", lambda _: 0.01)
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.02)
    return told


def followed(folder: Path, crm: Crm, until: Any, account: str | None = "org", kept: Any = None) -> Store:
    """The store, once what is waited for has happened."""
    path = str(folder / "store.db")
    store = Store(path)
    intake = Intake(lambda: path, lambda: NOW, lambda _: None)
    intake.account = lambda _: account  # type: ignore[method-assign]
    if kept is not None:
        intake.take = kept(intake.take)  # type: ignore[method-assign]
    with intake.at_work():
        follower = _Follower("c", crm, intake, lambda: NOW, lambda: path)
        wait_until(lambda: until(store))
        follower.stop()
    return store


def heard(position: str, *ids: str, untold: bool = False) -> Heard:
    return Heard((Telling("org", "Lead", ids),) if ids else (), position, untold)


def test_records_and_position_are_kept_together_and_taken_up_again(tmp_path: Path, log: list[str]) -> None:
    """A sign of life moves the position, too."""
    crm = Crm(heard("1", "a", "b"), heard("2"), heard("3", untold=True), CrmUnreachable("away"))
    with closing(followed(tmp_path, crm, lambda _: len(crm.asked) > 1)) as store:
        assert [(it.record, it.is_anything) for it in store.tellings.waiting("c", limit=9)] == [
            ("*", True),
            ("a", False),
            ("b", False),
        ]
        assert crm.asked[:2] == [None, "3"]


def test_more_is_asked_for_when_it_is_kept(tmp_path: Path, log: list[str]) -> None:
    """A store that takes nothing is no reason to hear on."""
    crm, seen = Crm(heard("1", "a"), heard("2", "b")), list[int]()

    def noted(take: Any) -> Any:
        def taken(*told: Any, **more: Any) -> Any:
            take(*told, **more).result(30)
            late: Future[None] = Future()
            threading.Timer(0.2, lambda: (seen.append(crm.given), late.set_result(None))).start()
            return late

        return taken

    followed(tmp_path, crm, lambda _: len(seen) == 2, kept=noted).close()
    assert seen == [1, 2]


def test_a_position_that_is_lost_goes_on_from_now_and_has_all_read(tmp_path: Path, log: list[str]) -> None:
    crm = Crm(heard("1", "a"), PositionLost("gone"), heard("9", "z"))
    with closing(
        followed(tmp_path, crm, lambda store: store.tellings.position("c", "org", "/data/A") == "9")
    ) as store:
        assert crm.asked == [None, None]
        assert store.tellings.standing("c").lost == 1
        assert {it.record for it in store.tellings.waiting("c", limit=9)} == {"a", "*", "z"}
    assert "changes were missed: all that changed is read" in log


def test_the_same_trouble_is_told_once(tmp_path: Path, log: list[str]) -> None:
    away = [CrmUnreachable("away") for _ in range(4)]
    crm = Crm(*away, heard("1"), CrmUnreachable("away"), heard("2"))
    followed(tmp_path, crm, lambda store: store.tellings.position("c", "org", "/data/A") == "2").close()
    assert [event for event in log if event.startswith("subscription interrupted")] == [log[0], log[0]]


def test_nobody_listens_before_the_first_reading_or_where_somebody_does(tmp_path: Path, log: list[str]) -> None:
    crm, looks = Crm(heard("1")), list[int]()
    followed(tmp_path, crm, lambda _: looks.append(1) or len(looks) > 5, account=None).close()
    assert crm.asked == []
    with closing(Store(tmp_path / "store.db")) as store, store.listen("c", now=NOW):
        looks.clear()
        followed(tmp_path, crm, lambda _: looks.append(1) or len(looks) > 5).close()
    assert (crm.asked, log) == ([], [])


def test_pauses_grow_and_are_spread() -> None:
    for failures, longest in ((1, 1), (2, 2), (4, 8), (7, 60), (500, 60)):
        pauses = {pause_after(failures) for _ in range(20)}
        assert len(pauses) > 1
        assert all(longest / 2 <= each <= longest for each in pauses)
