"""`crmsync report worklist`: whom to contact first, why, and with which next action."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime

import polars as pl

from crmsync.clock import local_day
from crmsync.configuration import did_you_mean
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.operations.report.listing import (
    Listing,
    ListingReport,
    entry,
    line,
    people_in_order,
    population,
    ranks,
    shown_of,
)
from crmsync.operations.run.ready import ready
from crmsync.progress import Progress
from crmsync.run.words import stored_reasons
from crmsync.settings import Settings
from crmsync.store import Store


def work_lists(
    settings: Settings,
    connections: Sequence[str],
    *,
    stages: Sequence[str],
    show: int,
    as_of: date | None,
    now: Callable[[], datetime],
    progress: Progress,
) -> Iterator[ListingReport]:
    """One work list for each connection (all when none is named), the highest priority first.

    `stages`: those to contact; none named = from the hand-off stage up. Raises `UsageError` for a stage that the
    policy does not have.
    """
    known = settings.policy.stages
    for stage in stages:
        if stage not in known:
            raise UsageError(f"the policy has no stage `{stage}`", hint=did_you_mean(stage, known))
    with closing(Store(settings.store)) as store:
        for configuration in settings.chosen(tuple(connections)):
            connection = ready(settings, configuration, store, now, progress)
            day = as_of or local_day(now(), connection.org.time_zone)
            yield ListingReport(connection.name, day, (_work_list(connection, store, stages, show, day),))


def _work_list(prepared: Prepared, store: Store, stages: Sequence[str], show: int, day: date) -> Listing:
    order = ranks(prepared)
    wanted = list(stages) or [stage for stage, rank in order.items() if rank >= line(prepared)]
    rank = pl.col("stage").replace_strict(order, default=-1, return_dtype=pl.Int32)
    everybody = [
        people.frame.filter(pl.col("managed") & pl.col("stage").is_in(wanted)).with_columns(rank=rank)
        for people in population(prepared, store, day)
    ]
    labels = ", ".join(prepared.compiled.policy.label_of(stage) for stage in wanted)
    title = f"Whom to contact first: {labels}"
    if not everybody:
        return Listing("worklist", title, 0, (), "nothing is stored yet")
    candidates = pl.concat(everybody)
    ordered = candidates.sort(
        "priority",
        "rank",
        *people_in_order(),
        descending=[True, True, *(False for _ in people_in_order())],
        nulls_last=True,
    )
    first = shown_of(ordered, show)
    why = stored_reasons(prepared, store, day, first["lead"])
    entries = []
    for row in first.iter_rows(named=True):
        action = prepared.compiled.next_action(row["policy"], row["stage"]) or ""
        entries.append(entry(prepared, row, day, {"next_action": action, "reasons": list(why.get(row["lead"], ()))}))
    return Listing("worklist", title, candidates.height, tuple(entries))
