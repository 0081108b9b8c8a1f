"""Working hours, absences and time limits where clocks and calendars are at their worst."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from routing_world import native, resolved, roster_of

from crmsync.route.at_work.sla import back_at_work, due_at, working_time
from crmsync.route.hours.calendar import ends_at, local_day, starts_at, stretches_at_work, whole_days, working_hours
from crmsync.route.people.absence import PlannedAbsence


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def member(**person):
    found = resolved(roster_of([{"user": "ann@firm.example", "role": "ae", **person}]))
    return found.by_user[native("ann")]


HOURS_OF_A_DAY = [
    # zone, day, hours on it, how many hours that is in truth, first instant
    ("Europe/Berlin", "2026-03-28", "01:00-05:00", 4, "2026-03-28T00:00Z"),
    ("Europe/Berlin", "2026-03-29", "01:00-05:00", 3, "2026-03-29T00:00Z"),  # 02:00 → 03:00
    ("Europe/Berlin", "2026-03-29", "02:30-05:00", 2, "2026-03-29T01:00Z"),  # 02:30 does not exist
    ("Europe/Berlin", "2026-10-25", "01:00-05:00", 5, "2026-10-24T23:00Z"),  # 03:00 → 02:00
    ("Europe/Berlin", "2026-10-25", "02:30-05:00", 3.5, "2026-10-25T00:30Z"),  # the first 02:30
    ("Europe/Berlin", "2026-10-25", "01:00-02:30", 2.5, "2026-10-24T23:00Z"),  # to the second 02:30
    ("Europe/Berlin", "2026-10-25", "00:00-24:00", 25, "2026-10-24T22:00Z"),
    ("America/New_York", "2026-03-08", "00:00-24:00", 23, "2026-03-08T05:00Z"),
    ("America/New_York", "2026-11-01", "09:00-17:00", 8, "2026-11-01T14:00Z"),
    ("Asia/Beirut", "2026-03-29", "00:00-24:00", 23, "2026-03-28T22:00Z"),  # midnight itself does not exist
    ("America/Havana", "2024-03-10", "00:00-08:00", 7, "2024-03-10T05:00Z"),
    ("America/Havana", "2024-11-03", "00:00-08:00", 9, "2024-11-03T04:00Z"),  # midnight to one happens twice
    ("Australia/Lord_Howe", "2026-04-05", "00:00-24:00", 24.5, "2026-04-04T13:00Z"),  # half an hour of summer
    ("Asia/Kathmandu", "2026-11-18", "09:00-17:00", 8, "2026-11-18T03:15Z"),
    ("Pacific/Apia", "2011-12-30", "00:00-24:00", 0, None),  # a day that Samoa skipped
    ("Pacific/Kiritimati", "2026-11-18", "00:00-24:00", 24, "2026-11-17T10:00Z"),
    ("UTC", "2028-02-29", "00:00-24:00", 24, "2028-02-29T00:00Z"),
    ("Europe/Berlin", "2026-11-20", "22:00-06:00", 8, "2026-11-20T21:00Z"),  # a night shift
    ("Europe/Berlin", "2026-10-24", "22:00-06:00", 9, "2026-10-24T20:00Z"),  # through the long night
    ("Europe/Berlin", "2026-03-28", "22:00-06:00", 7, "2026-03-28T21:00Z"),  # through the short night
]


@pytest.mark.parametrize(("zone", "day", "hours", "truth", "first"), HOURS_OF_A_DAY)
def test_hours_of_one_day(zone, day, hours, truth, first):
    weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[date.fromisoformat(day).weekday()]
    start = starts_at(date.fromisoformat(day), 0, ZoneInfo(zone)) - timedelta(hours=1)
    stretches = stretches_at_work(working_hours({weekday: hours}), ZoneInfo(zone), (), start)
    found = next(stretch for stretch in stretches)
    if first is None:
        assert local_day(found.start, ZoneInfo(zone)) != date.fromisoformat(day)
        return
    assert found.start == at(first)
    assert found.end - found.start == timedelta(hours=truth)


def test_a_wall_time_occurring_twice_starts_at_the_first_and_ends_at_the_second():
    zone = ZoneInfo("Europe/Berlin")
    assert starts_at(date(2026, 10, 25), 150, zone) == at("2026-10-25T00:30Z")
    assert ends_at(date(2026, 10, 25), 150, zone) == at("2026-10-25T01:30Z")


def _days_with_clock_changes(zone: ZoneInfo) -> set[date]:
    days = [date(2026, 1, 1) + timedelta(days=index) for index in range(366)]
    noons = [datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset() for day in days]
    return {day for day, before, after in zip(days[1:], noons, noons[1:], strict=False) if before != after}


@pytest.mark.breadth
def test_one_day_absences_in_every_zone_cover_exactly_that_date():
    """Also on days with a clock change, on a leap day, and where UTC midnight is in the middle of the day."""
    checked = changes = 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        changing = _days_with_clock_changes(zone)
        changes += len(changing)
        for day in {date(2026, 12, 24), date(2028, 2, 29)} | changing:
            stretch = PlannedAbsence.model_validate({"from": day, "to": day}).stretch(zone)
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            for half_hours in range(-80, 81):
                moment = noon + timedelta(minutes=30 * half_hours)
                assert (stretch.start <= moment < stretch.end) == (local_day(moment, zone) == day), (
                    name,
                    day,
                    moment,
                )
                checked += 1
    assert checked > 190_000
    assert changes > 200


def test_absences_with_a_time_of_day_end_at_the_instant():
    zone = ZoneInfo("Asia/Kathmandu")
    told = PlannedAbsence.model_validate({"from": "2026-12-24T12:00:00", "to": "2026-12-24T18:00:00"}).stretch(zone)
    assert told == (at("2026-12-24T06:15Z"), at("2026-12-24T12:15Z"))
    fixed = PlannedAbsence.model_validate({"from": date(2026, 12, 24), "to": "2026-12-24T18:00:00Z"}).stretch(zone)
    assert fixed == (at("2026-12-23T18:15Z"), at("2026-12-24T18:00Z"))


def test_absences_with_a_time_of_day_on_nights_with_a_clock_change():
    # Berlin, 25 October 2026: 02:00 to 03:00 comes twice; 29 March 2026: 02:00 to 03:00 does not exist.
    cases = {
        ("2026-10-25T02:15:00", "2026-10-25T02:45:00"): ("2026-10-25T00:15", "2026-10-25T01:45"),
        ("2026-03-29T02:30:00", "2026-03-29T04:00:00"): ("2026-03-29T01:00", "2026-03-29T02:00"),
        ("2026-03-29T01:30:00", "2026-03-29T02:30:00"): ("2026-03-29T00:30", "2026-03-29T01:00"),
    }
    for (since, until), (start, end) in cases.items():
        person = member(time_zone="Europe/Berlin", absences=[{"from": since, "to": until}]).person
        assert person.away == ((at(start), at(end)),)


def test_several_days_include_both_ends():
    assert whole_days(date(2026, 12, 24), date(2027, 1, 2), ZoneInfo("UTC")).end == at("2027-01-03T00:00Z")


OFFICE = {"time_zone": "Europe/Berlin", "hours": {"mon-fri": "09:00-17:00"}}

WORKING_TIME = [
    # since, until (local Berlin), hours of work between them
    ("2026-11-20T16:00+01:00", "2026-11-23T10:00+01:00", 2),  # Friday afternoon to Monday morning
    ("2026-11-21T00:00+01:00", "2026-11-22T23:00+01:00", 0),  # a weekend
    ("2026-11-18T10:00+01:00", "2026-11-18T10:00+01:00", 0),
    ("2026-11-18T10:00+01:00", "2026-11-18T09:00+01:00", 0),  # the wrong way round
    ("2026-10-23T16:00+02:00", "2026-10-26T10:00+01:00", 2),  # over the night the clock goes back
    ("2026-11-16T00:00+01:00", "2026-11-23T00:00+01:00", 40),
]


@pytest.mark.parametrize(("since", "until", "hours"), WORKING_TIME)
def test_working_time_between(since, until, hours):
    assert working_time(member(**OFFICE), at(since), at(until)) == timedelta(hours=hours)


DUE = [
    # since, limit in hours, due (null: never), person
    ("2026-11-20T16:00+01:00", 2, "2026-11-23T10:00+01:00", OFFICE),
    ("2026-11-20T16:00+01:00", 1, "2026-11-20T17:00+01:00", OFFICE),
    ("2026-11-20T18:00+01:00", 0, "2026-11-23T09:00+01:00", OFFICE),
    ("2026-11-20T16:00+01:00", 4, "2026-11-20T20:00+01:00", {}),  # no hours told: round the clock
    (
        "2026-12-23T16:00+01:00",
        4,
        "2027-01-04T12:00+01:00",
        OFFICE | {"absences": [{"from": "2026-12-24", "to": "2027-01-02"}]},
    ),
    ("2026-11-20T16:00+01:00", 1, None, OFFICE | {"hours": {}}),  # never at work
    ("2028-02-28T16:00+01:00", 4, "2028-02-29T12:00+01:00", OFFICE),
    ("2026-11-18T05:00+05:45", 1, "2026-11-18T10:00+05:45", OFFICE | {"time_zone": "Asia/Kathmandu"}),
]


@pytest.mark.parametrize(("since", "hours", "due", "person"), DUE)
def test_a_limit_in_working_hours(since, hours, due, person):
    found = due_at(member(**person), at(since), timedelta(hours=hours))
    assert found == (None if due is None else at(due))


def test_an_absence_in_the_middle_of_a_day_stops_the_clock():
    person = member(**OFFICE, absences=[{"from": "2026-11-18T11:00:00", "to": "2026-11-18T13:00:00"}])
    assert working_time(person, at("2026-11-18T10:00+01:00"), at("2026-11-18T14:00+01:00")) == timedelta(hours=2)
    assert back_at_work(person, at("2026-11-18T12:00+01:00")) == at("2026-11-18T13:00+01:00")
    assert back_at_work(person, at("2026-11-18T10:00+01:00")) == at("2026-11-18T10:00+01:00")


WRONG_HOURS = [
    ({"mon-fri": "09:00-17"}, "is not a stretch of hours"),
    ({"mon-fri": "09:00-25:00"}, "a day ends at 24:00"),
    ({"mon-fri": "09:60-17:00"}, "is not a stretch of hours"),
    ({"mon-fri": "09:00-09:00"}, "is empty"),
    ({"monday": "09:00-17:00"}, "names no weekday"),
    ({"mon-fri": "09:00-17:00", "wed": "10:00-12:00"}, "wed stands twice"),
    ({"mon": "09:00-13:00, 12:00-17:00"}, "overlap"),
    ({"sun": "22:00-06:00", "mon": "05:00-12:00"}, "overlap"),
]


@pytest.mark.parametrize(("hours", "words"), WRONG_HOURS)
def test_wrong_hours_are_told(hours, words):
    with pytest.raises(ValueError, match=words):
        working_hours(hours)


def test_ways_to_write_hours():
    office = ((9 * 60, 17 * 60),)
    assert working_hours({"mon-fri": "09:00-17:00"}).days == (office,) * 5 + ((),) * 2
    assert working_hours({"sat-mon": "9:00 - 17:00"}).days == (office, (), (), (), (), office, office)
    assert working_hours({"mon,wed": ["13:00-17:00", "09:00-12:00"]}).days[2] == ((540, 720), (780, 1020))
