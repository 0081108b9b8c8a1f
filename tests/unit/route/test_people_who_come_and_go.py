"""People who come, go, are away, off work or full."""

from datetime import datetime, timedelta

import pytest
from routing_world import NOW, ROLES, leads, one, owners, resolved, roster_of, route


def test_counters_survive_edits_of_the_list():
    found = resolved(ROLES)
    frame = leads([{"lead": str(number), "stage": "sql"} for number in range(3)])
    before = route(found, frame).counters
    without = roster_of(
        [person for person in ROLES.model_dump(by_alias=True)["people"] if "ann" not in person["user"]]
    )
    during = route(resolved(without), one(), counters=before).counters
    assert during["receivers"]["ann@firm.example"] == before["receivers"]["ann@firm.example"]
    after = route(found, one(), counters=during)
    assert after.counters["receivers"]["ann@firm.example"]["turns"] == 2
    assert owners(after) == {"a": "ben"}  # ann was a turn ahead of her share when she left, and still is


def test_who_left_in_the_roster_or_has_not_started_gets_nothing():
    roster = roster_of(
        [
            {"user": "ann@firm.example", "role": "ae", "ends": "2026-11-17"},
            {"user": "ben@firm.example", "role": "ae", "starts": "2026-11-19"},
            {"user": "cas@firm.example", "role": "ae", "starts": "2026-11-18", "ends": "2026-11-18"},
        ]
    )
    result = route(resolved(roster), one())
    assert owners(result) == {"a": "cas"}
    why = {each["person"]: each["why"] for each in result.assigned.to_dicts()[0]["passed_over"]}
    assert why == {"ann": "left on 2026-11-17", "ben": "starts on 2026-11-19"}


def _pair(**options):
    people = [
        {
            "user": "ann@firm.example",
            "role": "ae",
            "time_zone": "Asia/Kathmandu",
            "hours": {"mon-fri": "09:00-17:00"},
        },
        {"user": "ben@firm.example", "role": "ae", "time_zone": "Europe/Berlin", "hours": {"mon-fri": "09:00-17:00"}},
    ]
    return resolved(roster_of(people, **options))


HOURS = [
    # UTC, rule, owner (None: waits)
    ("2026-11-18T12:00Z", "last_resort", "ben"),  # Kathmandu has gone home at 11:15 UTC
    ("2026-11-18T04:00Z", "last_resort", "ann"),
    ("2026-11-18T03:00Z", "last_resort", "ann"),  # nobody at work: the rotation decides
    ("2026-11-18T12:00Z", "ignore", "ann"),
    ("2026-11-18T03:00Z", "wait", None),
    ("2026-11-18T03:15Z", "wait", "ann"),
    ("2026-11-21T12:00Z", "wait", None),  # a Saturday
]


@pytest.mark.parametrize(("now", "rule", "owner"), HOURS)
def test_working_hours(now, rule, owner):
    result = route(_pair(outside_hours=rule), one(), now=datetime.fromisoformat(now))
    assert owners(result) == ({} if owner is None else {"a": owner})
    assert len(result.set_aside) == (owner is None)


ABSENT = [
    ("2026-11-17T23:59:59+05:45", False),
    ("2026-11-18T00:00:00+05:45", True),
    ("2026-11-18T23:59:59+05:45", True),
    ("2026-11-19T00:00:00+05:45", False),
]


@pytest.mark.parametrize(("now", "absent"), ABSENT)
def test_a_one_day_absence_in_kathmandu_is_that_day_there(now, absent):
    person = {"user": "ann@firm.example", "role": "ae", "time_zone": "Asia/Kathmandu"}
    roster = roster_of([{**person, "absences": [{"from": "2026-11-18", "to": "2026-11-18"}]}])
    result = route(resolved(roster), one(), now=datetime.fromisoformat(now))
    assert bool(result.set_aside) == absent


def test_capacity_counts_the_persons_own_day():
    """Half past midnight in Kathmandu is a new day, though UTC still has the old one."""
    roster = roster_of(
        [{"user": "ann@firm.example", "role": "ae", "time_zone": "Asia/Kathmandu", "capacity": {"per_day": 1}}]
    )
    first = route(resolved(roster), one(), now=datetime.fromisoformat("2026-11-17T18:00Z"))
    assert owners(first) == {"a": "ann"}
    same_day = route(
        resolved(roster), one(), counters=first.counters, now=datetime.fromisoformat("2026-11-17T18:14Z")
    )
    assert len(same_day.set_aside) == 1
    next_day = route(
        resolved(roster), one(), counters=first.counters, now=datetime.fromisoformat("2026-11-17T18:15Z")
    )
    assert owners(next_day) == {"a": "ann"}


REJOIN = [
    # rule, leads that the one who was away gets of the next eight
    ("no_catch_up", 4),
    ("catch_up", 8),
    ("gradual", 6),
]


@pytest.mark.parametrize(("rule", "expected"), REJOIN)
def test_after_an_absence(rule, expected):
    people = [
        {"user": "ann@firm.example", "role": "ae", "absences": [{"from": "2026-11-18", "to": "2026-11-18"}]},
        {"user": "ben@firm.example", "role": "ae"},
    ]
    found = resolved(roster_of(people, rejoin=rule))
    away = route(found, leads([{"lead": f"x{number}", "stage": "sql"} for number in range(16)]))
    assert set(owners(away).values()) == {"ben"}
    back = leads([{"lead": f"y{number}", "stage": "sql"} for number in range(8)])
    result = route(found, back, counters=away.counters, now=NOW + timedelta(days=1))
    assert list(owners(result).values()).count("ann") == expected


def test_what_is_owed_is_worked_off_and_not_more():
    people = [
        {"user": "ann@firm.example", "role": "ae", "absences": [{"from": "2026-11-18", "to": "2026-11-18"}]},
        {"user": "ben@firm.example", "role": "ae"},
        {"user": "cas@firm.example", "role": "ae"},
    ]
    for rule in ("catch_up", "gradual"):
        found = resolved(roster_of(people, rejoin=rule))
        away = route(found, leads([{"lead": f"x{number}", "stage": "sql"} for number in range(30)]))
        assert away.counters["receivers"]["ann@firm.example"]["owed"] == 30 * 333_333
        later = leads([{"lead": f"y{number}", "stage": "sql"} for number in range(300)])
        result = route(found, later, counters=away.counters, now=NOW + timedelta(days=1))
        turns = {key: state["turns"] for key, state in result.counters["receivers"].items()}
        # gradually, a turn of double weight pays off only the part beyond the plain share
        assert turns["ann@firm.example"] in range(105, 111), (rule, turns)
        assert result.counters["receivers"]["ann@firm.example"].get("owed", 0) < 1_000_000
        assert abs(turns["ben@firm.example"] - turns["cas@firm.example"]) <= 1
