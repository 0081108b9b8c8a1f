"""Work that begins when somebody calls: gathered, one at a time, stopped and waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from crmsync.schedule import OnCall, on_call

PATIENCE = 30.0


class Worker:
    """Counts what it is called for; `pauses`: what it answers, one after the other, then null."""

    def __init__(self, *pauses: float | None) -> None:
        self.times: list[float] = []
        self.pauses = list(pauses)
        self.done = threading.Condition()

    def __call__(self, stop: Callable[[], bool]) -> float | None:
        with self.done:
            self.times.append(time.monotonic())
            self.done.notify_all()
        return self.pauses.pop(0) if self.pauses else None

    def wait(self, number: int) -> None:
        with self.done:
            assert self.done.wait_for(lambda: len(self.times) >= number, PATIENCE)


def at_work(gather: float = 0.0) -> OnCall:
    return OnCall(lambda: gather, lambda: False)


def test_it_looks_once_at_the_start_and_then_when_it_is_called() -> None:
    calls, worker = at_work(), Worker()
    with calls.at_work():
        calls.run({"c": worker})
        worker.wait(1)
        calls.call("c")
        worker.wait(2)
        calls.call("nobody")
    assert len(worker.times) == 2


def test_calls_gather() -> None:
    calls, worker = at_work(0.3), Worker()
    with calls.at_work():
        calls.run({"c": worker})
        worker.wait(1)
        for _ in range(100):
            calls.call("c")
        worker.wait(2)
        assert worker.times[1] - worker.times[0] >= 0.3
    assert len(worker.times) == 2


def test_a_pause_is_not_shortened_by_calls() -> None:
    """The CRM is down: a flood must not have it asked by the second."""
    calls, worker = at_work(), Worker(0.5)
    with calls.at_work():
        calls.run({"c": worker})
        worker.wait(1)
        for _ in range(10):
            calls.call("c")
        worker.wait(2)
    assert worker.times[1] - worker.times[0] >= 0.5


def test_what_was_left_is_looked_for_without_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_call, "LOOK_SECONDS", 0.05)
    calls, worker = at_work(), Worker()
    with calls.at_work():
        calls.run({"c": worker})
        worker.wait(3)


def test_one_that_fails_is_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_call, "LOOK_SECONDS", 0.05)
    worker = Worker()

    def fails(stop: Callable[[], bool]) -> float | None:
        worker(stop)
        raise ZeroDivisionError

    calls = at_work()
    with calls.at_work():
        calls.run({"c": fails})
        worker.wait(2)


def test_the_end_stops_what_is_under_way_and_waits_for_it() -> None:
    began, ended = threading.Event(), threading.Event()

    def lasts(stop: Callable[[], bool]) -> float | None:
        began.set()
        while not stop():
            time.sleep(0.01)
        ended.set()
        return 0.0

    calls = at_work()
    with calls.at_work():
        calls.run({"c": lasts})
        assert began.wait(PATIENCE)
    assert ended.is_set()
