"""Working time somewhere: hours of a week in a zone, without the days off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crmsync.route.hours.calendar import Stretch, WorkingHours, local_day, starts_at, stretches_at_work


class Working(NamedTuple):
    """`week` null = round the clock. `away`: absences or holidays, as instants."""

    week: WorkingHours | None
    zone: ZoneInfo
    away: tuple[Stretch, ...] = ()

    def between(self, since: datetime, until: datetime) -> timedelta:
        """Working time between two instants (zero when `until` is not after `since`)."""
        total = timedelta()
        for stretch in stretches_at_work(self.week, self.zone, self.away, since):
            if stretch.start >= until:
                break
            total += min(stretch.end, until) - stretch.start
        return total

    def after(self, since: datetime, limit: timedelta) -> datetime | None:
        """The instant at which `limit` of working time has passed; null when not within 400 days."""
        left = limit
        for stretch in stretches_at_work(self.week, self.zone, self.away, since):
            if left <= stretch.end - stretch.start:
                return stretch.start + left
            left -= stretch.end - stretch.start
        return None

    def end_of_day(self, since: datetime, days: int) -> datetime | None:
        """The end of work on so many working days after the day of `since`; null when not within 400 days.

        A stretch that runs into the next day belongs to the day on which it begins.
        """
        first = local_day(since, self.zone)
        worked: list[date] = []
        end = None
        for stretch in stretches_at_work(self.week, self.zone, self.away, starts_at(first, 0, self.zone)):
            day = local_day(stretch.start, self.zone)
            if day > first and day not in worked[-1:]:
                if len(worked) == days:
                    return end
                worked.append(day)
            if worked:
                end = stretch.end
        return end if len(worked) == days else None
