"""The pacer never lets more calls into a window than allowed, and waits no longer than needed."""

from __future__ import annotations

import random

from crmsync.sdk import Pace, Pacer


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def test_calls_below_the_pace_do_not_wait() -> None:
    time = Time()
    pacer = Pacer({"general": Pace(3, 10.0)}, clock=time.clock, sleep=time.sleep)
    assert [pacer.wait("general") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert pacer.wait("general") == 10.0


def test_no_window_ever_holds_more_than_its_calls() -> None:
    time, chance = Time(), random.Random(3)
    pacer = Pacer({"general": Pace(7, 10.0), "search": Pace(2, 1.0)}, clock=time.clock, sleep=time.sleep)
    calls: dict[str, list[float]] = {"general": [], "search": []}
    for _ in range(400):
        time.now += chance.choice((0.0, 0.0, 0.3, 2.0))
        names = ("general", "search") if chance.random() < 0.5 else ("general",)
        pacer.wait(*names)
        for name in names:
            calls[name].append(time.now)
    for name, allowed, seconds in (("general", 7, 10.0), ("search", 2, 1.0)):
        for first, one_too_many in zip(calls[name], calls[name][allowed:], strict=False):
            assert one_too_many - first >= seconds - 1e-9


def test_it_uses_the_pace_fully() -> None:
    time = Time()
    pacer = Pacer({"general": Pace(10, 1.0)}, clock=time.clock, sleep=time.sleep)
    for _ in range(1000):
        pacer.wait("general")
    assert time.now - 100.0 == 99.0
