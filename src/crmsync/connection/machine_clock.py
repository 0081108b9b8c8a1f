"""This machine's clock held against the CRM's: days, deadlines and hands-off times are counted by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from crmsync import clock
from crmsync.contract import Connector, CrmClock
from crmsync.errors import RunStopped, WrongClock
from crmsync.sdk import running_seconds

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
    at = _by_now(told)
    if at is not None and abs(now - at) > STOP_BEYOND:
        raise WrongClock(f"this machine's clock {_apart(now, at)}; nothing was decided by it", hint=_HINT)


def confirmed(told: CrmClock, now: datetime) -> bool:
    """Whether the CRM's answers say that `now` is right: to the minutes that nobody is told of."""
    at = _by_now(told)
    return at is not None and abs(now - at) <= WARN_BEYOND


def clock_notes(told: CrmClock, now: datetime) -> tuple[str, ...]:
    """What the reader should know: clocks that are minutes apart, answers without a time that can be one."""
    notes = []
    at = _by_now(told)
    if at is not None and abs(now - at) > WARN_BEYOND:
        notes.append(f"this machine's clock {_apart(now, at)}: set it right")
    if told.unreadable:
        alone = "; so nothing says whether this machine's clock is right" if told.at is None else ""
        notes.append(f"{told.unreadable:,} of the CRM's answers tell a time that cannot be (`Date`): ignored{alone}")
    return tuple(notes)


def _by_now(told: CrmClock) -> datetime | None:
    """What the CRM's clock shows by now: a wait or a sleep since its latest answer puts no clock wrong."""
    if told.at is None or told.heard is None:
        return told.at
    return told.at + timedelta(seconds=running_seconds() - told.heard)


def _apart(now: datetime, at: datetime) -> str:
    way = "ahead of" if now > at else "behind"
    return f"is {_long(abs(now - at))} {way} the CRM's ({now:%Y-%m-%d %H:%M} and {at:%Y-%m-%d %H:%M} UTC)"


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{span.days:,} days"
