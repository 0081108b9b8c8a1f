"""A stretch of days or times before it is known in whose time zone it is read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from crmsync.route.hours.calendar import Stretch, wall_instant, whole_days

A_DAY = timedelta(days=1)


class Away(Struct, frozen=True):
    """From `start` to before `end`: both days, both wall times (in the person's zone), or both instants."""

    start: date | datetime
    end: date | datetime

    @classmethod
    def between(cls, start: date | datetime, end: date | datetime) -> Away | None:
        """A single day has its own date as end, as many a calendar writes it. Null = the end is before the start."""
        if not isinstance(start, datetime) and end == start:
            end = start + A_DAY
        return cls(start, end) if _utc(start) <= _utc(end) else None

    @property
    def is_empty(self) -> bool:
        """Whether it takes no time at all, as a reminder does."""
        return _utc(self.start) == _utc(self.end)

    @property
    def lasts_days(self) -> bool:
        """Whether it is whole days, or 24 hours or more."""
        return not isinstance(self.start, datetime) or _utc(self.end) - _utc(self.start) >= A_DAY

    @property
    def words(self) -> str:
        """The same text for the same absence."""
        return f"{_named(self.start)} {_named(self.end)}"

    def touches(self, first: date, last: date) -> bool:
        """Whether it may lie between two days, in whatever zone."""
        return _utc(self.start).date() <= last + 2 * A_DAY and first - 2 * A_DAY <= _utc(self.end).date()

    def stretch(self, zone: ZoneInfo) -> Stretch:
        """The instants for somebody in this zone."""
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return Stretch(_instant(self.start, zone, fold=0), _instant(self.end, zone, fold=1))
        return whole_days(self.start, self.end - A_DAY, zone)


def _instant(moment: datetime, zone: ZoneInfo, fold: int) -> datetime:
    if moment.tzinfo is None or isinstance(moment.tzinfo, ZoneInfo):
        own = moment.tzinfo if isinstance(moment.tzinfo, ZoneInfo) else zone
        return wall_instant(moment.replace(tzinfo=None), own, fold)
    return moment.astimezone(UTC)


def _utc(moment: date | datetime) -> datetime:
    """An instant to compare with; days and wall times as if in UTC."""
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _named(moment: date | datetime) -> str:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment.isoformat()
    return _utc(moment).isoformat()
