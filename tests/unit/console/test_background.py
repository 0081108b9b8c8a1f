"""Work behind pages: once for what it depends on, one after the other, and told while it lasts."""

from __future__ import annotations

from threading import Event

import pytest

from crmsync.console.background import MOST_KEPT, MOST_WAITING, Background, StillComputing
from crmsync.errors import RunStopped, UsageError
from crmsync.progress import Progress
from suite.waiting import PATIENCE_SECONDS, wait_until


def test_work_is_done_once_for_a_state_and_tells_how_far_it_is() -> None:
    background, go, made = Background(), Event(), []

    def make(progress: Progress) -> int:
        progress("leads", 3, 9)
        assert go.wait(PATIENCE_SECONDS)
        made.append(1)
        return len(made)

    wait_until(lambda: background.of("a", 1, make) == StillComputing("leads", 3, 9))
    go.set()
    assert ended(background, "a", 1, make) == 1
    assert background.of("a", 1, make) == 1
    assert ended(background, "a", 2, make) == 2


def ended(background: Background, key: str, state: object, make: object) -> object:
    found = []

    def there() -> bool:
        found[:] = [background.of(key, state, make)]  # type: ignore[arg-type]
        return not isinstance(found[0], StillComputing)

    wait_until(there, what="the end")
    return found[0]


def test_what_went_wrong_is_told_once_and_tried_again() -> None:
    background, tries = Background(), []

    def make(_progress: Progress) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise UsageError("not so")
        return "so"

    with pytest.raises(UsageError, match="not so"):
        ended(background, "a", 1, make)
    assert ended(background, "a", 1, make) == "so"


def test_too_much_at_once_is_refused_and_little_is_kept() -> None:
    background, go = Background(), Event()
    for number in range(MOST_WAITING):
        background.of(str(number), 1, lambda _: go.wait(10))
    with pytest.raises(RunStopped, match="still being computed"):
        background.of("more", 1, lambda _: None)
    go.set()
    for number in range(MOST_WAITING):
        ended(background, str(number), 1, lambda _: True)
    for number in range(MOST_KEPT + 5):
        ended(background, f"n{number}", 1, lambda _: True)
    assert len(background._work) <= MOST_KEPT
