"""This machine's clock held against the CRM's: days, deadlines and hands-off times are counted by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from crmsync import clock
from crmsync.contract import Connector, CrmClock
from crmsync.errors import RunStopped, WrongClock

WARN_BEYOND = timedelta(minutes=5)
STOP_BEYOND = timedelta(hours=2)
_HINT = "set this machine's clock (by NTP, say) and its time zone right, and run again"


@contextmanager
def clock_held_against(connector: Connector) -> Iterator[None]:
    """Ask the CRM for something inside: its answer's time is looked at, also when it refuses.

    Raises `WrongClock` when the two clocks are hours apart: a refusal may well come from that.
    """
    try:
        yield
    except RunStopped:
        refuse_wrong(connector.clock(), clock.now())
        raise
    refuse_wrong(connector.clock(), clock.now())


def refuse_wrong(told: CrmClock, now: datetime) -> None:
    """Raises `WrongClock` when a clock that was told is hours from `now`."""
    if told.at is not None and abs(now - told.at) > STOP_BEYOND:
        raise WrongClock(f"this machine's clock {_apart(now, told.at)}; nothing was decided by it", hint=_HINT)


def confirmed(told: CrmClock, now: datetime) -> bool:
    """Whether the CRM's answers say that `now` is right: to the minutes that nobody is told of."""
    return told.at is not None and abs(now - told.at) <= WARN_BEYOND


def clock_notes(told: CrmClock, now: datetime) -> tuple[str, ...]:
    """What the reader should know: clocks that are minutes apart, answers without a time that can be one."""
    notes = []
    if told.at is not None and abs(now - told.at) > WARN_BEYOND:
        notes.append(f"this machine's clock {_apart(now, told.at)}: set it right")
    if told.unreadable:
        alone = "; so nothing says whether this machine's clock is right" if told.at is None else ""
        notes.append(f"{told.unreadable:,} of the CRM's answers tell a time that cannot be (`Date`): ignored{alone}")
    return tuple(notes)


def _apart(now: datetime, at: datetime) -> str:
    way = "ahead of" if now > at else "behind"
    return f"is {_long(abs(now - at))} {way} the CRM's ({now:%Y-%m-%d %H:%M} and {at:%Y-%m-%d %H:%M} UTC)"


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{span.days:,} days"
