"""`crmsync report worklist`: whom to contact first, why, and with which next action."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from crmsync.clock import local_day
from crmsync.configuration import did_you_mean
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.hand_off import HandOverLine
from crmsync.operations.report.listing import (
    Listing,
    ListingReport,
    chosen_line,
    entry,
    people_in_order,
    population,
    ranks,
    shown_of,
)
from crmsync.operations.run.ready import every_stored
from crmsync.qualify.language.policy import Policy
from crmsync.run.words import stored_reasons
from crmsync.settings import Settings
from crmsync.store import Store


def work_lists(
    settings: Settings,
    connections: Sequence[str],
    *,
    stages: Sequence[str],
    hand_over: str | None,
    show: int,
    as_of: date | None,
    now: Callable[[], datetime],
) -> Iterator[ListingReport]:
    """One work list for each connection (all when none is named), the highest priority first.

    `stages`: those to contact; none named = from the hand-off stage up, of several hand-overs from the first that
    goes to people. `hand_over`: only leads for which this one counts. Raises `UsageError` for a stage or a hand-over
    that the policy does not have.
    """
    known, names = settings.policy.stages, [each.name for each in settings.policy.every_hand_over]
    if hand_over is not None and hand_over not in names:
        raise UsageError(f"the policy has no hand-over `{hand_over}`", hint=did_you_mean(hand_over, names))
    for stage in stages:
        if stage not in known:
            raise UsageError(f"the policy has no stage `{stage}`", hint=did_you_mean(stage, known))
    with closing(Store(settings.store)) as store:
        for connection in every_stored(settings, connections, store, now):
            day = as_of or local_day(now(), connection.org.time_zone)
            yield ListingReport(
                connection.name,
                day,
                (_work_list(connection, store, _wanted(connection, stages, hand_over), show, day),),
            )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which leads, as columns of a population's frame; `words`: the same for people."""

    line: HandOverLine
    leads: pl.Expr
    words: str


def _wanted(prepared: Prepared, stages: Sequence[str], hand_over: str | None) -> _Wanted:
    policy, line = prepared.compiled.policy, chosen_line(prepared, None)
    given = pl.lit(value=True) if hand_over is None else pl.col("hand_over") == hand_over
    if stages:
        named, leads = tuple(stages), given & pl.col("stage").is_in(list(stages))
    elif hand_over is None:
        named, leads = line.stages, pl.col("above")
    else:
        named, leads = _stages_of(policy, hand_over), given
    words = ", ".join(policy.label_of(stage) for stage in named)
    by = [each.called for each in policy.hand_overs if each.name == hand_over]
    return _Wanted(line, leads, f"{words} (hand-over: {by[0]})" if by else words)


def _stages_of(policy: Policy, hand_over: str) -> tuple[str, ...]:
    (found,) = (each for each in policy.every_hand_over if each.name == hand_over)
    return policy.stages_of(found)


def _work_list(prepared: Prepared, store: Store, wanted: _Wanted, show: int, day: date) -> Listing:
    policy = prepared.compiled.policy
    rank = pl.col("stage").replace_strict(ranks(prepared), default=-1, return_dtype=pl.Int32)
    everybody = [
        people.frame.filter(pl.col("managed") & wanted.leads).with_columns(rank=rank)
        for people in population(prepared, store, day, wanted.line)
    ]
    title = f"Whom to contact first: {wanted.words}"
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
        more = {
            "next_action": prepared.compiled.next_action(row["policy"], row["stage"]) or "",
            "reasons": list(why.get(row["lead"], ())),
            **({"hand_over": row["hand_over"]} if policy.hand_overs else {}),
        }
        entries.append(entry(prepared, row, day, more))
    return Listing("worklist", title, candidates.height, tuple(entries))
