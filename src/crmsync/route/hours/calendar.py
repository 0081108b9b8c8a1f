"""Working hours and absences in a person's own time zone, as stretches of instants.

A local day or hour becomes instants by two conventions, so that nights with a clock change have one answer:

- a wall time that does not exist (the clock goes forward over it) means the instant of the jump;
- a wall time that occurs twice means the first when something starts and the second when something ends.

So the stretch 09:00-17:00 always covers what a person reads as 09:00 to 17:00, a day always starts at the first
instant on which its date is read, and a day that a zone skipped altogether is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crmsync.patterns import late_pattern

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_IN_DAY = 24 * 60

_STRETCH = late_pattern(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


class Stretch(NamedTuple):
    """Instants from `start` (included) to `end` (excluded), both UTC."""

    start: datetime
    end: datetime


class WorkingHours(NamedTuple):
    """For Monday to Sunday: (start, end) in minutes after local midnight. An end above 1440 is the next day's."""

    days: tuple[tuple[tuple[int, int], ...], ...]


def working_hours(text: Mapping[str, str | Sequence[str]]) -> WorkingHours:
    """`{"mon-fri": "09:00-17:00", "sat": ["09:00-12:00", "13:00-15:00"]}`; `22:00-06:00` runs into the next day.

    Raises `ValueError` with words for the writer of the file.
    """
    days: dict[int, list[tuple[int, int]]] = {}
    for spoken, stretches in text.items():
        listed = [stretches] if isinstance(stretches, str) else stretches
        parts = [part for each in listed for part in each.split(",")]
        for day in _days(spoken):
            if day in days:
                raise ValueError(f"{WEEKDAYS[day]} stands twice in the working hours")
            days[day] = sorted(_minutes(part.strip()) for part in parts if part.strip())
    week = tuple(tuple(days.get(day, ())) for day in range(7))
    for index, stretch in enumerate(week):
        later = [*stretch, *((start + MINUTES_IN_DAY, 0) for start, _ in week[(index + 1) % 7])]
        for (_, end), (start, _) in pairwise(later):
            if start < end:
                raise ValueError(f"the working hours of {WEEKDAYS[index]} overlap")
    return WorkingHours(week)


def _days(spoken: str) -> list[int]:
    result: list[int] = []
    for part in spoken.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            raise ValueError(
                f"`{spoken}` names no weekday\n→ write mon, tue … sun, a range as mon-fri, a list as mon,wed"
            )
        start, count = WEEKDAYS.index(first), 1
        if last:
            count = (WEEKDAYS.index(last) - start) % 7 + 1
        result.extend((start + step) % 7 for step in range(count))
    return result


def _minutes(text: str) -> tuple[int, int]:
    found = _STRETCH.fullmatch(text)
    hours = [int(part) for part in found.groups()] if found else []
    if not found or hours[1] > 59 or hours[3] > 59:
        raise ValueError(f'`{text}` is not a stretch of hours\n→ write "09:00-17:00"')
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if start >= MINUTES_IN_DAY or end > MINUTES_IN_DAY:
        raise ValueError(f'`{text}` is not a stretch of hours\n→ a day ends at 24:00; past midnight is "22:00-06:00"')
    if start == end:
        raise ValueError(f'`{text}` is empty\n→ a whole day is "00:00-24:00"')
    return start, end if end > start else end + MINUTES_IN_DAY


def starts_at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The UTC instant at which something starts that starts at this wall time."""
    return _instant(day, minutes, zone, fold=0)


def ends_at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The UTC instant at which something ends that ends at this wall time."""
    return _instant(day, minutes, zone, fold=1)


def whole_days(first: date, last: date, zone: ZoneInfo) -> Stretch:
    """All instants on which the local date is read as `first` to `last`, both included."""
    return Stretch(starts_at(first, 0, zone), starts_at(last + timedelta(days=1), 0, zone))


def local_day(now: datetime, zone: ZoneInfo) -> date:
    """The date that is read in the zone at this instant."""
    return now.astimezone(zone).date()


def _instant(day: date, minutes: int, zone: ZoneInfo, fold: int) -> datetime:
    return wall_instant(datetime.combine(day, time()) + timedelta(minutes=minutes), zone, fold)


def wall_instant(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    """The UTC instant of a wall time: `fold` 0 for what starts, 1 for what ends at it."""
    instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    early, late = sorted(wall.replace(tzinfo=zone, fold=each).astimezone(UTC) for each in (0, 1))
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            early = middle
        else:
            late = middle
    return late


def stretches_at_work(
    hours: WorkingHours | None, zone: ZoneInfo, absences: Sequence[Stretch], since: datetime
) -> Iterator[Stretch]:
    """Stretches at work from `since` on, in order, without end (400 days at most). No hours = round the clock."""
    day = local_day(since, zone) - timedelta(days=1)
    for _ in range(402):
        daily = ((0, MINUTES_IN_DAY),) if hours is None else hours.days[day.weekday()]
        for start, end in daily:
            planned = Stretch(starts_at(day, start, zone), _end(day, end, zone))
            for stretch in _without(planned, absences):
                if stretch.end > since:
                    yield Stretch(max(stretch.start, since), stretch.end)
        day += timedelta(days=1)


def _end(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    if minutes == MINUTES_IN_DAY:
        return starts_at(day + timedelta(days=1), 0, zone)
    if minutes > MINUTES_IN_DAY:
        return ends_at(day + timedelta(days=1), minutes - MINUTES_IN_DAY, zone)
    return ends_at(day, minutes, zone)


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same time in as few stretches as possible, in order."""
    result: list[Stretch] = []
    for stretch in sorted(each for each in stretches if each.start < each.end):
        if result and stretch.start <= result[-1].end:
            result[-1] = Stretch(result[-1].start, max(result[-1].end, stretch.end))
        else:
            result.append(stretch)
    return tuple(result)


def _without(planned: Stretch, absences: Iterable[Stretch]) -> Iterator[Stretch]:
    start = planned.start
    for absence in sorted(absences):
        if absence.end <= start or absence.start >= planned.end:
            continue
        if absence.start > start:
            yield Stretch(start, absence.start)
        start = max(start, absence.end)
    if start < planned.end:
        yield Stretch(start, planned.end)
