"""Crontab lines, read by cronsim, which follows Debian's cron where clocks change.

A daily line fires once in the night that has its hour twice, and just after the gap in the night that lacks it
(APScheduler's own crontab numbers weekdays from Monday = 0 and fires twice).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class Crontab:
    """A standard crontab line in a zone. All its times are in UTC."""

    def __init__(self, line: str, zone: str) -> None:
        self._line = line
        self._zone = ZoneInfo(zone)

    def after(self, moment: datetime) -> datetime | None:
        """The first time after the moment; null for a line that never comes (`0 0 30 2 *`)."""
        after = moment.astimezone(UTC)
        # Asked within the repeated hour, cronsim may name a time of the first pass, which is over.
        return next((time for time in self._times(after) if time > after), None)

    def latest(self, now: datetime) -> datetime | None:
        """The last time the line was due, up to now."""
        latest = next(self._times(now + timedelta(seconds=1), backwards=True), None)
        while latest is not None:  # backwards, cronsim passes over some times of the repeated hour
            following = self.after(latest)
            if following is None or following > now:
                break
            latest = following
        return latest

    def _times(self, start: datetime, *, backwards: bool = False) -> Iterator[datetime]:
        """In UTC, because Python compares two times of one zone by the clock on the wall."""
        from cronsim import CronSim  # noqa: PLC0415 - only where there is a schedule

        for time in CronSim(self._line, start.astimezone(self._zone), reverse=backwards):
            yield time.astimezone(UTC)
