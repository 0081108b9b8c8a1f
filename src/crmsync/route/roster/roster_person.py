"""What roster.yaml may say of people, as frozen models."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from crmsync.route.hours.absence_calendar import Counting
from crmsync.route.hours.calendar import Stretch, WorkingHours, starts_at, wall_instant, whole_days, working_hours


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _listed(value: object) -> object:
    return [_text(item) for item in value] if isinstance(value, (list, tuple)) else [_text(value)]


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Text = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
User: TypeAlias = Text | dict[str, Text]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


WIDEST_OFFSET = timedelta(hours=15)
"""No zone is farther from UTC."""


class RosterModel(BaseModel):
    """What all parts of the file have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


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


class Absence(RosterModel):
    """Away from `from` to `to`. Days are whole days in the person's own zone, both included.

    With a time of day (`2026-12-24T12:00`) the end is the instant itself; without a zone it is the person's.
    """

    from_: DayOrTime = Field(alias="from")
    to: DayOrTime

    @model_validator(mode="after")
    def _in_order(self) -> Absence:
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


class Capacity(RosterModel):
    """The most a person takes: new leads a local day and an ISO week, open leads at any time. Null = no limit."""

    per_day: int | None = Field(None, ge=0)
    per_week: int | None = Field(None, ge=0)
    open_leads: int | None = Field(None, ge=0)


class CalendarFile(RosterModel):
    """An iCalendar file and which of its events are absences. `file` is relative to roster.yaml.

    `events`: `days` = whole days, 24 hours and more, and "out of office"; `all` = hours, too. By default `all` when
    `only` says which events are meant. `only`: words of which one must stand in an event's title or categories.
    """

    file: Text
    events: Literal["days", "all"] | None = None
    only: Words = ()

    @property
    def counting(self) -> Counting:
        """Which events count."""
        return Counting(self.events or ("all" if self.only else "days"), self.only)


def _files(value: object) -> object:
    return [
        {"file": each} if isinstance(each, str) else each
        for each in (value if isinstance(value, (list, tuple)) else [value])
    ]


CalendarFiles = Annotated[tuple[CalendarFile, ...], BeforeValidator(_files)]


class Terms(RosterModel):
    """What can be said of one person, or of everybody whom `from_crm` reads."""

    role: Words = ()
    roles: Words = ()
    territories: Words = ()
    segments: Words = ()
    languages: Words = ()
    weight: Decimal = Field(Decimal(1), le=1000, max_digits=7, decimal_places=3)
    capacity: Capacity = Capacity()
    time_zone: str = "UTC"
    hours: dict[str, Words] | None = None
    holidays: Words = ()

    @field_validator("weight")
    @classmethod
    def _above_zero(cls, value: Decimal) -> Decimal:
        if value <= 0:
            raise ValueError(
                "a weight must be above 0\n→ who shall get no leads is in no pool, absent, or has an `ends`"
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        known = _zones()
        if value not in known:
            close = difflib.get_close_matches(value, known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else "write an IANA name such as Europe/Berlin"
            raise ValueError(f"`{value}` is no time zone\n→ {hint}")
        return value

    @field_validator("hours")
    @classmethod
    def _readable_hours(cls, value: dict[str, tuple[str, ...]] | None) -> dict[str, tuple[str, ...]] | None:
        if value is not None:
            working_hours(value)
        return value

    @property
    def all_roles(self) -> tuple[str, ...]:
        """`role` and `roles` together, each once."""
        return tuple(dict.fromkeys((*self.role, *self.roles)))


class Person(Terms):
    """One person who can own leads.

    `user`: e-mail or CRM user id, or one of either per connection. `key`: the name the counters go by; by default
    the e-mail or id as written, so change `user` and keep `key` when a person's e-mail changes. `calendar`: iCalendar
    files with further absences. `holidays`: names of the roster's holidays. `accounts`: named accounts, by e-mail
    domain or company name.
    """

    user: User
    key: Text | None = None
    team: Text | None = None
    accounts: Words = ()
    absences: tuple[Absence, ...] = ()
    calendar: CalendarFiles = ()
    partner: Text | None = None
    starts: date | None = None
    ends: date | None = None

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Person:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError("`ends` is before `starts`")
        return self

    @property
    def person_key(self) -> str:
        """The stable name of this person: `key`, else the (first) user as written; e-mails in lower case."""
        written = self.key or (self.user if isinstance(self.user, str) else next(iter(self.user.values()), ""))
        return written.lower() if "@" in written else written

    @cached_property
    def zone(self) -> ZoneInfo:
        """The person's time zone."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def week(self) -> WorkingHours | None:
        """Working hours; null = none told."""
        return None if self.hours is None else working_hours(self.hours)

    @cached_property
    def away(self) -> tuple[Stretch, ...]:
        """Absences as instants."""
        return tuple(absence.stretch(self.zone) for absence in self.absences)

    def names(self) -> Iterator[tuple[str | None, str]]:
        """(connection or null for all, user as written)."""
        if isinstance(self.user, str):
            yield None, self.user
        else:
            yield from self.user.items()


class FromCrm(Terms):
    """People read from a CRM: the users who fit each given key; within a key any of the words suffices.

    `group`: public groups of Salesforce. `queue`: members of a Salesforce queue. `team`: the team (in Salesforce the
    department; in HubSpot the primary and the further ones). `role_name`: the user's role in Salesforce. `except`:
    e-mails or ids of users who are not meant. All else holds for everybody who is read.
    """

    connection: Text
    group: Words = ()
    queue: Words = ()
    team: Words = ()
    role_name: Words = ()
    except_: Words = Field((), alias="except")

    @model_validator(mode="after")
    def _somebody_is_meant(self) -> FromCrm:
        if not (self.group or self.queue or self.team or self.role_name):
            raise ValueError("this entry does not say whom to read\n→ name a `group`, `queue`, `team` or `role_name`")
        return self
