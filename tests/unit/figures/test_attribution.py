"""Credits of each arrival add up to 1, and are what a plain reading of the touches gives."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmsync.estimate.intervals import wilson_of
from crmsync.figures.attribution import ARRIVALS, TOUCHES, WAYS, Way, arrivals_of, credits_of
from crmsync.figures.scorecard import HANDED, ScorecardShare, score_lines
from crmsync.figures.ways import STEPS, Ladder, passes

DAY = date(2026, 11, 1)
STAGES = ("mql", "sql", "sqo")
Touch = tuple[str, date, str | None]
Handed = tuple[str, int, str, date, date | None, bool, bool, str | None]
Arrival = tuple[str, int, str, str, date, date | None, bool]


def frames(arrivals: list[Arrival], touches: list[Touch]) -> tuple[pl.DataFrame, pl.DataFrame]:
    return (
        pl.DataFrame(arrivals, schema=dict(ARRIVALS), orient="row"),
        pl.DataFrame(touches, schema=dict(TOUCHES), orient="row"),
    )


def plainly(arrival: Arrival, touches: list[Touch], way: Way) -> dict[str | None, float]:
    """The same in plain Python: the second, independent reading."""
    _, _, person, _, day, after, _ = arrival
    mine = {(on, name) for who, on, name in touches if who == person and on <= day and name is not None}
    if way == "attempt" and after is not None:
        mine = {(on, name) for on, name in mine if on >= after}
    if not mine:
        return {None: 1.0}
    if way != "linear":
        end = (max if way == "last" else min)(on for on, _ in mine)
        mine = {(on, name) for on, name in mine if on == end}
    told: defaultdict[str | None, float] = defaultdict(float)
    for _, name in mine:
        told[name] += 1 / len(mine)
    return dict(told)


days = st.integers(0, 12).map(lambda number: DAY + timedelta(number))
people = st.sampled_from("pqr")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Arrival], list[Touch]]:
    touches = draw(st.lists(st.tuples(people, days, st.sampled_from(["fair", "web", "mail", None])), max_size=14))
    keys = draw(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 2), st.sampled_from(STAGES)), unique=True))
    arrivals = [
        (unit, number, draw(people), stage, draw(days), draw(days) if number > 1 else None, True)
        for unit, number, stage in keys
    ]
    return arrivals, touches


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=40)
@given(worlds())
def test_credits_add_up_to_one_and_are_what_a_plain_reading_gives(
    way: Way, world: tuple[list[Arrival], list[Touch]]
) -> None:
    arrivals, touches = world
    credited = credits_of(*frames(arrivals, touches), way)
    found: defaultdict[tuple[str, int, str], dict[str | None, float]] = defaultdict(dict)
    for unit, number, stage, name, credit in credited.iter_rows():
        found[unit, number, stage][name] = credit
    assert found.keys() == {(*each[0:2], each[3]) for each in arrivals}
    for each in arrivals:
        mine = found[each[0], each[1], each[3]]
        assert sum(mine.values()) == pytest.approx(1)
        assert mine == pytest.approx(plainly(each, touches, way))


def test_each_way_of_one_lead_that_came_twice() -> None:
    touches: list[Touch] = [
        ("p", DAY, "fair"),
        ("p", DAY + timedelta(3), "web"),
        ("p", DAY + timedelta(3), "web"),
        ("p", DAY + timedelta(8), "mail"),
        ("p", DAY + timedelta(20), "too late"),
        ("q", DAY, "somebody else's"),
    ]
    arrivals: list[Arrival] = [
        ("a", 1, "p", "sqo", DAY + timedelta(5), None, True),
        ("a", 2, "p", "sqo", DAY + timedelta(9), DAY + timedelta(6), True),
    ]

    def told(way: Way, number: int) -> dict[str, float]:
        rows = credits_of(*frames(arrivals, touches), way).filter(pl.col("number") == number)
        return dict(rows.select("name", "credit").iter_rows())

    assert [told("first", number) for number in (1, 2)] == [{"fair": 1}, {"fair": 1}]
    assert [told("last", number) for number in (1, 2)] == [{"web": 1}, {"mail": 1}]
    assert [told("attempt", number) for number in (1, 2)] == [{"fair": 1}, {"mail": 1}]
    assert told("linear", 1) == pytest.approx({"fair": 1 / 2, "web": 1 / 2})
    assert told("linear", 2) == pytest.approx({"fair": 1 / 3, "web": 1 / 3, "mail": 1 / 3})


def test_who_was_first_seen_on_the_way_did_not_come_to_what_lies_below() -> None:
    rows = [
        ("a", "lead", DAY, True, DAY),
        ("a", "sql", DAY + timedelta(2), True, DAY + timedelta(2)),
        ("a", "lead", DAY + timedelta(5), True, DAY + timedelta(5)),
        ("a", "mql", DAY + timedelta(6), True, DAY + timedelta(6)),
        ("b", "sql", DAY, False, DAY),
        ("b", "sqo", DAY + timedelta(1), True, DAY + timedelta(1)),
    ]
    ladder = Ladder(("lead", *STAGES), None)
    found = arrivals_of(
        passes(pl.DataFrame(rows, schema=dict(STEPS), orient="row"), ladder), ladder.stages, {"b": "p"}
    )
    assert set(found.iter_rows()) == {
        ("a", 1, "a", "mql", DAY + timedelta(2), None, True),
        ("a", 1, "a", "sql", DAY + timedelta(2), None, True),
        ("a", 2, "a", "mql", DAY + timedelta(6), DAY + timedelta(5), True),
        ("b", 1, "p", "sql", DAY, None, False),
        ("b", 1, "p", "sqo", DAY + timedelta(1), None, True),
    }


def drawn(seed: int) -> tuple[list[Arrival], list[Handed], list[Touch]]:
    rng = random.Random(seed)
    arrivals: list[Arrival] = []
    handed: list[Handed] = []
    touches: list[Touch] = []
    for number in range(120):
        unit, day = f"L{number:03}", DAY - timedelta(days=rng.randrange(200))
        for _ in range(rng.randrange(3)):
            touches.append((unit, day - timedelta(rng.randrange(-20, 20)), rng.choice(["fair", "web"])))
        for stage in STAGES[: rng.randrange(4)]:
            arrivals.append((unit, 1, unit, stage, day, None, rng.random() < 0.9))
            day += timedelta(days=rng.randrange(70))
        if rng.random() < 0.6:
            answered = rng.random() < 0.8
            returned = answered and rng.random() < 0.4
            reason = rng.choice(["too early", None]) if returned else None
            handed.append((unit, 1, unit, day, None, answered, returned, reason))
    return arrivals, handed, touches


@pytest.mark.parametrize("way", WAYS)
def test_a_scorecard_is_what_a_plain_count_gives(way: Way) -> None:
    arrivals, handed, touches = drawn(7)
    lines = score_lines(
        frames(arrivals, [])[0],
        pl.DataFrame(handed, schema=dict(HANDED), orient="row"),
        frames([], touches)[1],
        STAGES,
        way,
        today=DAY,
        within_days=60,
    )
    when = {(unit, stage): (day, dated) for unit, _, _, stage, day, _, dated in arrivals}
    credits = {(each[0], each[3]): plainly(each, touches, way) for each in arrivals}
    gone = {each[0]: plainly((*each[:3], "handed", each[3], each[4], True), touches, way) for each in handed}
    assert sum(line.stages["sqo"] for line in lines) == pytest.approx(sum(stage == "sqo" for _, stage in when))
    for line in lines:
        name = line.name
        assert line.stages == pytest.approx(
            {stage: sum(told.get(name, 0) for (_, at), told in credits.items() if at == stage) for stage in STAGES}
        )
        for step in line.yields:
            whole = part = 0.0
            for (unit, stage), (day, dated) in when.items():
                then = when.get((unit, step.to))
                if stage != step.start or not dated or (DAY - day).days < 60 or (then and not then[1]):
                    continue
                whole += credits[unit, stage].get(name, 0)
                part += credits[unit, stage].get(name, 0) if then and (then[0] - day).days <= 60 else 0
            assert step.share.of == pytest.approx(whole)
            if step.share.estimate is not None:
                assert step.share.estimate.value == pytest.approx(part / whole)
                assert (
                    step.share.estimate.low <= part / whole + 1e-12
                    and part / whole <= step.share.estimate.high + 1e-12
                )
        mine = [(each, gone[each[0]].get(name, 0)) for each in handed]
        assert line.handed == pytest.approx(sum(credit for _, credit in mine))
        assert line.returned.of == pytest.approx(sum(credit for each, credit in mine if each[5]))
        assert sum(line.reasons.values()) == pytest.approx(sum(credit for each, credit in mine if each[6]))
        assert line.reasons.get("too early", 0) == pytest.approx(
            sum(credit for each, credit in mine if each[7] == "too early")
        )
    assert [step.start for step in lines[0].yields] == ["mql", "sql", "mql"]


def test_an_interval_is_of_the_people_behind_the_credits() -> None:
    """As much credit of the fair, in whole ones and in thirds: thirds are of more people, and say more."""

    def share(whole: int, shared: int) -> ScorecardShare:
        number = whole + shared
        arrivals: list[Arrival] = [(f"L{at}", 1, f"L{at}", "mql", DAY, None, True) for at in range(number)]
        touches: list[Touch] = [(f"L{at}", DAY, "fair") for at in range(number)]
        touches += [(f"L{at}", DAY, name) for at in range(shared) for name in ("web", "mail")]
        frame, told = frames(arrivals, touches)
        nothing = pl.DataFrame(schema=dict(HANDED))
        today = DAY + timedelta(90)
        lines = score_lines(frame, nothing, told, ("mql", "sqo"), "linear", today=today, within_days=90)
        [line] = [line for line in lines if line.name == "fair"]
        return line.yields[0].share

    nineteen, twenty, thirds, mixed = share(19, 0), share(20, 0), share(0, 60), share(17, 9)
    assert (nineteen.few, twenty.few) == (True, False)
    assert [each.of for each in (twenty, thirds, mixed)] == pytest.approx([20, 20, 20])
    assert (thirds.few, mixed.few) == (False, False)
    told = [each.estimate for each in (twenty, mixed, thirds)]
    assert all(each is not None and (each.value, each.low) == (0, 0) for each in told)
    highs = [each.high for each in told if each]
    worth = [20, 20 * 20 / (17 + 9 / 9), 60]
    assert highs == pytest.approx([wilson_of(0, each)[1] for each in worth])
