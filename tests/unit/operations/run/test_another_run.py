"""Who wants a connection that another run works on asks again, for as long as it has patience."""

from __future__ import annotations

from threading import Event

import pytest

from crmsync.errors import AnotherRunInProgress
from crmsync.operations.run.another_run import once_it_has_ended

FOR_EVER_SECONDS = 3600.0


class Busy:
    """A connection on which another run is at work for so many attempts."""

    def __init__(self, attempts: int) -> None:
        self.asked, self.attempts = 0, attempts

    def __call__(self) -> str:
        self.asked += 1
        if self.asked <= self.attempts:
            raise AnotherRunInProgress("another run is at work")
        return "done"


def test_what_is_free_is_done_at_once_and_nobody_is_told_to_wait() -> None:
    told: list[None] = []
    deed = Busy(0)
    done = once_it_has_ended(
        deed, patience_seconds=0, apart_seconds=FOR_EVER_SECONDS, waits=lambda: told.append(None)
    )
    assert (done, deed.asked, told) == ("done", 1, [])


def test_it_is_asked_again_until_it_is_free_and_told_before_each_wait() -> None:
    told: list[int] = []
    deed = Busy(3)
    done = once_it_has_ended(
        deed, patience_seconds=FOR_EVER_SECONDS, apart_seconds=0.001, waits=lambda: told.append(deed.asked)
    )
    assert (done, told) == ("done", [1, 2, 3])


def test_without_patience_it_is_asked_for_once() -> None:
    deed = Busy(1)
    with pytest.raises(AnotherRunInProgress, match="another run is at work"):
        once_it_has_ended(deed, patience_seconds=0, apart_seconds=FOR_EVER_SECONDS)
    assert deed.asked == 1


def test_a_wait_ends_when_it_is_to_stop() -> None:
    stop, deed = Event(), Busy(10)
    with pytest.raises(AnotherRunInProgress):
        once_it_has_ended(
            deed, patience_seconds=FOR_EVER_SECONDS, apart_seconds=FOR_EVER_SECONDS, stop=stop, waits=stop.set
        )
    assert deed.asked < 3


@pytest.mark.parametrize("fault", [ValueError("x"), KeyboardInterrupt()])
def test_other_faults_are_not_waited_out(fault: BaseException) -> None:
    def deed() -> str:
        raise fault

    with pytest.raises(type(fault)):
        once_it_has_ended(deed, patience_seconds=FOR_EVER_SECONDS, apart_seconds=FOR_EVER_SECONDS)
