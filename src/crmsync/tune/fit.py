"""Points fitted to outcomes by regularised logistic regression. Needs scikit-learn (the extra `tune`).

It is imported where something is fitted, for that takes longer than all the rest of crmsync.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

STRENGTHS = (0.001, 0.01, 0.03, 0.1, 1.0)
"""Candidates for C, the inverse strength of the L2 penalty on standardised hits; chosen by inner cross-validation."""
FOLDS = 5
INNER_FOLDS = 3
REPEATS = 5
SEED = 12
PRIOR_LEADS = 10
"""A source's conversion is drawn towards everybody's as if so many average leads came with it."""

Hits = Sequence[Sequence[float]]
"""One row per lead, one number per feature."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Log-odds per whole hit, feature by feature, and the penalty that was chosen."""

    log_odds: tuple[float, ...]
    strength: float


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """For each repeat one number per lead, from a fit that did not see the lead: within its fold, the share of
    leads below it, so that folds can be put together."""

    fitted: tuple[tuple[float, ...], ...]
    by_source: tuple[tuple[float, ...], ...]


def fit(hits: Hits, won: Sequence[bool], *, seed: int = SEED) -> Fitted:
    """One fit on all leads. Coefficients are told per hit, not per standard deviation."""
    import numpy as np  # noqa: PLC0415

    with _one_thread():
        search = _search(seed).fit(np.asarray(hits, dtype=float), np.asarray(won))
    scaler, model = search.best_estimator_[0], search.best_estimator_[1]
    pairs = zip(model.coef_[0].tolist(), scaler.scale_.tolist(), strict=True)
    return Fitted(tuple(coefficient / scale for coefficient, scale in pairs), float(model.C))


def out_of_fold(
    hits: Hits,
    won: Sequence[bool],
    sources: Sequence[str],
    *,
    seed: int = SEED,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> OutOfFold:
    """Repeated stratified cross-validation, penalty chosen anew inside each training part.

    `by_source` ranks by the conversion of the lead's source in the training part. `progress`: (fits done, of all).
    """
    import numpy as np  # noqa: PLC0415

    fitted: list[list[float]] = [[0.0] * len(won) for _ in range(REPEATS)]
    by_source = [[0.0] * len(won) for _ in range(REPEATS)]
    table, outcomes = np.asarray(hits, dtype=float), np.asarray(won)
    for number, (train, test) in enumerate(_splits(won, seed)):
        repeat = number // FOLDS
        with _one_thread():
            search = _search(seed).fit(table[train], outcomes[train])
            points = search.predict_proba(table[test])[:, 1].tolist()
        rates = _rates([sources[at] for at in train], [won[at] for at in train])
        everybody = sum(won[at] for at in train) / len(train)
        told = [rates.get(sources[at], everybody) for at in test]
        for place, lead in enumerate(test):
            fitted[repeat][lead], by_source[repeat][lead] = points[place], told[place]
        _rank_within(fitted[repeat], test)
        _rank_within(by_source[repeat], test)
        progress(number + 1, REPEATS * FOLDS)
    return OutOfFold(tuple(map(tuple, fitted)), tuple(map(tuple, by_source)))


def _one_thread() -> AbstractContextManager[object]:
    """Small tables are fitted faster by one thread, and always to the same last digit."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def _search(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.model_selection import GridSearchCV, StratifiedKFold  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    inner = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=seed)
    return GridSearchCV(model, {"logisticregression__C": list(STRENGTHS)}, scoring="neg_log_loss", cv=inner)


def _splits(won: Sequence[bool], seed: int) -> Iterator[tuple[list[int], list[int]]]:
    from sklearn.model_selection import RepeatedStratifiedKFold  # noqa: PLC0415

    cross = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=seed)
    for train, test in cross.split([[0.0]] * len(won), won):
        yield train.tolist(), test.tolist()


def _rates(sources: Sequence[str], won: Sequence[bool]) -> dict[str, float]:
    base = sum(won) / len(won)
    leads, winners = dict.fromkeys(sources, 0), dict.fromkeys(sources, 0)
    for source, one in zip(sources, won, strict=True):
        leads[source] += 1
        winners[source] += one
    return {name: (winners[name] + PRIOR_LEADS * base) / (leads[name] + PRIOR_LEADS) for name in leads}


def _rank_within(values: list[float], members: Sequence[int]) -> None:
    """Replace the members' values by the share of members below them, ties counting half."""
    ordered = sorted(values[at] for at in members)
    places: dict[float, list[int]] = {}
    for place, value in enumerate(ordered):
        places.setdefault(value, []).append(place)
    share = {value: (found[0] + found[-1] + 1) / (2 * len(ordered)) for value, found in places.items()}
    for at in members:
        values[at] = share[values[at]]
