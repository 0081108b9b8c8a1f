"""The clocks of hand-offs as a report tells them: each in a line of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from msgspec import Struct

from crmsync.hand_off import ClockReading, HandOffRecord, stopped_by_receiver
from crmsync.qualify.language.clocks import NamedClock
from crmsync.qualify.language.hand_overs import HandOver


class ClockedHandOff(Protocol):
    """A hand-off with its clocks."""

    @property
    def hand_off(self) -> HandOffRecord:
        """The hand-off."""

    @property
    def clocks(self) -> tuple[ClockReading, ...]:
        """Its clocks."""


def by_names(figures: Any) -> dict[str, Any]:
    """Figures as JSON tells them; `hand_over` where there are several."""
    told = {name: getattr(figures, name) for name in figures.__struct_fields__}
    return {name: value for name, value in told.items() if name != "hand_over" or value is not None}


class ClockFigures(Struct, frozen=True):
    """What became of one clock in all hand-offs of the time. `median_hours`: at work, of those stopped by one.

    `hand_over`: of which of the policy's, null = its only one.
    """

    name: str
    label: str
    starts: str
    zone: str
    until: str
    within_hours: float | None
    within_days: int | None
    running: int
    in_time: int
    late: int
    ended: int
    unknown: int
    median_hours: float | None
    hand_over: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The figures by their names; `hand_over` where there are several."""
        return by_names(self)


def clock_figures(hand_overs: Sequence[HandOver], lines: Sequence[ClockedHandOff]) -> Iterator[ClockFigures]:
    """One for each clock, in the policy's order."""
    for hand_over in hand_overs:
        mine = [line for line in lines if line.hand_off.hand_over == hand_over.key]
        for clock in hand_over.clocks:
            yield _figures(clock, hand_over.key, mine)


def _figures(clock: NamedClock, hand_over: str | None, lines: Sequence[ClockedHandOff]) -> ClockFigures:
    from statistics import median  # noqa: PLC0415 - an explanation has these lines, and no figures

    read = [(line, each) for line in lines for each in line.clocks if each.clock.name == clock.name]
    count = Counter(each.standing for _, each in read)
    stopped = (each.waited for line, each in read if stopped_by_receiver(clock, line.hand_off))
    waits = [waited / timedelta(hours=1) for waited in stopped if waited is not None]
    return ClockFigures(
        name=clock.name,
        label=clock.called,
        starts=clock.starts,
        zone=clock.zone,
        until=clock.until,
        within_hours=clock.within_hours,
        within_days=clock.within_days,
        running=count["running"],
        in_time=count["in_time"],
        late=count["late"],
        ended=count["ended"],
        unknown=count["unknown"],
        median_hours=round(median(waits), 2) if waits else None,
        hand_over=hand_over,
    )


def reading_told(reading: ClockReading) -> dict[str, Any]:
    """One clock of one hand-off. Instants in UTC; working hours to two decimals."""
    return {
        "name": reading.clock.name,
        "standing": reading.standing,
        "zone": reading.zone,
        "started_at": _instant(reading.started_at),
        "due_at": _instant(reading.due_at),
        "waited_hours": None if reading.waited is None else round(reading.waited / timedelta(hours=1), 2),
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
