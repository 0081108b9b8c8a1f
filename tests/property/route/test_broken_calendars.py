"""Whatever stands in a calendar: it is read, or refused with a place in the file; never anything else."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmsync.errors import ConfigurationError
from crmsync.route.hours.absence_calendar import read_calendar
from crmsync.route.hours.counting import Counting

NAMES = ["DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "UID", "SEQUENCE", "STATUS"]
PARAMETERS = [
    "",
    ";VALUE=DATE",
    ";TZID=Europe/Berlin",
    ";TZID=Office",
    ";VALUE=PERIOD",
    ";RANGE=THISANDFUTURE",
    ";X=",
]
VALUES = [
    "20261105", "20261105T090000", "20261107T090000Z", "00010101", "99991231", "20261105T090000Z/PT3H", "PT2H", "P3D",
    "-P1W", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,2TU;COUNT=3", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR;UNTIL=20261231", "FREQ=DAILY;UNTIL=99991231T235959Z", "FREQ=WEEKLY;WKST=XX",
    "FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=-366", "FREQ=DAILY;COUNT=99999999999", "1", "CANCELLED", "",
]  # fmt: skip
ZONE = "BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\n{}\nEND:STANDARD\nEND:VTIMEZONE\n"
ZONE_LINES = ["DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU"]

RIGHT = [f"RRULE:{value}" for value in VALUES if value.startswith("FREQ=") and "XX" not in value] + [
    "DURATION:P3D", "DURATION:PT2H", "EXDATE;VALUE=DATE:20261106,20261107", "EXDATE:20261106T090000Z", "UID:1",
    "RDATE;VALUE=DATE:20261201", "RECURRENCE-ID;VALUE=DATE:20261106", "STATUS:CANCELLED", "SEQUENCE:2", "UID:2",
    "DTEND:99991231",
]  # fmt: skip

strange = st.builds(
    lambda name, parameters, value: f"{name}{parameters}:{value}",
    st.sampled_from(NAMES),
    st.sampled_from(PARAMETERS),
    st.one_of(st.sampled_from(VALUES), st.text(max_size=12)),
)
lines = st.one_of(st.sampled_from(RIGHT), st.sampled_from(RIGHT), strange)
starts = st.sampled_from(
    ["DTSTART;VALUE=DATE:20261105", "DTSTART:20261105T090000Z", "DTSTART;TZID=Office:20261105T090000"]
)
events = st.builds(
    lambda start, more: "BEGIN:VEVENT\n" + "\n".join([start, *more]) + "\nEND:VEVENT\n",
    starts,
    st.lists(lines, max_size=3),
)
zones = st.one_of(
    st.sampled_from(["", ZONE.format("\n".join(ZONE_LINES))]),
    st.lists(st.sampled_from(ZONE_LINES), max_size=5).map(lambda told: ZONE.format("\n".join(told))),
)
calendars = st.builds(
    lambda zone, listed: "BEGIN:VCALENDAR\n" + zone + "".join(listed) + "END:VCALENDAR\n",
    zones,
    st.lists(events, min_size=1, max_size=4),
)


def read(text: str) -> None:
    try:
        found = read_calendar(text, "ann.ics", Counting("all")).between(date(2026, 8, 1), date(2027, 12, 24))
    except ConfigurationError as error:
        for finding in error.findings:
            assert finding.file == "ann.ics"
            assert 1 <= finding.line <= text.count("\n") + 1
            assert finding.column >= 1
            assert finding.hint
    else:
        assert all(not away.is_empty for away in found.away)
        assert found == read_calendar(text, "ann.ics", Counting("all")).between(date(2026, 8, 1), date(2027, 12, 24))


@given(calendars)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_calendars_of_right_and_wrong_lines(text):
    read(text)


@given(calendars, st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_calendars_cut_off_or_damaged(text, data):
    place = data.draw(st.integers(0, len(text)))
    read(text[:place])
    read(text[:place] + data.draw(st.text(max_size=3)) + text[place + data.draw(st.integers(0, 3)) :])
