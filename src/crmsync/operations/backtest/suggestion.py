"""Suggested points from a replay of the probe: fitted, cross-validated, shown beside the policy's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec

import polars as pl

from crmsync.errors import UsageError
from crmsync.qualify.language.policy import Policy
from crmsync.tongue import ENGLISH, Tongue
from crmsync.tune.fit import fit, out_of_fold
from crmsync.tune.probe import Feature, left_out_of
from crmsync.tune.report import ranking, stage_rank
from crmsync.tune.suggest import Suggestion, fitted_points, hits_of, repeated_ranking, scaled, table_of, thresholds_of

FEWEST = 20
"""Winners and others that a fit needs at least of each, so that every fold has some."""


def suggestion(
    frame: pl.DataFrame,
    features: Sequence[Feature],
    ladder: Sequence[str],
    policy: Policy,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    tongue: Tongue = ENGLISH,
) -> Suggestion:
    """`frame`: the replayed probe with `won` and `#source`. `progress` hears of each fit.

    Raises `UsageError` with too few winners or losers, or without scikit-learn.
    """
    won = frame["won"].to_list()
    winners = sum(won)
    if min(winners, len(won) - winners) < FEWEST:
        raise UsageError(
            f"{winners} winners and {len(won) - winners} others are too few to suggest points from",
            hint=f"at least {FEWEST} of each are needed; leave --suggest out",
        )
    if find_spec("sklearn") is None:
        raise UsageError(
            "suggesting points needs scikit-learn, which is not installed", hint="pip install 'crmsync[tune]'"
        )
    hits = hits_of(frame, features)
    fitted = fit(hits, won)
    unseen = out_of_fold(hits, won, frame["#source"].fill_null("").to_list(), progress=progress)
    points = fitted_points(frame, features, scaled(features, fitted.log_odds))
    best = repeated_ranking("fitted points", frame, unseen.fitted)
    hand_made = [ranking("stage", frame, stage_rank(ladder))]
    if policy.priority:
        hand_made.append(ranking(f"score {policy.priority}", frame, pl.col(f"score.{policy.priority}.low")))
    return Suggestion(
        leads=len(won),
        winners=winners,
        strength=fitted.strength,
        points=table_of(frame, features, fitted.log_odds),
        thresholds=thresholds_of(frame, ladder, points, unseen.fitted),
        rankings=(*hand_made, best, repeated_ranking("source only", frame, unseen.by_source)),
        worth_it=best.auc_interval is not None and best.auc_interval[0] > 0.5,
        left_out=left_out_of(policy, tongue),
    )
