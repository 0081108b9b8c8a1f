"""Where a lead is, and when work is done there: the roster's `lead_hours`, for clocks that run in the lead's zone."""

from collections.abc import Iterator, Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from pydantic import AfterValidator, Field

from crmsync.route.hours.calendar import WorkingHours, working_hours
from crmsync.route.hours.countries import one_zone, zones_of
from crmsync.route.hours.time_away import Away
from crmsync.route.hours.working import Working
from crmsync.route.people.person import known_zone, zones_by_small_name
from crmsync.route.people.shape import RosterModel, Text, Words

Zone = Annotated[str, AfterValidator(known_zone)]
Told = Mapping[str, str]
"""What a lead says of the facts that are asked for, as text; what it does not say is not there."""


def _readable(value: dict[str, tuple[str, ...]] | None) -> dict[str, tuple[str, ...]] | None:
    if value is not None:
        working_hours(value)
    return value


class LeadHours(RosterModel):
    """In which hours a clock counts that runs in the lead's zone.

    `hours`: of a week there; without them it runs round the clock. `time_zone`, `country`: the facts that say where a
    lead is; the zone goes first. `zones`: value of either fact → zone, for countries with several, and for words that
    are neither a zone nor a country. `otherwise`: the zone where nothing tells it; without it the receiver's.
    `holidays`: country → names of the roster's holidays.
    """

    hours: Annotated[dict[str, Words] | None, AfterValidator(_readable)] = None
    time_zone: Text = "time_zone"
    country: Text = "country"
    zones: dict[Text, Zone] = Field(default_factory=dict)
    otherwise: Zone | None = None
    holidays: dict[Text, Words] = Field(default_factory=dict)

    @property
    def facts(self) -> tuple[str, str]:
        """The facts that are asked for."""
        return self.time_zone, self.country

    @property
    def week(self) -> WorkingHours | None:
        """Working hours; null = none told."""
        return None if self.hours is None else working_hours(self.hours)

    def zone_of(self, told: Told, year: int) -> str | None:
        """The zone of a lead; null = nothing tells it."""
        zone, country = (told.get(fact, "").strip() for fact in self.facts)
        return (
            self._declared(zone)
            or zones_by_small_name().get(zone.casefold())
            or self._declared(country)
            or one_zone(country, year)
            or self.otherwise
        )

    def _declared(self, value: str) -> str | None:
        return next((zone for written, zone in self.zones.items() if value and same_country(written, value)), None)

    def holidays_of(self, told: Told) -> Iterator[str]:
        """Names of the holidays of a lead's country."""
        country = told.get(self.country, "")
        for written, names in self.holidays.items():
            if same_country(written, country):
                yield from names


def same_country(one: str, other: str) -> bool:
    """Whether both words say the same country."""
    return one.strip().casefold() == other.strip().casefold() or zones_of(one) == zones_of(other) != ()


NOTHING_SAID = LeadHours.model_construct()


class LeadCalendar(Struct, frozen=True):
    """The same with what is in the calendars. `days_off`: name of holidays → the days around now."""

    rule: LeadHours = NOTHING_SAID
    days_off: Mapping[str, tuple[Away, ...]] = field(default_factory=dict)

    def working(self, told: Told, year: int, receivers: ZoneInfo | None) -> Working | None:
        """Working time where the lead is; null where neither that nor the receiver's zone is known."""
        name = self.rule.zone_of(told, year)
        zone = receivers if name is None else ZoneInfo(name)
        if zone is None:
            return None
        off = [self.days_off[each] for each in self.rule.holidays_of(told) if each in self.days_off]
        return Working(self.rule.week, zone, tuple(away.stretch(zone) for each in off for away in each))


NOWHERE = LeadCalendar()
