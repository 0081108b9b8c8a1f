"""What a backtest and a simulation tell of some leads, counted a second time: pair by pair, lead by lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from math import sqrt
from random import Random
from typing import Any

import polars as pl
import pytest

from crmsync.estimate.intervals import SAMPLES, SEED
from crmsync.tune.moves import loads, moves, parts_by, ranks_of, stage_counts, with_direction
from crmsync.tune.report import band_groups, lines, ranking, stage_groups

LADDER = ("lead", "mql", "sql")
BANDS = ("A", "B")
SIZES = (0, 1, 8, 120)
Lead = tuple[str, bool, int, str | None]


def some(rng: Random, most: int) -> list[Lead]:
    return [
        (
            rng.choice(("disqualified", *LADDER)),
            rng.random() < 0.4,
            rng.randrange(-3, 5),
            rng.choice([*BANDS, None]),
        )
        for _ in range(most)
    ]


def frame_of(leads: Sequence[Lead]) -> pl.DataFrame:
    return pl.DataFrame(
        [(str(n), stage, won, 1000 * points, band) for n, (stage, won, points, band) in enumerate(leads)],
        schema={
            "lead": pl.String,
            "standing": pl.String,
            "won": pl.Boolean,
            "score.fit.low": pl.Int64,
            "band.fit": pl.String,
        },
        orient="row",
    )


def score_interval(part: int, of: int) -> tuple[float, float]:
    """Shares whose distance from part/of is 1.96 of their own standard errors: both roots of the quadratic."""
    if not of:
        return 0.0, 1.0
    z, p = 1.959963984540054, part / of
    a, b, c = 1 + z * z / of, -(2 * p + z * z / of), p * p
    root = sqrt(max(0.0, b * b - 4 * a * c))
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


def ratio(above: int | float | Fraction, below: int | float | Fraction) -> Any:
    return None if not below else pytest.approx(float(above) / float(below))


def figures(mine: Sequence[bool], every: Sequence[bool]) -> tuple[Any, ...]:
    """Leads, winners, conversion, its interval, lift."""
    conversion = ratio(sum(mine), len(mine))
    lift = ratio(sum(mine) * len(every), len(mine) * sum(every)) if mine and sum(every) else None
    return len(mine), sum(mine), conversion, pytest.approx(score_interval(sum(mine), len(mine)), abs=1e-9), lift


@pytest.mark.parametrize("most", SIZES)
def test_groups_and_lines_are_their_leads_one_by_one(most: int) -> None:
    leads = some(Random(most), most)
    frame, every = frame_of(leads), [won for _, won, *_ in leads]
    for told in stage_groups(frame, [*LADDER, "disqualified"]):
        mine = [won for stage, won, *_ in leads if stage == told.name]
        assert (told.leads, told.winners, told.conversion, told.interval, told.lift) == figures(mine, every)
    assert [told.stage for told in lines(frame, LADDER)] == ["sql", "mql"]
    for line in lines(frame, LADDER):
        mine = [won for stage, won, *_ in leads if stage in ("sql", line.stage)]
        told = (line.leads, line.leads - line.false_alarms, line.precision, line.precision_interval, line.lift)
        assert told == figures(mine, every)
        assert line.missed == sum(every) - sum(mine)
        assert line.recall == ratio(sum(mine), sum(every))
        assert line.recall_interval == pytest.approx(score_interval(sum(mine), sum(every)), abs=1e-9)
    for told in band_groups(frame, "fit", BANDS):
        mine = [won for *_, won, _, band in leads if band == (None if told.name == "none" else told.name)]
        assert (told.leads, told.winners, told.conversion, told.interval, told.lift) == figures(mine, every)
    tenths: dict[int, list[Lead]] = {}
    for each in leads:
        better, alike = (sum(other[2] > each[2] for other in leads), sum(other[2] == each[2] for other in leads))
        tenths.setdefault((10 * (2 * better + alike)) // (2 * len(leads)), []).append(each)
    split = band_groups(frame, "fit", [])
    assert [told.leads for told in split] == [len(tenths[number]) for number in sorted(tenths)]
    for told, number in zip(split, sorted(tenths), strict=True):
        mine = [won for _, won, *_ in tenths[number]]
        assert (told.leads, told.winners, told.conversion, told.interval, told.lift) == figures(mine, every)


def above(leads: Sequence[tuple[int, bool]]) -> Fraction | None:
    """How often a winner stands above another lead, pair by pair."""
    winners, others = ([points for points, won in leads if won is which] for which in (True, False))
    pairs = [Fraction(1 + (one > other) - (one < other), 2) for one, other in product(winners, others)]
    return sum(pairs, Fraction()) / len(pairs) if pairs else None


def best_tenth(leads: Sequence[tuple[int, bool]]) -> Fraction | None:
    """The lift among the best tenth; of those who are alike at its edge each is in it as often as any other."""
    everybody = sum(won for _, won in leads)
    if not everybody:
        return None
    places = max(1, round(len(leads) * 0.1))
    inside = Fraction()
    for points, won in leads:
        better = sum(other > points for other, _ in leads)
        alike = sum(other == points for other, _ in leads)
        inside += won * Fraction(min(max(places - better, 0), alike), alike)
    return inside / places / Fraction(everybody, len(leads))


def drawn_again(
    frame: pl.DataFrame, measure: Callable[[Sequence[tuple[int, bool]]], Fraction | None]
) -> tuple[float, float] | None:
    """The middle 95 of 100 draws of as many leads."""
    draws = (
        frame.select("score.fit.low", "won").sample(frame.height, with_replacement=True, seed=SEED + number)
        for number in range(SAMPLES)
    )
    found = sorted(float(value) for draw in draws if (value := measure(draw.rows())) is not None)
    if 2 * len(found) < SAMPLES:
        return None
    return found[round((len(found) - 1) * 0.025)], found[round((len(found) - 1) * 0.975)]


def test_rankings_are_those_of_every_pair() -> None:
    leads = some(Random(3), 12)
    frame = frame_of(leads)
    told = ranking("score fit", frame, pl.col("score.fit.low"))
    pairs = [(points, won) for _, won, points, _ in leads]
    for value, interval, measure in (
        (told.auc, told.auc_interval, above),
        (told.top_lift, told.top_lift_interval, best_tenth),
    ):
        mine, between = measure(pairs), drawn_again(frame, measure)
        assert value == (None if mine is None else pytest.approx(float(mine)))
        assert interval == (None if between is None else pytest.approx(between))


def way(before: str | None, after: str | None) -> str:
    places = ["disqualified", *LADDER]
    if before == after:
        return "same"
    if before not in places or after not in places:
        return "beside"
    return "up" if places.index(after) > places.index(before) else "down"


@pytest.mark.parametrize("most", SIZES)
def test_a_simulation_counts_what_each_lead_does(most: int) -> None:
    rng = Random(most)
    ends_of = [(None, "disqualified", *LADDER, "elsewhere")] * 2 + [(None, "a", "b")] * 3
    rows = [tuple(rng.choice(names) for names in ends_of) for _ in range(most)]
    columns = dict.fromkeys(("before", "after", "owner_now", "owner_before", "owner_after"), pl.String)
    frame = with_direction(pl.DataFrame(rows, schema=columns, orient="row"), ranks_of("disqualified", LADDER))
    told = {(one.before, one.after, one.direction): one.leads for one in moves(frame)}
    assert told == Counter((row[0], row[1], way(row[0], row[1])) for row in rows)
    ends = [Counter(row[end] for row in rows if row[end] is not None) for end in (0, 1)]
    assert stage_counts(frame) == {stage: (ends[0][stage], ends[1][stage]) for stage in {*ends[0], *ends[1]}}
    owners = [Counter(row[end] for row in rows) for end in (2, 3, 4)]
    assert {one.owner: (one.now, one.before, one.after) for one in loads(frame)} == {
        owner: tuple(count[owner] for count in owners) for owner in set().union(*owners)
    }
    for part in parts_by(frame, "owner_now"):
        mine = [row for row in rows if row[2] == part.value]
        ways = Counter(way(row[0], row[1]) for row in mine)
        assert (part.leads, part.up, part.down) == (len(mine), ways["up"], ways["down"])
        assert part.stages == stage_counts(frame.filter(pl.col("owner_now").eq_missing(pl.lit(part.value))))
