"""Absences that roster.yaml tells, as instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from crmsync.route.hours.calendar import Stretch, starts_at, wall_instant, whole_days
from crmsync.route.people.shape import RosterModel

WIDEST_OFFSET = timedelta(hours=15)
"""No zone is farther from UTC."""


def _day_or_time(value: object) -> object:
    if isinstance(value, str):
        for kind in (date, datetime):
            try:
                return kind.fromisoformat(value)
            except ValueError:
                continue
    if not isinstance(value, date):
        raise ValueError(f"`{value}` is no day and no time\n→ write 2026-12-24 or 2026-12-24T12:00")
    return value


DayOrTime = Annotated[date | datetime, BeforeValidator(_day_or_time)]


class PlannedAbsence(RosterModel):
    """Away from `from` to `to`. Days are whole days in the person's own zone, both included.

    With a time of day (`2026-12-24T12:00`) the end is the instant itself; without a zone it is the person's.
    """

    model_config = ConfigDict(title="Absence")
    from_: DayOrTime = Field(alias="from")
    to: DayOrTime

    @model_validator(mode="after")
    def _in_order(self) -> PlannedAbsence:
        try:
            stretch = self.stretch(ZoneInfo("UTC"))
        except OverflowError:
            raise ValueError("this day is too far away to count with") from None
        # With a zone at one end only, whose zone the other end is read in can shift it by so much.
        doubt = WIDEST_OFFSET if _has_zone(self.from_) != _has_zone(self.to) else timedelta()
        if stretch.end + doubt <= stretch.start:
            raise ValueError("the absence ends before it starts\n→ exchange `from` and `to`")
        return self

    def stretch(self, zone: ZoneInfo) -> Stretch:
        """The instants of the absence for somebody in this zone."""
        return Stretch(_first_instant(self.from_, zone), _last_instant(self.to, zone))


def _has_zone(value: date) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _first_instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    return _instant(value, zone, fold=0) if isinstance(value, datetime) else starts_at(value, 0, zone)


def _last_instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    return _instant(value, zone, fold=1) if isinstance(value, datetime) else whole_days(value, value, zone).end


def _instant(value: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall_instant(value, zone, fold) if value.tzinfo is None else value.astimezone(UTC)
