"""Measures against tables worked out by hand, intervals against published or exact values."""

from __future__ import annotations

import polars as pl
import pytest

from crmsync.estimate.intervals import bootstrap, wilson
from crmsync.tune.measures import auc, lift, top_lift, winners_at_the_top
from crmsync.tune.report import above_line, band_groups, line_at, lines, ranking, stage_groups, stage_rank


def ordered(*pairs: tuple[float | None, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [(points, bool(won)) for points, won in pairs], schema={"points": pl.Float64, "won": pl.Boolean}, orient="row"
    )


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (ordered((3, 1), (2, 1), (1, 0)), 1.0),
        (ordered((3, 0), (2, 1), (1, 1)), 0.0),
        (ordered((1, 1), (1, 0)), 0.5),
        # winners at 4 and 2, others at 3, 2, 1: 4 beats three; 2 beats one and ties one: (3 + 1.5) / 6
        (ordered((4, 1), (3, 0), (2, 1), (2, 0), (1, 0)), 0.75),
        # nothing known is below everything
        (ordered((None, 0), (-5, 1)), 1.0),
        (ordered((1, 1), (2, 1)), None),
        (ordered(), None),
    ],
)
def test_auc(frame: pl.DataFrame, expected: float | None) -> None:
    assert auc(frame) == expected


def test_winners_among_the_best() -> None:
    frame = ordered(*[(10, 1), (9, 0), *[(5, 1), (5, 0), (5, 0), (5, 0)], *[(1, 0)] * 4])
    assert winners_at_the_top(frame, 0.1) == 1
    assert winners_at_the_top(frame, 0.2) == 1
    assert winners_at_the_top(frame, 0.4) == 1.5  # two of the four that are tied, one of which won
    assert winners_at_the_top(frame, 1) == 2
    assert top_lift(frame, 0.1) == pytest.approx(5)
    assert top_lift(ordered((1, 0))) is None


def test_lift() -> None:
    assert lift(6, 20, 10, 100) == pytest.approx(3)
    assert lift(0, 0, 10, 100) is None
    assert lift(1, 2, 0, 100) is None


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert found == pytest.approx((low, high), abs=0.00006)
    assert wilson(whole - part, whole) == pytest.approx((1 - found[1], 1 - found[0]))


def test_the_bootstrap_of_a_mean_has_the_width_that_theory_gives_and_never_varies() -> None:
    frame = pl.DataFrame({"points": [float(number) for number in range(200)], "won": [True, False] * 100})

    def mean(part: pl.DataFrame) -> float:
        return float(part["points"].sum()) / part.height

    found = bootstrap(frame, mean, samples=1000)
    assert found is not None
    reach = 1.96 * 57.734 / 200**0.5  # standard deviation of 0 … 199 over the root of n
    assert found == pytest.approx((99.5 - reach, 99.5 + reach), abs=1)
    assert bootstrap(frame, mean, samples=1000) == found
    assert bootstrap(ordered((1, 1)), auc) is None
    assert bootstrap(ordered(), auc) is None


LADDER = ["lead", "mql", "sql"]


def standing() -> pl.DataFrame:
    rows = [("sql", 1), ("sql", 0), ("mql", 1), ("mql", 0), ("mql", 0), ("lead", 1), ("lead", 0), ("disqualified", 0)]
    points = [40_000, 30_000, 20_000, 20_000, 10_000, 5_000, 0, 0]
    return pl.DataFrame(
        {
            "lead": [str(number) for number in range(8)],
            "standing": [stage for stage, _ in rows],
            "won": [bool(won) for _, won in rows],
            "score.fit.low": points,
            "band.fit": ["A", "A", "B", "B", "B", None, None, None],
        }
    )


def test_stages_by_themselves() -> None:
    found = stage_groups(standing(), ["sql", "mql", "lead", "disqualified"])
    assert [(one.name, one.leads, one.winners) for one in found] == [
        ("sql", 2, 1), ("mql", 3, 1), ("lead", 2, 1), ("disqualified", 1, 0),
    ]  # fmt: skip
    assert found[0].conversion == 0.5
    assert found[0].lift == pytest.approx(0.5 / (3 / 8))
    assert found[1].interval == wilson(1, 3)


def test_a_line_tells_precision_recall_misses_and_false_alarms() -> None:
    mql = line_at(standing(), LADDER, "mql")
    assert (mql.leads, mql.precision, mql.missed, mql.false_alarms) == (5, 0.4, 1, 3)
    assert mql.recall == pytest.approx(2 / 3)
    assert mql.lift == pytest.approx(0.4 / 0.375)
    assert (mql.precision_interval, mql.recall_interval) == (wilson(2, 5), wilson(2, 3))
    assert [line.stage for line in lines(standing(), LADDER)] == ["sql", "mql"]
    assert above_line(standing(), LADDER, "mql")["lead"].to_list() == ["0", "1", "2", "3", "4"]


def test_bands_and_tenths() -> None:
    bands = band_groups(standing(), "fit", ["A", "B"])
    assert [(one.name, one.leads, one.winners) for one in bands] == [("A", 2, 1), ("B", 3, 1), ("none", 3, 1)]
    tenths = band_groups(standing(), "fit", [])
    assert [(one.name, one.leads) for one in tenths] == [
        ("40 points", 1), ("30 points", 1), ("20 points", 2), ("10 points", 1), ("5 points", 1), ("0 points", 2),
    ]  # fmt: skip


def test_a_ranking_by_stage_puts_the_disqualified_last() -> None:
    found = ranking("stage", standing(), stage_rank(LADDER))
    # winners at sql, mql, lead; others at sql, mql, mql, lead, disqualified: 4.5 + 3 + 1.5 of 15
    assert found.auc == pytest.approx(9 / 15)
