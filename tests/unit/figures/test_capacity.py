"""Who gets how many: by shares of pools, of those who are there, against what they take."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl
import pytest
from made_up_ways import LADDER, TODAY

from crmsync.estimate.counts import count_interval
from crmsync.figures.capacity import Load, Part, Receiver, capacity, leaving_chance
from crmsync.figures.forecast import Expected
from crmsync.figures.ways import STEPS, passes
from crmsync.values import replace

NOVEMBER = Expected(date(2026, 11, 1), 6, {"mql": 3.0}, 1.0, 4.0, 8, 12)
DECEMBER = Expected(date(2026, 12, 1), 0, {"mql": 20.0}, 10.0, 45.0, 22, 39)
ALL = Part("ae", 1.0, {"ann": 2.0, "ben": 1.0})


def receiver(
    key: str, *, there: float = 1.0, most: float | None = None, has: int = 0, may: int | None = None
) -> Receiver:
    return Receiver(key, (12, round(31 * there)), (1.0, there), (None, most), has, may)


def december(*receivers: Receiver, parts: tuple[Part, ...] = (ALL,), leaves: float = 0.0) -> dict[str, Load]:
    told = capacity((NOVEMBER, DECEMBER), (12, 31), parts, receivers, leaves)
    return {load.key: load for load in told.loads if load.month == DECEMBER.month}


def test_shares_are_weights_of_those_who_are_there() -> None:
    told = december(receiver("ann"), receiver("ben"))
    assert (told["ann"].mean, told["ben"].mean) == pytest.approx((20.0, 10.0))
    half = december(receiver("ann", there=0.5), receiver("ben"))
    assert (half["ann"].mean, half["ben"].mean) == pytest.approx((15.0, 15.0))
    gone = december(receiver("ann", there=0.0), receiver("ben"))
    assert (gone["ann"].state, gone["ben"].mean) == ("away", pytest.approx(30.0))
    low, high = count_interval(20.0, 45.0 * (2 / 3) ** 2 + 20.0 / 3)
    assert (told["ann"].low, told["ann"].high) == (low, high)


def test_where_leads_come_in_bursts_a_part_may_be_as_much_as_the_year_says() -> None:
    uneven = replace(DECEMBER, uneven_new=40.0)
    told = capacity((uneven,), (31,), (ALL,), (receiver("ann"), receiver("ben")), 0.0)
    [load, _] = told.loads
    variance = 45.0 * (2 / 3) ** 2 + 20.0 / 3
    assert load.mean == pytest.approx(20.0)
    assert (load.low, load.high) == (count_interval(20.0, variance)[0], count_interval(40.0, variance)[1])


def test_intervals_are_those_of_so_many_drawn_months() -> None:
    """Drawn: a month's hand-offs, as uneven as the forecast says, and each of them to Ann by two of three."""
    rng = random.Random(7)
    shape, drawn = 30.0**2 / (45.0 - 30.0), []
    for _ in range(4_000):
        rate, came, passed = rng.gammavariate(shape, 30.0 / shape), 0, rng.expovariate(1.0)
        while passed < rate:
            came, passed = came + 1, passed + rng.expovariate(1.0)
        drawn.append((came, sum(rng.random() < 2 / 3 for _ in range(came))))
    told = capacity((DECEMBER,), (31,), (ALL,), (receiver("ann"), receiver("ben")), 0.0)
    of_all, anns = (sorted(some) for some in zip(*drawn, strict=True))
    for one, (low, high) in ((of_all, (told.months[0].low, told.months[0].high)),
                             (anns, (told.loads[0].low, told.loads[0].high))):  # fmt: skip
        assert abs(one[400] - low) <= 1 and abs(one[3_600] - high) <= 1
        assert 0.75 < sum(low <= number <= high for number in one) / 4_000 < 0.87


def test_what_came_already_is_given_out_already() -> None:
    told = capacity((NOVEMBER,), (12,), (ALL,), (receiver("ann"), receiver("ben")), 0.0)
    assert told.months[0].mean == pytest.approx(4.0)
    assert sum(load.mean for load in told.loads) == pytest.approx(4.0)


def test_parts_are_shared_each_for_itself_and_some_leads_find_nobody() -> None:
    parts = (Part("north", 0.5, {"ann": 1.0}), Part(None, 0.25, {"ben": 3.0}))
    told = capacity((NOVEMBER, DECEMBER), (12, 31), parts, (receiver("ann"), receiver("ben")), 0.0)
    loads = {load.key: load.mean for load in told.loads if load.month == DECEMBER.month}
    assert loads == pytest.approx({"ann": 15.0, "ben": 7.5})
    assert told.months[1].for_nobody == pytest.approx(7.5)
    away = capacity(
        (DECEMBER,), (31,), parts, (Receiver("ann", (0,), (0.0,), (None,), 0, None), receiver("ben")), 0.0
    )
    assert away.months[0].for_nobody == pytest.approx(22.5), "a pool in which nobody is there gives to nobody"


def test_states_say_what_a_month_means() -> None:
    assert december(receiver("ann", most=19.0), receiver("ben"))["ann"].state == "over"
    assert december(receiver("ann", most=22.0), receiver("ben"))["ann"].state == "may_be_over"
    assert december(receiver("ann", most=40.0), receiver("ben"))["ann"].state == "fits"
    assert december(receiver("ann", most=80.0), receiver("ben"))["ann"].state == "idle"
    assert december(receiver("ann"), receiver("ben"))["ann"].state == "no_limit"
    assert december(receiver("ann", has=10, may=30), receiver("ben"))["ann"].state == "over"
    assert december(receiver("ann", has=10, may=40), receiver("ben"))["ann"].state == "fits"
    none = (Part("ae", 1.0, {"ann": 1.0}),)
    assert december(receiver("ann"), receiver("ben"), parts=none)["ben"].state == "idle"
    short = capacity((NOVEMBER,), (12,), none, (receiver("ann"), receiver("ben")), 0.0)
    assert {load.key: load.state for load in short.loads}["ben"] == "no_limit", "the rest of a month says nothing"
    told = capacity((NOVEMBER, DECEMBER), (12, 31), (ALL,), (receiver("ann", most=19.0), receiver("ben")), 0.0)
    assert told.months[1].too_many == pytest.approx(1.0)


def test_leads_leave_meanwhile() -> None:
    told = december(receiver("ann", has=100), receiver("ben"), leaves=0.01)
    assert 60 < told["ann"].open_end < 100 * 0.99**43 + 20 + 4
    stays = december(receiver("ann", has=100), receiver("ben"))
    assert stays["ann"].open_end == pytest.approx(100 + 4 * 2 / 3 + 20)


def test_how_quickly_leads_leave_is_seen_in_the_last_days() -> None:
    def step(lead: str, stage: str, ago: int) -> tuple[str, str, date, bool, date]:
        day = TODAY - timedelta(days=ago)
        return lead, stage, day, True, day

    rows = [step("a", "sql", 50), step("b", "sql", 80), step("b", "disqualified", 30), step("c", "mql", 500)]
    rows += [step("d", "sql", 400), step("d", "disqualified", 300)]
    told = passes(pl.DataFrame(rows, schema=dict(STEPS), orient="row"), LADDER)
    assert leaving_chance(told, LADDER.stages, "sql", TODAY) == pytest.approx(1 / 100)
    assert leaving_chance(told.filter(pl.col("unit") == "c"), LADDER.stages, "sql", TODAY) == 0.0


@pytest.mark.parametrize("seed", range(6))
def test_loads_are_those_of_hand_offs_given_out_one_by_one(seed: int) -> None:
    """Each month's hand-offs in a thousand small pieces, each to whom its part says; leads leave in small steps."""
    rng = random.Random(seed)
    names = ["ann", "ben", "cyd", "dan"]
    there = {name: (rng.choice([1.0, 0.5, 0.0]), rng.choice([1.0, 0.25])) for name in names}
    has = {name: rng.randrange(40) for name in names}
    parts = tuple(
        Part(str(number), 0.3, {name: rng.choice([1.0, 2.0]) for name in rng.sample(names, 2)}) for number in range(3)
    )
    receivers = [Receiver(name, (9, 20), there[name], (None, None), has[name], None) for name in names]
    leaves, spans = 0.004, (12, 31)
    told = capacity((NOVEMBER, DECEMBER), spans, parts, receivers, leaves)
    loads = {(load.key, load.month): load for load in told.loads}
    holds = {name: float(has[name]) for name in names}
    for place, (month, span, coming) in enumerate(zip((NOVEMBER, DECEMBER), spans, (4.0, 30.0), strict=True)):
        gets, nobody, pieces = dict.fromkeys(names, 0.0), 0.0, 1_000
        for piece in range(pieces):
            little = coming / pieces
            nobody += little * 0.1
            for part in parts:
                present = {name: weight for name, weight in part.weights.items() if there[name][place]}
                whole = sum(weight * there[name][place] for name, weight in present.items())
                if not whole:
                    nobody += little * part.share
                for name, weight in present.items():
                    mine = little * part.share * weight * there[name][place] / whole
                    gets[name] += mine
                    holds[name] += mine * (1 - leaves * span / pieces) ** -(piece + 0.5)
        for name in names:
            holds[name] *= (1 - leaves * span / pieces) ** pieces
            load = loads[name, month.month]
            assert (load.mean, load.open_end) == (pytest.approx(gets[name]), pytest.approx(holds[name], rel=1e-3))
        assert told.months[place].for_nobody == pytest.approx(nobody, abs=1e-6)
