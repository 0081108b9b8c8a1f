"""What is counted while leads are placed: per day and week, open leads as they move, and whom twins follow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from routing_world import leads, owners, resolved, roster, route

from crmsync.route.placing.orders import Order
from crmsync.route.rotation.counters import KEPT_DAYS, Ledger, iso_week

PEOPLE = """
people:
  - {user: ann@firm.example, role: ae}
  - {user: abe@firm.example, role: ae}
  - {user: bert@firm.example, role: bdr}
"""


def test_a_days_leads_are_that_days() -> None:
    ledger = Ledger({})
    for day in (20, 20, 21, 23):
        ledger.note("aes", "ann", date(2026, 11, day))
    assert [ledger.on_day("ann", date(2026, 11, day)) for day in (20, 21, 22, 23)] == [2, 1, 0, 1]
    state = ledger.counters()["aes"]["ann"]
    assert (state["today"], state["this_week"], state["week"]) == (1, 1, "2026-W48"), "the 23rd is a Monday"
    ledger.note("aes", "ann", date(2026, 11, 24))
    assert (ledger.on_day("ann", date(2026, 11, 24)), ledger.in_week("ann", date(2026, 11, 29))) == (1, 2)


def test_leads_of_all_pools_count() -> None:
    ledger = Ledger({})
    for pool in ("aes", "direct", "aes"):
        ledger.note(pool, "ann", date(2026, 11, 20))
    assert ledger.on_day("ann", date(2026, 11, 20)) == 3
    assert Ledger(ledger.counters()).in_week("ann", date(2026, 11, 20)) == 3


def test_days_in_a_row_and_the_month_are_counted_from_days() -> None:
    ledger = Ledger({})
    for month, day in ((10, 31), (11, 1), (11, 2), (11, 2), (11, 8)):
        ledger.note("aes", "ann", date(2026, month, day))
    again, eighth = Ledger(ledger.counters()), date(2026, 11, 8)
    for kept in (ledger, again):
        assert [kept.in_days("ann", eighth, days) for days in (1, 6, 7, 8, 9)] == [1, 1, 3, 4, 5]
        assert [kept.in_month("ann", date(2026, month, 30)) for month in (9, 10, 11, 12)] == [0, 1, 4, 0]
    assert ledger.counters()["aes"]["ann"]["earlier"] == {"2026-10-31": 1, "2026-11-01": 1, "2026-11-02": 2}


def test_no_more_days_are_kept_than_limits_may_ask_for() -> None:
    ledger, first = Ledger({}), date(2026, 1, 1)
    for number in range(200):
        ledger.note("aes", "ann", first + timedelta(days=number))
    assert len(ledger.counters()["aes"]["ann"]["earlier"]) == KEPT_DAYS - 1
    assert ledger.in_days("ann", first + timedelta(days=199), KEPT_DAYS) == KEPT_DAYS


def test_a_lead_of_an_earlier_day_counts_for_that_day() -> None:
    """What a person gave is seen later; somebody's day is yesterday again when they have moved west."""
    ledger = Ledger({})
    ledger.note("aes", "ann", date(2026, 11, 20))
    for day in (18, 20, 15):
        ledger.received("direct", "ann", date(2026, 11, day))
    ledger.note("aes", "ann", date(2026, 11, 19))
    assert [ledger.on_day("ann", date(2026, 11, day)) for day in range(15, 21)] == [1, 0, 0, 1, 1, 2]
    assert ledger.in_week("ann", date(2026, 11, 20)) == 4
    assert ledger.in_month("ann", date(2026, 11, 1)) == 5


def test_what_was_counted_before_days_were_kept_is_of_the_day_before_the_last() -> None:
    old = {"aes": {"ann": {"turns": 9, "day": "2026-11-18", "today": 1, "week": "2026-W47", "this_week": 4}}}
    ledger = Ledger(old)
    assert ledger.counters() == old
    assert [ledger.in_days("ann", date(2026, 11, 18), days) for days in (1, 2)] == [1, 4]
    ledger.note("aes", "ann", date(2026, 11, 19))
    assert [ledger.in_days("ann", date(2026, 11, 19), days) for days in (1, 2, 3)] == [1, 2, 5]


@pytest.mark.parametrize(
    ("limit", "given"),
    [
        ("per_month: 3", [2, 1, 0, 2, 1]),
        ("per_days: {2: 3}", [2, 1, 2, 1, 2]),
        ("per_days: {2: 3, 30: 4}", [2, 1, 1, 0, 0]),
    ],
)
def test_a_limit_of_days_in_a_row_moves_along_and_one_of_the_month_ends_with_it(limit: str, given: list[int]) -> None:
    """Two leads for ann on each of five days around the end of November."""
    text = "people: [{user: ann@firm.example, role: ae, capacity: {" + limit + "}}]"
    found, counters, had = resolved(roster(text)), {}, []
    for when in (date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)):
        frame = leads([{"lead": f"{when}-{number}", "stage": "sql"} for number in range(2)])
        now = datetime(when.year, when.month, when.day, 12, tzinfo=UTC)
        result = route(found, frame, counters=counters, as_of=when, now=now)
        counters = result.counters
        had.append(result.assigned.height)
    assert had == given


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
    ],
)
def test_the_week_of_new_year_is_one_week(day: date, week: str) -> None:
    assert iso_week(day) == week


def test_a_capacity_of_the_day_is_new_on_the_next_day() -> None:
    text = PEOPLE.replace(
        "user: ann@firm.example, role: ae", "user: ann@firm.example, role: ae, capacity: {per_day: 2}"
    )
    found = resolved(roster(text))
    counters: Any = {}
    given = []
    for day in (18, 19, 20):
        when = {"as_of": date(2026, 11, day), "now": datetime(2026, 11, day, 12, tzinfo=UTC)}
        frame = leads([{"lead": f"{day}-{number}", "stage": "sql"} for number in range(6)])
        result = route(found, frame, counters=counters, **when)
        counters = result.counters
        given.append(list(owners(result).values()).count("ann"))
    assert given == [2, 2, 2]


def test_a_lead_that_moves_leaves_its_owners_count() -> None:
    found = resolved(roster(PEOPLE + "rules: {hand_off: [{strategy: least_loaded, pool: receivers}]}\n"))
    rows = [
        {"lead": name, "stage": "sql", "owner": owner} for name, owner in (("a", "ann"), ("b", "ann"), ("c", "bert"))
    ]
    orders = {name: Order("to the next one", moves=True, not_to={"ann": "had it"}) for name in ("a", "b")}
    result = route(found, leads(rows), open_leads={"ann": 4, "abe": 1}, orders=orders)
    assert owners(result) == {"a": "abe", "b": "abe", "c": "ann"}, "ann has two left, abe has three by then"


def test_twins_follow_the_first_of_their_kind() -> None:
    """Also when it went to one who can take no more: then each goes by the rules."""
    text = PEOPLE.replace(
        "user: ann@firm.example, role: ae", "user: ann@firm.example, role: ae, capacity: {per_day: 2}"
    )
    found = resolved(roster(text + "  - {user: amy@firm.example, role: ae}\n"))
    rows = [{"lead": name, "stage": "sql", "email": f"{name}@one.example"} for name in "12345"]
    result = route(found, leads(rows))
    assert owners(result) == {"1": "ann", "2": "ann", "3": "abe", "4": "amy", "5": "abe"}
    words = dict(result.assigned.select("lead", "reason").iter_rows())
    assert words["2"] == "same company as lead 1, which goes to the same owner"
