"""What takes long is told again for a while, and what is quick is made each time."""

from __future__ import annotations

import threading

from crmsync.store.lately import Lately
from suite.waiting import wait_until


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_an_answer_is_told_for_twenty_times_as_long_as_it_took() -> None:
    """But for no longer than two minutes; of each key its own; what took half a second is made each time."""
    clock = Clock()
    lately, made = Lately[str, int](clock), 0

    def told(key: str, took: float) -> int:
        def make() -> int:
            nonlocal made
            clock.seconds, made = clock.seconds + took, made + 1
            return made

        return lately.told(key, make)

    assert [told("quick", 0.5) for _ in range(3)] == [1, 2, 3]
    assert [told("slow", 2.0) for _ in range(3)] == [4, 4, 4]
    assert told("other", 2.0) == 5
    clock.seconds += 37.9
    assert told("slow", 2.0) == 4
    clock.seconds += 0.2
    assert told("slow", 60.0) == 6
    clock.seconds += 119.9
    assert told("slow", 60.0) == 6
    clock.seconds += 0.2
    assert told("slow", 60.0) == 7


def test_who_asks_for_what_is_being_made_waits_for_it() -> None:
    begun, go_on, made = threading.Event(), threading.Event(), list[int]()
    clock = Clock()
    lately = Lately[str, int](clock)

    def make() -> int:
        made.append(0)
        begun.set()
        go_on.wait(30)
        clock.seconds += 2
        return len(made)

    found: list[int] = []
    asking = [threading.Thread(target=lambda: found.append(lately.told("k", make)), daemon=True) for _ in range(3)]
    for each in asking:
        each.start()
    assert begun.wait(30)
    go_on.set()
    wait_until(lambda: len(found) == 3, what="three answers")
    assert found == [1, 1, 1]
