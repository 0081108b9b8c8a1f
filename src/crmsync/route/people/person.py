"""What roster.yaml may say of people, as frozen models: of one by name, or of all whom a CRM's group holds."""

import difflib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files  # the names belong to the zones, which `zoneinfo` reads from the same place
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, field_validator, model_validator

from crmsync.route.hours.calendar import Stretch, WorkingHours, working_hours
from crmsync.route.hours.counting import Counting
from crmsync.route.people.absence import PlannedAbsence
from crmsync.route.people.shape import RosterModel, Text, User, Words
from crmsync.route.rotation.counters import KEPT_DAYS


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def zones_by_small_name() -> Mapping[str, str]:
    """Zones by their names in lower case."""
    return {name.casefold(): name for name in _zones()}


@cache
def _packaged_zones() -> frozenset[str]:
    """Those that come along, all among the others: to list what the machine has opens each of its 600 files."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").splitlines())


def known_zone(value: str) -> str:
    """The name of a zone, which is known."""
    if value in _packaged_zones():
        return value
    known = _zones()
    if value not in known:
        close = difflib.get_close_matches(value, known, n=1)
        hint = f"did you mean `{close[0]}`?" if close else "write an IANA name such as Europe/Berlin"
        raise ValueError(f"`{value}` is no time zone\n→ {hint}")
    return value


Days = Annotated[int, Field(ge=1, le=KEPT_DAYS)]


class Capacity(RosterModel):
    """The most a person takes: new leads a local day, ISO week and calendar month, open leads at any time.

    Null = no limit. `per_days`: in so many days in a row, of which the present one is the last, the most new leads.
    """

    per_day: int | None = Field(None, strict=True, ge=0, le=1_000_000)
    per_week: int | None = Field(None, strict=True, ge=0, le=1_000_000)
    per_month: int | None = Field(None, strict=True, ge=0, le=1_000_000)
    per_days: dict[Days, Annotated[int, Field(strict=True, ge=0, le=1_000_000)]] = Field(default_factory=dict)
    open_leads: int | None = Field(None, strict=True, ge=0, le=1_000_000)


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
    capacity: Capacity = Capacity.model_construct()
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
        return known_zone(value)

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
    absences: tuple[PlannedAbsence, ...] = ()
    calendar: CalendarFiles = ()
    partner: Text | None = None
    starts: date | None = None
    ends: date | None = None

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> "Person":
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
    def _somebody_is_meant(self) -> "FromCrm":
        if not (self.group or self.queue or self.team or self.role_name):
            raise ValueError("this entry does not say whom to read\n→ name a `group`, `queue`, `team` or `role_name`")
        return self
