"""What roster.yaml may say, as frozen models. Cross-checks that need the whole file are in `roster.py`."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from crmsync.route.choosing.strategy import Need
from crmsync.route.hours.counting import Counting
from crmsync.route.people.person import FromCrm, Person
from crmsync.route.people.shape import RosterModel, Text, User, Words
from crmsync.route.registry import STRATEGIES, USUAL, following, needing
from crmsync.route.roster.lead_hours import LeadHours
from crmsync.route.rotation.rejoin import Rejoin

SameAs = Literal["email", "domain", "company"]
CalendarSource = tuple[str, Counting]
"""A calendar file as written in the roster, and which of its events count."""
PathInFile = tuple[str | int, ...]


class Match(RosterModel):
    """Whom a pool holds: everybody who fits each given key; within a key any of the words suffices.

    `people` names persons by their key. Nothing given = everybody.
    """

    role: Words = ()
    team: Words = ()
    territory: Words = ()
    segment: Words = ()
    language: Words = ()
    people: Words = ()

    @field_validator("*", mode="before")
    @classmethod
    def _no_empty_list(cls, value: object, info: ValidationInfo) -> object:
        if value == []:
            words = f"`{info.field_name}` is an empty list"
            raise ValueError(f"{words}\n→ name what fits; without the key `{info.field_name}` everybody does")
        return value

    def fits(self, person: Person) -> bool:
        """Whether this person belongs."""
        wanted = (
            (self.role, person.all_roles),
            (self.team, (person.team,)),
            (self.territory, person.territories),
            (self.segment, person.segments),
            (self.language, person.languages),
            (tuple(map(key_of, self.people)), (person.person_key,)),
        )
        return all(not words or set(words) & set(having) for words, having in wanted)


def key_of(text: str) -> str:
    """A person's key as written: e-mails in lower case."""
    return text.lower() if "@" in text else text


def _holidays(value: object) -> object:
    if isinstance(value, str):
        return {"file": value}
    return {"days": value} if isinstance(value, list) else value


class Holidays(RosterModel):
    """Public holidays: an iCalendar file, days, or both; whole days in each person's own zone.

    All events of the file count, or with `only` those with one of the words in title, category or description.
    `for`: who has them, besides those who name them under `holidays`.
    """

    file: Text | None = None
    days: tuple[date, ...] = ()
    only: Words = ()
    for_: Match | None = Field(None, alias="for")

    @model_validator(mode="after")
    def _says_some(self) -> "Holidays":
        if self.file is None and not self.days:
            raise ValueError("these holidays are empty\n→ name a `file` or `days`")
        if any(day.year > 9998 for day in self.days):
            raise ValueError("this day is too far away to count with")
        return self

    @property
    def source(self) -> CalendarSource | None:
        """The file and what counts in it; null = no file."""
        return None if self.file is None else (self.file, Counting("all", self.only, holidays=True))


def _following(value: object) -> object:
    if value not in following():
        raise PydanticKnownError("literal_error", {"expected": ", ".join(f"'{name}'" for name in following())})
    return value


Part = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class RoutingRule(RosterModel):
    """One step of a rule list. A rule that finds nobody hands on to the next, unless `overflow` is false.

    `when`: criteria of the policy that must all be met (unknown is not met). `then`: the strategy that chooses
    among those whom a narrowing strategy left. `queue`: name or id, or one per connection. `share`: pools with their
    parts of the leads. `same`, `within_days`: of owners of the same account only those who own something that says
    the same of these facts, and that is so new.
    """

    model_config = ConfigDict(title="Rule")
    when: Words = ()
    pool: Text | None = None
    strategy: Text = USUAL
    then: Annotated[str, BeforeValidator(_following)] = Field(USUAL, json_schema_extra={"enum": [*following()]})
    queue: User | None = None
    share: dict[Text, Part] = Field(default_factory=dict)
    same: Words = ()
    within_days: int | None = Field(None, strict=True, ge=0, le=36_500)
    overflow: bool = True

    @model_validator(mode="before")
    @classmethod
    def _shares(cls, value: object) -> object:
        """Whoever names shares means them."""
        if isinstance(value, dict) and "share" in value and "strategy" not in value:
            return {**value, "strategy": needing(Need.SHARE)[0]}
        return value

    @property
    def needs(self) -> frozenset[Need]:
        """What the rule's strategy needs, and the one after `then` where it comes to that."""
        own = STRATEGIES[self.strategy].needs
        needs = own | STRATEGIES[self.then].needs if Need.THEN in own else own
        return needs - {Need.POOL} if Need.SHARE in own else needs

    @property
    def pools(self) -> tuple[str, ...]:
        """The pools whose people it gives leads to."""
        return (*((self.pool,) if self.pool else ()), *self.share)

    @property
    def rotations(self) -> tuple[str, ...]:
        """The pools in which people have their turns, or would have them by another `then`."""
        return self.pools if self.needs & {Need.ROTATION, Need.THEN} else ()


NOBODY: Literal["nobody"] = "nobody"
"""Under `otherwise`: a lead that no rule could place may stay without an owner."""


class Otherwise(RosterModel):
    """Where a lead goes that no rule could place."""

    queue: User


def _queue_or_nobody(value: object) -> object:
    if isinstance(value, str) and value != NOBODY:
        raise ValueError(f"`{value}` is no place for a lead\n→ write `nobody` or `{{queue: NAME}}`")
    return value


def _kind_of_place(value: object) -> str:
    return "<nobody>" if isinstance(value, str) else "<queue>"


Place = Annotated[
    Annotated[Literal["nobody"], Tag("<nobody>")] | Annotated[Otherwise, Tag("<queue>")],
    Discriminator(_kind_of_place),
    BeforeValidator(_queue_or_nobody),
]


class RoutingRules(RosterModel):
    """Rule lists in order. Null = the default list. Beside them one list for each of the policy's `hand_overs`."""

    model_config = ConfigDict(title="Rules", extra="allow")
    __pydantic_extra__: dict[str, tuple[RoutingRule, ...]]
    hand_off: tuple[RoutingRule, ...] | None = None
    new_lead: tuple[RoutingRule, ...] | None = None
    otherwise: Place | None = None

    @property
    def of_hand_overs(self) -> Mapping[str, tuple[RoutingRule, ...]]:
        """Name of a hand-over → its rules, in the order of the file."""
        return self.__pydantic_extra__

    def written(self) -> Iterator[tuple[str, int, RoutingRule]]:
        """Every rule that the file says: its list, its place in it."""
        named = {"hand_off": self.hand_off or (), "new_lead": self.new_lead or (), **self.of_hand_overs}
        for name, rules in named.items():
            for index, rule in enumerate(rules):
                yield name, index, rule


def _kind_of_receivers(value: Any) -> str:
    if isinstance(value, Match) or not isinstance(value, dict):
        return "<everybody>"
    matches = value and all(isinstance(each, (dict, Match)) for each in value.values())
    return "<by_hand_over>" if matches and not value.keys() & Match.model_fields.keys() else "<everybody>"


Receivers = Annotated[
    Annotated[Match, Tag("<everybody>")] | Annotated[dict[str, Match], Field(min_length=1), Tag("<by_hand_over>")],
    Discriminator(_kind_of_receivers),
]
"""Who may own handed-over leads: one answer, or one for each hand-over that is named."""


class Facts(RosterModel):
    """Which fact of a lead says its territory, segment, language, and the id of its account in the CRM.

    Names of facts in the mapping.
    """

    territory: str = "country"
    segment: str = "segment"
    language: str = "language"
    account: str = "account"


class Duplicates(RosterModel):
    """What makes two leads of one run belong together, and e-mail domains that are nobody's own."""

    same: tuple[SameAs, ...] = ("email", "domain", "company")
    shared_domains: Words = ()


def _none(lead_hours: LeadHours | None) -> bool:
    """A roster without is the same as one from before there were any, also by its digest."""
    return lead_hours is None


class Roster(RosterModel):
    """The whole file. `credit`: `given` = a lead that a person gave to somebody by hand counts as that one's turn;
    `returned` = a lead that its receiver gave back does not count any more.
    """

    format: Literal[1] = 1
    people: tuple[Person, ...] = ()
    from_crm: tuple[FromCrm, ...] = ()
    holidays: dict[str, Annotated[Holidays, BeforeValidator(_holidays)]] = Field(default_factory=dict)
    pools: dict[str, Match] = Field(default_factory=dict)
    rules: RoutingRules = RoutingRules.model_construct()
    receivers: Receivers = Match.model_construct(role=("ae",))
    rejoin: Rejoin = "no_catch_up"
    credit: tuple[Literal["given", "returned"], ...] = ()
    outside_hours: Literal["last_resort", "wait", "ignore"] = "last_resort"
    facts: Facts = Facts.model_construct()
    duplicates: Duplicates = Duplicates.model_construct()
    lead_hours: LeadHours | None = Field(None, exclude_if=_none)

    def calendar_files(self) -> Iterator[tuple[PathInFile, CalendarSource]]:
        """Every iCalendar file that the roster names, with its place."""
        for index, person in enumerate(self.people):
            for number, calendar in enumerate(person.calendar):
                yield ("people", index, "calendar", number, "file"), (calendar.file, calendar.counting)
        for name, holidays in self.holidays.items():
            if holidays.source is not None:
                yield ("holidays", name, "file"), holidays.source

    def holidays_of(self, person: Person) -> Iterator[Holidays]:
        """The holidays that this person has."""
        for name, holidays in self.holidays.items():
            if name in person.holidays or (holidays.for_ is not None and holidays.for_.fits(person)):
                yield holidays
