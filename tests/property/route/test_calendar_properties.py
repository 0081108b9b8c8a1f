"""Random calendars: nobody whom a calendar shows as away is ever chosen, and nobody is passed over without reason.

The calendars are written from plain descriptions, and the test judges by those with dates and arithmetic of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from routing_world import leads, native, owners, roster_of, route, users_of

from crmsync.route.hours.absence_calendar import read_calendar
from crmsync.route.roster.resolution import resolve

START = date(2026, 10, 20)  # both clock changes of the autumn follow
ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"]
DAY = timedelta(days=1)

days = st.integers(0, 25).map(lambda offset: START + offset * DAY)
instants = st.integers(0, 25 * 96).map(
    lambda quarters: datetime(2026, 10, 20, tzinfo=UTC) + timedelta(minutes=15 * quarters)
)


@dataclass(frozen=True)
class Days:
    """Whole days, again every so many days; some of the repetitions are taken out."""

    first: date
    count: int
    every: int
    times: int
    out: frozenset[int]

    def lines(self) -> list[str]:
        end = self.first + self.count * DAY
        found = [f"DTSTART;VALUE=DATE:{self.first:%Y%m%d}", f"DTEND;VALUE=DATE:{end:%Y%m%d}"]
        if self.times > 1:
            found.append(f"RRULE:FREQ=DAILY;INTERVAL={self.every};COUNT={self.times}")
        return found + [
            f"EXDATE;VALUE=DATE:{self.first + number * self.every * DAY:%Y%m%d}"
            for number in sorted(self.out)
            if self.times > 1
        ]

    def away(self, moment: datetime, zone: ZoneInfo) -> bool:
        today = moment.astimezone(zone).date()
        starts = [self.first + number * self.every * DAY for number in range(self.times) if number not in self.out]
        return any(start <= today < start + self.count * DAY for start in starts)


@dataclass(frozen=True)
class Times:
    """From one instant to another, at least 24 hours later."""

    start: datetime
    hours: int
    counts: bool

    def lines(self) -> list[str]:
        end = self.start + timedelta(hours=self.hours)
        state = [] if self.counts else ["TRANSP:TRANSPARENT"]
        return [f"DTSTART:{self.start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}", *state]

    def away(self, moment: datetime, _: ZoneInfo) -> bool:
        return self.counts and self.start <= moment < self.start + timedelta(hours=self.hours)


@dataclass(frozen=True)
class Meeting:
    """An hour of every day, which keeps nobody out of a rotation."""

    start: datetime

    def lines(self) -> list[str]:
        end = self.start + timedelta(hours=1)
        return [f"DTSTART:{self.start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}", "RRULE:FREQ=DAILY"]

    def away(self, _: datetime, __: ZoneInfo) -> bool:
        return False


events = st.one_of(
    st.builds(Days, days, st.integers(1, 3), st.integers(3, 7), st.just(1), st.just(frozenset())),
    st.builds(
        Days,
        days,
        st.integers(1, 3),
        st.integers(3, 7),
        st.integers(2, 4),
        st.frozensets(st.integers(0, 2), max_size=1),
    ),
    st.builds(Times, instants, st.integers(24, 60), st.booleans()),
    st.builds(Meeting, instants),
)


def written(calendar: list) -> str:
    inner = [
        line
        for number, event in enumerate(calendar)
        for line in ("BEGIN:VEVENT", f"UID:{number}", *event.lines(), "END:VEVENT")
    ]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *inner, "END:VCALENDAR", ""])


@st.composite
def teams(draw):
    """(roster, calendars as described by person's native id)"""
    people, described = [], {}
    for index in range(draw(st.integers(1, 4))):
        name = f"ae{index}@firm.example"
        people.append(
            {"user": name, "role": "ae", "time_zone": draw(st.sampled_from(ZONES)), "calendar": f"{index}.ics"}
        )
        described[native(name)] = draw(st.lists(events, max_size=4))
    return roster_of(people, rejoin=draw(st.sampled_from(["no_catch_up", "catch_up", "gradual"]))), described


@given(teams(), st.lists(instants, min_size=1, max_size=8))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whom_a_calendar_shows_as_away_gets_nothing_and_everybody_else_can(team, moments):
    roster, described = team
    calendars = {
        source: read_calendar(written(described[f"ae{source[0][0]}"]), source[0], source[1]).between(
            START - 10 * DAY, START + 40 * DAY
        )
        for _, source in roster.calendar_files()
    }
    found = resolve(roster, users_of(roster), "salesforce", calendars=calendars)
    assert not found.findings
    zones = {member.user: member.person.zone for member in found.members}
    for number, moment in enumerate(moments):
        away = {user for user, zone in zones.items() if any(event.away(moment, zone) for event in described[user])}
        frame = leads([{"lead": f"{number}", "stage": "sql"}])
        result = route(found, frame, now=moment, as_of=moment.date())
        chosen = set(owners(result).values())
        assert not chosen & away
        assert bool(chosen) == bool(zones.keys() - away)
        for passed in result.assigned["passed_over"]:
            assert {each["person"] for each in passed if each["why"].startswith("absent")} == away
