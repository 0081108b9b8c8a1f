"""Absences from iCalendar: which events count, when they are in whose zone, and what is refused where."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from crmsync.errors import ConfigurationError
from crmsync.route.hours.absence_calendar import read_calendar
from crmsync.route.hours.calendar import local_day
from crmsync.route.hours.counting import Counting

ALL = Counting("all")
BERLIN = ZoneInfo("Europe/Berlin")
CUSTOM = """\
BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
LORD_HOWE_LIKE = CUSTOM.replace("+0200", "+1100").replace("+0100", "+1030")


def calendar(*events: str, zones: str = "") -> str:
    """Each event as its lines, joined by blanks between properties."""
    inner = "".join("BEGIN:VEVENT\n" + event.strip() + "\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{zones}{inner}END:VCALENDAR\n"


def lines(text: str) -> str:
    """`A:1 | B:2` as two lines."""
    return text.replace(" | ", "\n")


def absences(
    text: str,
    counting: Counting = ALL,
    zone: str = "Europe/Berlin",
    first: str = "2026-01-01",
    last: str = "2026-12-31",
) -> list[str]:
    """Stretches as the person reads them."""
    read = read_calendar(text, "ann.ics", counting).between(date.fromisoformat(first), date.fromisoformat(last))
    here = ZoneInfo(zone)
    stretches = sorted(away.stretch(here) for away in read.away)
    return [f"{one.start.astimezone(here):%m-%d %H:%M} {one.end.astimezone(here):%m-%d %H:%M}" for one in stretches]


DAY = "DTSTART;VALUE=DATE:20260105"
HOUR = "DTSTART:20260105T090000Z | DTEND:20260105T100000Z"

WHICH_COUNT = [
    # event, counting, whether it is an absence
    (DAY, Counting(), True),
    (HOUR, Counting(), False),
    (HOUR, ALL, True),
    ("DTSTART:20260105T090000Z | DTEND:20260106T090000Z", Counting(), True),
    ("DTSTART:20260105T090000Z | DTEND:20260106T085900Z", Counting(), False),
    ("DTSTART:20260105T090000Z | DURATION:P1D", Counting(), True),
    (HOUR + " | X-MICROSOFT-CDO-BUSYSTATUS:OOF", Counting(), True),
    (DAY + " | X-MICROSOFT-CDO-BUSYSTATUS:FREE", Counting(), False),
    (DAY + " | X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", ALL, False),
    (DAY + " | X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", ALL, False),
    (DAY + " | TRANSP:TRANSPARENT", ALL, False),
    (DAY + " | TRANSP:OPAQUE", ALL, True),
    (DAY + " | STATUS:CANCELLED", ALL, False),
    (DAY + " | STATUS:TENTATIVE", ALL, False),
    (DAY + " | STATUS:CONFIRMED", ALL, True),
    ("DTSTART:20260105T090000Z", ALL, False),  # takes no time
    ("DTSTART:20260105T090000Z | DTEND:20260105T090000Z", ALL, False),
    (DAY, Counting("all", ("OOO",)), False),  # no title
    (DAY + " | SUMMARY:ooo\\, back on Monday", Counting("all", ("OOO",)), True),
    (DAY + " | SUMMARY:zoooo", Counting("all", ("OOO",)), False),
    (DAY + " | SUMMARY;LANGUAGE=de:Urlaub", Counting("all", ("OOO", "urlaub")), True),
    (DAY + " | SUMMARY:x | CATEGORIES:Work,Out of Office", Counting("all", ("out of office",)), True),
    (DAY + " | SUMMARY:Sommer\\nUrlaub", Counting("all", ("Urlaub",)), True),
    (DAY + " | SUMMARY:Bü | ro", Counting("all", ("Büro",)), True),  # folded, see below
    (DAY + " | DESCRIPTION:OOO", Counting("all", ("OOO",)), False),
    (DAY + " | DESCRIPTION:Public holiday", Counting("all", ("public holiday",), holidays=True), True),
    (DAY + " | DESCRIPTION:Observance", Counting("all", ("public holiday",), holidays=True), False),
    (DAY + " | TRANSP:TRANSPARENT", Counting("all", (), holidays=True), True),
    (DAY + " | STATUS:CANCELLED", Counting("all", (), holidays=True), False),
]


@pytest.mark.parametrize(("event", "counting", "counts"), WHICH_COUNT)
def test_which_events_count(event, counting, counts):
    text = calendar(lines(event).replace("Bü\nro", "Bü\r\n ro"))
    assert bool(absences(text, counting)) == counts


WHEN = {
    "a day": ([DAY], ["01-05 00:00 01-06 00:00"]),
    "days, the end not included": (
        ["DTSTART;VALUE=DATE:20260105 | DTEND;VALUE=DATE:20260108"],
        ["01-05 00:00 01-08 00:00"],
    ),
    "a day that ends on itself": (
        ["DTSTART;VALUE=DATE:20260105 | DTEND;VALUE=DATE:20260105"],
        ["01-05 00:00 01-06 00:00"],
    ),
    "a day without VALUE": (["DTSTART:20260105"], ["01-05 00:00 01-06 00:00"]),
    "days by length": (["DTSTART;VALUE=DATE:20260105 | DURATION:P2D"], ["01-05 00:00 01-07 00:00"]),
    "an instant": ([HOUR], ["01-05 10:00 01-05 11:00"]),
    "a floating time": (["DTSTART:20260105T090000 | DURATION:PT90M"], ["01-05 09:00 01-05 10:30"]),
    "another zone": (["DTSTART;TZID=America/New_York:20260105T090000 | DURATION:PT1H"], ["01-05 15:00 01-05 16:00"]),
    "a zone as Windows names it": (
        ['DTSTART;TZID="Eastern Standard Time":20260105T090000 | DURATION:PT1H'],
        ["01-05 15:00 01-05 16:00"],
    ),
    "the short night": (["DTSTART;VALUE=DATE:20260329"], ["03-29 00:00 03-30 00:00"]),
    "a time that does not exist": (
        ["DTSTART;TZID=Europe/Berlin:20260329T023000 | DURATION:PT3H"],
        ["03-29 03:00 03-29 05:30"],
    ),
    "a time that occurs twice ends at the second": (
        ["DTSTART;TZID=Europe/Berlin:20261025T013000 | DTEND;TZID=Europe/Berlin:20261025T023000"],
        ["10-25 01:30 10-25 02:30"],
    ),
    "weekly at nine, summer or winter": (
        ["DTSTART;TZID=Europe/Berlin:20261019T090000 | DURATION:PT1H | RRULE:FREQ=WEEKLY;COUNT=2"],
        ["10-19 09:00 10-19 10:00", "10-26 09:00 10-26 10:00"],
    ),
    "yearly since long": (["DTSTART;VALUE=DATE:19991224 | RRULE:FREQ=YEARLY"], ["12-24 00:00 12-25 00:00"]),
    "a birthday of 1604": (["DTSTART;VALUE=DATE:16040301 | RRULE:FREQ=YEARLY"], ["03-01 00:00 03-02 00:00"]),
    "not on a leap day in other years": (["DTSTART;VALUE=DATE:20240229 | RRULE:FREQ=YEARLY"], []),
    "exceptions": (
        [
            "UID:1 | DTSTART;VALUE=DATE:20260105 | RRULE:FREQ=WEEKLY;COUNT=4 | EXDATE;VALUE=DATE:20260112",
            "UID:1 | RECURRENCE-ID;VALUE=DATE:20260119 | DTSTART;VALUE=DATE:20260121 | DTEND;VALUE=DATE:20260123",
            "UID:1 | RECURRENCE-ID;VALUE=DATE:20260126 | DTSTART;VALUE=DATE:20260126 | STATUS:CANCELLED",
        ],
        ["01-05 00:00 01-06 00:00", "01-21 00:00 01-23 00:00"],
    ),
    "moved from the third on": (
        [
            "UID:1 | DTSTART;VALUE=DATE:20260105 | RRULE:FREQ=WEEKLY;COUNT=4",
            "UID:1 | RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20260119 | DTSTART;VALUE=DATE:20260120",
        ],
        ["01-05 00:00 01-06 00:00", "01-12 00:00 01-13 00:00", "01-20 00:00 01-21 00:00", "01-27 00:00 01-28 00:00"],
    ),
    "further dates and periods": (
        [HOUR + " | RDATE;VALUE=PERIOD:20260107T090000Z/PT3H | RDATE:20260109T090000Z"],
        ["01-05 10:00 01-05 11:00", "01-07 10:00 01-07 13:00", "01-09 10:00 01-09 11:00"],
    ),
    "the newer of two versions": (
        ["UID:1 | SEQUENCE:0 | DTSTART;VALUE=DATE:20260105", "UID:1 | SEQUENCE:3 | DTSTART;VALUE=DATE:20260109"],
        ["01-09 00:00 01-10 00:00"],
    ),
    "one occurrence of somebody else's series": (
        ["UID:1 | RECURRENCE-ID;VALUE=DATE:20260105 | DTSTART;VALUE=DATE:20260106"],
        ["01-06 00:00 01-07 00:00"],
    ),
    "until further notice": (
        ["DTSTART;VALUE=DATE:20261230 | DTEND;VALUE=DATE:99991231"],
        ["12-30 00:00 12-28 00:00"],
    ),
}


@pytest.mark.parametrize("name", WHEN)
def test_when(name):
    events, expected = WHEN[name]
    assert absences(calendar(*map(lines, events))) == expected


def test_a_leap_day():
    yearly = calendar(lines("DTSTART;VALUE=DATE:20240229 | RRULE:FREQ=YEARLY"))
    found = absences(yearly, zone="Asia/Kathmandu", first="2028-01-01", last="2028-12-31")
    assert found == ["02-29 00:00 03-01 00:00"]


@pytest.mark.parametrize("zones", [CUSTOM, LORD_HOWE_LIKE])
@pytest.mark.parametrize("rule", ["", "\nRRULE:FREQ=MONTHLY;COUNT=2"])
def test_files_may_call_different_zones_by_one_name(zones, rule):
    event = "DTSTART;TZID=Office:20260705T090000\nDURATION:PT8H" + rule
    (found, *_) = absences(calendar(event, zones=zones), zone="UTC")
    assert found == ("07-05 07:00 07-05 15:00" if zones == CUSTOM else "07-04 22:00 07-05 06:00")


def test_a_zone_with_a_comma_in_its_name():
    zones = CUSTOM.replace("TZID:Office", "TZID:(UTC+01:00) Amsterdam\\, Berlin")
    event = 'DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin":20260705T090000\nDURATION:PT8H'
    assert absences(calendar(event, zones=zones), zone="UTC") == ["07-05 07:00 07-05 15:00"]


@pytest.mark.breadth
def test_one_day_off_in_every_zone_is_exactly_that_date():
    """Also where midnight does not exist, on days with a clock change, and on a leap day."""
    days = ["20260329", "20261025", "20260308", "20261224", "20280229"]
    text = calendar(*(f"DTSTART;VALUE=DATE:{day}" for day in days))
    read = read_calendar(text, "ann.ics", Counting()).between(date(2026, 1, 1), date(2028, 12, 31))
    assert len(read.away) == len(days)
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for away, day in zip(read.away, days, strict=True):
            stretch, wanted = away.stretch(zone), date.fromisoformat(day)
            noon = datetime(wanted.year, wanted.month, wanted.day, 12, tzinfo=UTC)
            for half_hours in range(-52, 53):
                moment = noon + timedelta(minutes=30 * half_hours)
                assert (stretch.start <= moment < stretch.end) == (local_day(moment, zone) == wanted), name


WRONG = {
    "no calendar": ("<html>Sign in</html>", (1, 1, "does not begin with BEGIN:VCALENDAR", "export")),
    "empty": ("", (1, 1, "empty", "export")),
    "cut off": (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260105\n",
        (4, 1, "ends within VEVENT, which begins on line 2", "cut off"),
    ),
    "mixed up": (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n",
        (3, 1, "`END:VCALENDAR` where VEVENT of line 2 is open", "again"),
    ),
    "no property": (calendar("DTSTART:20260105\nand then he said"), (5, 1, "no `NAME:value`", "begins with a space")),
    "no start": (calendar("SUMMARY:secret"), (3, 1, "no DTSTART", "export")),
    "no such day": (calendar("DTSTART;VALUE=DATE:20270229"), (4, 20, "no such day or time", "mend")),
    "no day at all": (calendar("DTSTART;VALUE=DATE:tomorrow"), (4, 20, "holds no day or time", "20261224")),
    "the wrong way round": (calendar("DTSTART:20260105\nDTEND:20260104"), (5, 7, "ends before it starts", "mend")),
    "of two kinds": (calendar("DTSTART:20260105\nDTEND:20260106T090000"), (5, 7, "not of one kind", "both as days")),
    "a negative length": (calendar("DTSTART:20260105\nDURATION:-P1D"), (5, 10, "ends before it starts", "mend")),
    "no length": (calendar("DTSTART:20260105\nDURATION:2 days"), (5, 10, "holds no length", "P3D")),
    "unknown zone": (
        calendar("DTSTART;TZID=Office:20260105T090000\nDURATION:P2D"),
        (4, 21, "`Office` is neither known", "IANA"),
    ),
    "a zone that cannot be": (
        calendar(
            "DTSTART;TZID=Office:20260105T090000\nDURATION:P2D", zones=CUSTOM.replace("FREQ=YEARLY", "FREQ=SECONDLY")
        ),
        (9, 7, "changes its clock by yearly rules", "IANA"),
    ),
    "every second": (
        calendar("DTSTART:20260105\nRRULE:FREQ=SECONDLY"),
        (5, 7, "does not recur `secondly`", "FREQ=DAILY"),
    ),
    "every hour": (calendar("DTSTART:20260105\nRRULE:FREQ=HOURLY"), (5, 7, "does not recur `hourly`", "FREQ=DAILY")),
    "several times a day": (
        calendar("DTSTART:20260105\nRRULE:FREQ=DAILY;BYHOUR=9,10"),
        (5, 7, "several times a day", "BYHOUR"),
    ),
    "no frequency": (calendar("DTSTART:20260105\nRRULE:weekly"), (5, 7, "has no FREQ", "FREQ=DAILY")),
    "an unknown day": (
        calendar("DTSTART:20260105\nRRULE:FREQ=WEEKLY;BYDAY=XX"),
        (5, 7, "cannot be read", "FREQ=DAILY"),
    ),
    "no interval": (
        calendar("DTSTART:20260105\nRRULE:FREQ=DAILY;INTERVAL=0"),
        (5, 7, "INTERVAL must be 1 or more", "mend"),
    ),
    "never": (
        calendar("DTSTART:20260105\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        (5, 7, "never comes true", "mend"),
    ),
    "two rules": (
        calendar("DTSTART:20260105\nRRULE:FREQ=DAILY\nRRULE:FREQ=YEARLY"),
        (6, 7, "several rules", "of each"),
    ),
    "an old exception rule": (
        calendar("DTSTART:20260105\nRRULE:FREQ=DAILY\nEXRULE:FREQ=YEARLY"),
        (6, 8, "EXRULE is not read", "EXDATE"),
    ),
    "an exception that is no day": (
        calendar("DTSTART:20260105\nRRULE:FREQ=DAILY\nEXDATE:x"),
        (6, 8, "holds no day", "20261224"),
    ),
    "folded": (
        calendar("DTSTART:20260105\nSUMMARY:a\n b\nRRULE:FREQ=MINUTELY"),
        (7, 7, "does not recur", "FREQ=DAILY"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_calendar_is_told_with_its_place_and_mend(name):
    text, (line, column, message, hint) = WRONG[name]
    with pytest.raises(ConfigurationError) as raised:
        read_calendar(text, "ann.ics", ALL)
    (finding,) = raised.value.findings
    assert (finding.file, finding.line, finding.column) == ("ann.ics", line, column)
    assert message in finding.message
    assert hint in finding.hint
    assert "secret" not in str(finding)


def test_what_does_not_count_may_be_broken():
    broken = "SUMMARY:Team lunch\nDTSTART:20260105T090000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY"
    assert absences(calendar(broken, DAY), Counting()) == ["01-05 00:00 01-06 00:00"]
    assert absences(calendar("DTSTART:nonsense\nSUMMARY:x", DAY + "\nSUMMARY:OOO"), Counting("all", ("OOO",)))


MANY = {
    "events": (calendar(*[DAY] * 100_000), "more than 50,000 events"),
    "series": (calendar(*[DAY + "\nRRULE:FREQ=YEARLY"] * 3_000), "more than 2,000 of the file's absences recur"),
    "recurrences": (calendar(*[DAY + "\nRRULE:FREQ=DAILY"] * 60), "more than 20,000 times a year"),
    "steps": (calendar(*["DTSTART:10000101\nRRULE:FREQ=DAILY"] * 20), "more than 3,000,000 steps"),
    "dates": (
        calendar(f"{DAY}\nRRULE:FREQ=DAILY\nEXDATE:" + ",".join(["20260105"] * 9_000)),
        "more than 5,000 dates",
    ),
}


@pytest.mark.parametrize("what", MANY)
def test_too_much_is_refused_at_once(what):
    text, message = MANY[what]
    started = time.process_time()
    with pytest.raises(ConfigurationError, match=message):
        read_calendar(text, "ann.ics", ALL)
    assert time.process_time() - started < 20  # seconds of a processor, of which it takes half of one


def test_the_digest_follows_the_absences_only():
    holiday = "UID:1 | SUMMARY:Rome | DTSTART;VALUE=DATE:20260105 | DTSTAMP:20250101T000000Z"
    series = "UID:2 | SUMMARY:Fridays | DTSTART;VALUE=DATE:20260109 | RRULE:FREQ=WEEKLY"
    meeting = "UID:3 | SUMMARY:Meeting | DTSTART:20260105T090000Z | DURATION:PT1H"

    def digest(*events: str) -> str:
        return read_calendar(calendar(*map(lines, events)), "ann.ics", Counting()).digest

    base = digest(holiday, series, meeting)
    renamed = holiday.replace("Rome", "Secret trip").replace("UID:1", "UID:77").replace("2025", "2026")
    assert digest(series.replace("UID:2", "UID:5 | SEQUENCE:4"), renamed) == base
    assert digest(holiday, series.replace("WEEKLY", "MONTHLY")) != base
    assert digest(holiday.replace("20260105", "20260106"), series) != base
    assert digest(holiday, series + " | EXDATE;VALUE=DATE:20260116") != base
    assert digest(holiday + " | TRANSP:TRANSPARENT", series) != base
