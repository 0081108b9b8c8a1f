"""When the service runs a connection, as crmsync.yaml says it."""

import re
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crmsync.clock import now
from crmsync.patterns import late_pattern

_QUIET = late_pattern(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_DAY_MINUTES = 24 * 60


class QuietHours(Struct, frozen=True):
    """From a time of day up to, and not including, another; over midnight where the second is the earlier one."""

    start: time
    end: time

    def hold(self, at: time) -> bool:
        """Whether they are at this time of day."""
        at = at.replace(tzinfo=None)
        return self.start <= at < self.end if self.start < self.end else at >= self.start or at < self.end


class ScheduleSettings(BaseModel):
    """When `crmsync serve` runs a connection: every so many minutes, or by a standard crontab line in a time zone.

    The first run after `full_every_hours`, or after a time of `full_cron`, reads everything again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    every_minutes: float | None = Field(None, strict=True, ge=0.02, le=40_320, description="minutes between two runs")
    cron: str | None = Field(None, description='standard crontab, five fields, e.g. "0 6 * * 1-5" (1 = Monday)')
    time_zone: str = Field("UTC", description="IANA zone in which crontab lines and quiet hours are read")
    full_every_hours: float | None = Field(
        24,
        strict=True,
        ge=0.25,
        le=8_760,
        description="hours after which a run reads all records again, as `run --full` does: what a CRM calculates, "
        "and links between records, change without a trace; null = never by itself; default 24",
    )
    full_cron: str | None = Field(
        None, description='crontab line of runs that read all records again, e.g. "0 3 * * 0"'
    )
    clocks_every_minutes: float | None = Field(
        None,
        strict=True,
        ge=0.02,
        le=1_440,
        description="minutes between two looks at the clocks of hand-offs and at review days, which ask the store "
        "only: a run follows where something has come since the last one",
    )
    clocks_cron: str | None = Field(
        None, description='the same by a crontab line, e.g. "*/10 8-18 * * 1-5"; default: runs alone look at them'
    )
    jitter_seconds: int = Field(
        0, strict=True, ge=0, le=3_600, description="each run begins up to so much later, each time otherwise"
    )
    quiet_hours: tuple[str, ...] = Field(
        (), description='times of day at which no run begins, e.g. ["22:00-06:00"]; what comes due then begins after'
    )
    maximum_minutes: float | None = Field(
        None,
        strict=True,
        ge=0.02,
        le=10_080,
        description="a run that writes for longer ends between two batches; the rest is due in the next one",
    )

    @field_validator("cron", "full_cron", "clocks_cron")
    @classmethod
    def _a_crontab_line(cls, line: str | None) -> str | None:
        if line is not None:
            from cronsim import CronSim, CronSimError  # noqa: PLC0415 - only where there is a schedule

            if len(line.split()) != 5:
                raise ValueError(f"`{line}` is not a crontab line of five fields\n→ e.g. `0 6 * * 1-5`")
            try:
                CronSim(line, now())
            except CronSimError as error:
                raise ValueError(f"`{line}` is not a crontab line: {error}\n→ e.g. `0 6 * * 1-5`") from None
        return line

    @field_validator("time_zone")
    @classmethod
    def _a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"`{zone}` is not a time zone\n→ use an IANA name such as `Europe/Berlin`") from None
        return zone

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _one_or_several(cls, told: object) -> object:
        return (told,) if isinstance(told, str) else told

    @field_validator("quiet_hours")
    @classmethod
    def _hours_that_end(cls, told: tuple[str, ...]) -> tuple[str, ...]:
        parts = [_quiet_hours(each) for each in told]
        minutes = (time(*divmod(minute, 60)) for minute in range(_DAY_MINUTES))
        if parts and all(any(part.hold(minute) for part in parts) for minute in minutes):
            raise ValueError("no minute of the day would be left for a run\n→ leave out what is too much")
        return told

    @model_validator(mode="before")
    @classmethod
    def _one_schedule_of_full_runs(cls, data: object) -> object:
        """A crontab line of full runs takes the place of the default, not of what somebody has said."""
        if isinstance(data, dict) and data.get("full_cron") is not None:
            if data.get("full_every_hours") is not None:
                raise ValueError("give either `full_every_hours` or `full_cron`")
            return {**data, "full_every_hours": None}
        return data

    @model_validator(mode="after")
    def _one_of_both(self) -> "ScheduleSettings":
        if (self.every_minutes is None) == (self.cron is None):
            raise ValueError("give either `every_minutes` or `cron`")
        if self.clocks_every_minutes is not None and self.clocks_cron is not None:
            raise ValueError("give either `clocks_every_minutes` or `clocks_cron`")
        if self.every_minutes is not None and 0 < self.every_minutes * 60 <= self.jitter_seconds:
            raise ValueError(
                f"{self.jitter_seconds} seconds of jitter are no less than {self.every_minutes:g} minutes, "
                "the time between two runs\n→ lower `jitter_seconds`"
            )
        return self

    @property
    def clocks(self) -> "ScheduleSettings | None":
        """When clocks are looked at, as a schedule of its own; null = by runs alone. Quiet hours hold for it, too."""
        if self.clocks_every_minutes is None and self.clocks_cron is None:
            return None
        return ScheduleSettings(
            every_minutes=self.clocks_every_minutes,
            cron=self.clocks_cron,
            time_zone=self.time_zone,
            quiet_hours=self.quiet_hours,
        )

    @property
    def quiet(self) -> tuple[QuietHours, ...]:
        """The quiet hours, read."""
        return tuple(_quiet_hours(each) for each in self.quiet_hours)


def _quiet_hours(told: str) -> QuietHours:
    if (match := _QUIET.fullmatch(told)) is None:
        raise ValueError(f"`{told}` are no hours of a day\n→ e.g. `22:00-06:00`")
    first, second, third, fourth = (int(each) for each in match.groups())
    try:
        start, end = time(first, second), time(third % 24 if fourth == 0 and third == 24 else third, fourth)
    except ValueError:
        raise ValueError(f"`{told}` are no hours of a day\n→ e.g. `22:00-06:00`") from None
    if start == end:
        raise ValueError(f"`{told}` is the whole day\n→ e.g. `22:00-06:00`")
    return QuietHours(start, end)
