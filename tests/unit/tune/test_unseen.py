"""Out of sample means unseen: nothing of a lead's own outcome is in what it is ranked by. And the ends of a share."""

from __future__ import annotations

import polars as pl
import pytest

from crmsync.estimate.intervals import wilson
from crmsync.tune import fit
from crmsync.tune.measures import winners_at_the_top

LEADS = 40
WON = [number % 2 == 0 for number in range(LEADS)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One repeat, one penalty: what is asked here does not hang on them."""
    monkeypatch.setattr(fit, "REPEATS", 1)
    monkeypatch.setattr(fit, "STRENGTHS", (1.0,))


def test_what_only_one_lead_has_tells_nothing_of_it() -> None:
    """Each lead with a feature and a source of its own: whoever saw it knows all, whoever did not knows nothing."""
    hits = [[float(at == number) for at in range(LEADS)] for number in range(LEADS)]
    found = fit.out_of_fold(hits, WON, [f"source {number}" for number in range(LEADS)])
    assert set(found.fitted[0]) == {0.5}
    assert set(found.by_source[0]) == {0.5}


def test_what_many_have_tells_of_each() -> None:
    found = fit.out_of_fold([[float(won)] for won in WON], WON, ["good" if won else "bad" for won in WON])
    for ranks in (found.fitted[0], found.by_source[0]):
        assert min(rank for rank, won in zip(ranks, WON, strict=True) if won) > 0.5
        assert max(rank for rank, won in zip(ranks, WON, strict=True) if not won) < 0.5


def test_a_lead_without_points_is_below_all() -> None:
    frame = pl.DataFrame({"points": [None, 1.0, None, 0.0], "won": [True, False, True, False]})
    assert winners_at_the_top(frame, 0.5) == 0.0


@pytest.mark.parametrize("whole", [1, 11, 21, 37, 42, 1000])
def test_a_share_lies_between_nothing_and_all(whole: int) -> None:
    assert 0.0 <= wilson(0, whole)[0] < 1e-9
    assert 1.0 - 1e-9 < wilson(whole, whole)[1] <= 1.0
