"""A quarter with 12 AEs and 20,000 hand-offs, day by day through `assign`, judged by counts of its own."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from routing_world import leads, native, resolved, roster_of, route

from crmsync.route.at_work.loads import pool_loads

FIRST = datetime(2026, 10, 1, 12, tzinfo=UTC)
WEIGHTS = [1, 1, 1, 1, 1, 1, 2, 2, "0.5", "0.75", 3, 1]
DAYS, LEADS = 90, 20_000


def team(chance: Random | None) -> list[dict]:
    """12 AEs; with `chance` three absences of 1 to 15 days each."""
    people = []
    for number, weight in enumerate(WEIGHTS):
        absences = []
        for _ in range(3 if chance else 0):
            start = FIRST.date() + timedelta(days=chance.randrange(DAYS))
            absences.append({"from": start, "to": start + timedelta(days=chance.randrange(15))})
        people.append({"user": f"ae{number}@firm.example", "role": "ae", "weight": weight, "absences": absences})
    return people


def quarter(people: list[dict]):
    """(largest deviation at any prefix, the counters' own, turns by person)"""
    found = resolved(roster_of(people))
    weight = {native(person["user"]): float(person["weight"]) for person in people}
    share, had, worst, counters = Counter(), Counter(), 0.0, {}
    chance = Random(5)
    for day in range(DAYS):
        now = FIRST + timedelta(days=day)
        count = LEADS * (day + 1) // DAYS - LEADS * day // DAYS
        frame = leads(
            [{"lead": f"{day}-{index}", "stage": "sql", "priority": chance.randrange(100)} for index in range(count)]
        )
        result = route(found, frame, counters=counters, now=now, as_of=now.date())
        counters = result.counters
        away = {
            native(person["user"])
            for person in people
            if any(absence["from"] <= now.date() <= absence["to"] for absence in person["absences"])
        }
        total = sum(each for user, each in weight.items() if user not in away)
        for owner in result.assigned["owner"]:
            assert owner not in away
            for user, each in weight.items():
                if user not in away:
                    share[user] += each / total
            had[owner] += 1
            worst = max(worst, *(abs(had[user] - share[user]) for user in weight))
    assert sum(had.values()) == LEADS
    loads = pool_loads(found, counters)
    assert dict(loads.select("user", "turns").iter_rows()) == had
    return worst, max(map(abs, loads["deviation"])), had


@pytest.mark.breadth
def test_without_absences_nobody_is_ever_a_turn_off():
    worst, _, had = quarter(team(None))
    assert worst < 1
    assert abs(had["ae10"] - 3 * had["ae0"]) < 4


@pytest.mark.breadth
def test_with_absences_everybody_stays_within_the_stated_bound():
    worst, own, _ = quarter(team(Random(11)))
    assert worst <= 5.5
    assert own <= 5.5
    print(f"largest deviation with absences: {worst:.2f} turns")
