"""What roster.yaml may say, as frozen models. Cross-checks that need the whole file are in `roster.py`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from crmsync.route.calendar import Stretch, WorkingHours, starts_at, whole_days, working_hours


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _listed(value: object) -> object:
    return [_text(item) for item in value] if isinstance(value, (list, tuple)) else [_text(value)]


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Text = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
User: TypeAlias = Text | dict[str, Text]
Rejoin = Literal["no_catch_up", "catch_up", "gradual"]
SameAs = Literal["email", "domain", "company"]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Absence(_Model):
    """Away from `from` to `to`. Days are whole days in the person's own zone, both included.

    With a time of day (`2026-12-24T12:00`) the end is the instant itself; without a zone it is the person's.
    """

    from_: date | datetime = Field(alias="from")
    to: date | datetime

    @model_validator(mode="after")
    def _in_order(self) -> Absence:
        zone = ZoneInfo("UTC")
        try:
            stretch = self.stretch(zone)
        except OverflowError:
            raise ValueError("this day is too far away to count with") from None
        if stretch.end <= stretch.start:
            raise ValueError("the absence ends before it starts\n→ exchange `from` and `to`")
        return self

    def stretch(self, zone: ZoneInfo) -> Stretch:
        """The instants of the absence for somebody in this zone."""
        return Stretch(_first_instant(self.from_, zone), _last_instant(self.to, zone))


def _first_instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(ZoneInfo("UTC"))
    return starts_at(value, 0, zone)


def _last_instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    if isinstance(value, datetime):
        return _first_instant(value, zone)
    return whole_days(value, value, zone).end


class Capacity(_Model):
    """The most a person takes: new leads a local day and an ISO week, open leads at any time. Null = no limit."""

    per_day: int | None = Field(None, ge=0)
    per_week: int | None = Field(None, ge=0)
    open_leads: int | None = Field(None, ge=0)


class Person(_Model):
    """One person who can own leads.

    `user`: e-mail or CRM user id, or one of either per connection. `key`: the name the counters go by; by default
    the e-mail or id as written, so change `user` and keep `key` when a person's e-mail changes. `calendar`: name of
    an iCalendar file with further absences. `accounts`: named accounts, by e-mail domain or company name.
    """

    user: User
    key: Text | None = None
    role: Words = ()
    roles: Words = ()
    team: Text | None = None
    territories: Words = ()
    segments: Words = ()
    languages: Words = ()
    accounts: Words = ()
    weight: Decimal = Field(Decimal(1), le=1000, max_digits=7, decimal_places=3)
    capacity: Capacity = Capacity()
    time_zone: str = "UTC"
    hours: dict[str, Words] | None = None
    absences: tuple[Absence, ...] = ()
    calendar: Text | None = None
    partner: Text | None = None
    starts: date | None = None
    ends: date | None = None

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

    @property
    def all_roles(self) -> tuple[str, ...]:
        """`role` and `roles` together, each once."""
        return tuple(dict.fromkeys((*self.role, *self.roles)))

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


class Match(_Model):
    """Whom a pool holds: everybody who fits each given key; within a key any of the words suffices.

    `people` names persons by their key. Nothing given = everybody.
    """

    role: Words = ()
    team: Words = ()
    territory: Words = ()
    segment: Words = ()
    language: Words = ()
    people: Words = ()

    def fits(self, person: Person) -> bool:
        """Whether this person belongs."""
        wanted = (
            (self.role, person.all_roles),
            (self.team, (person.team,)),
            (self.territory, person.territories),
            (self.segment, person.segments),
            (self.language, person.languages),
            (tuple(map(_key, self.people)), (person.person_key,)),
        )
        return all(not words or set(words) & set(having) for words, having in wanted)


def _key(text: str) -> str:
    return text.lower() if "@" in text else text


class Rule(_Model):
    """One step of a rule list. A rule that finds nobody hands on to the next, unless `overflow` is false.

    `when`: criteria of the policy that must all be met (unknown is not met). `then`: the strategy that chooses
    among those whom a narrowing strategy left. `queue`: name or id, or one per connection.
    """

    when: Words = ()
    pool: Text | None = None
    strategy: Text = "round_robin"
    then: Literal["round_robin", "least_loaded"] = "round_robin"
    queue: User | None = None
    overflow: bool = True


class Otherwise(_Model):
    """Where a lead goes that no rule could place."""

    queue: User


class Rules(_Model):
    """Rule lists in order. Null = the default list."""

    hand_off: tuple[Rule, ...] | None = None
    new_lead: tuple[Rule, ...] | None = None
    otherwise: Otherwise | None = None


class Facts(_Model):
    """Which fact of a lead says its territory, segment and language (names of facts in the mapping)."""

    territory: str = "country"
    segment: str = "segment"
    language: str = "language"


class Duplicates(_Model):
    """What makes two leads of one run belong together, and e-mail domains that are nobody's own."""

    same: tuple[SameAs, ...] = ("email", "domain", "company")
    shared_domains: Words = ()


class Roster(_Model):
    """The whole file."""

    format: Literal[1] = 1
    people: tuple[Person, ...] = ()
    pools: dict[str, Match] = Field(default_factory=dict)
    rules: Rules = Rules()
    receivers: Match = Match(role=("ae",))
    rejoin: Rejoin = "no_catch_up"
    outside_hours: Literal["last_resort", "wait", "ignore"] = "last_resort"
    facts: Facts = Facts()
    duplicates: Duplicates = Duplicates()
