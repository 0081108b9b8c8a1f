"""The cheapest ways to the next stage: what would have to be learned or to happen.

Conditions only propose changes; each variant of the lead is decided by the same engine, and only what really gives
the stage is told. Fewer steps are cheaper; of as many, learning what nobody knows is cheaper than something that
has to happen, and that is cheaper than a known fact that has to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any

import polars as pl
from msgspec import Struct, field

from crmsync.model import FACT_PREFIX, Batch
from crmsync.qualify.advice.proposals import proposals_for
from crmsync.qualify.criteria import plain
from crmsync.qualify.engine.answer_only import answer_only
from crmsync.qualify.engine.compile import CompiledPolicy
from crmsync.qualify.engine.decide import decided_frame
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.telling.explanation import Way
from crmsync.qualify.terms.changes import Change, FactBecomes, Happens
from crmsync.tongue import ENGLISH, Tongue

MOST_WAYS = 5
MOST_STEPS = 3
_MOST_PROPOSALS = 16
_VARIANTS_AT_ONCE = 50_000


class _Search(Struct):
    """One lead on its way: changes still open, ways found."""

    row: int
    stage: str
    rank: int
    lead: Mapping[str, Any]
    open: list[Change]
    found: list[tuple[Change, ...]] = field(default_factory=list)


class _Variant(Struct, frozen=True):
    search: _Search
    changes: tuple[Change, ...]


def ways_up(
    compiled: CompiledPolicy,
    batch: Batch,
    decisions: pl.DataFrame,
    evaluated: Mapping[int, Mapping[str, Any]],
    matches: Mapping[int, Mapping[str, int]],
    as_of: date,
    tongue: Tongue = ENGLISH,
) -> dict[int, tuple[Way, ...]]:
    """Row → at most five ways of at most three steps to the next rung of the ladder; none for disqualified leads.

    `evaluated`: row → its columns under the policy that applied. `matches`: row → key of a selector → how many
    activities match it for certain.
    """
    ranks = {rung.stage: rank for rank, rung in enumerate(compiled.policy.ladder)}
    leads = {lead["row"]: lead for lead in batch.leads.to_dicts()}
    searches = [
        _Search(row, stage, ranks[stage], leads[row], changes[:_MOST_PROPOSALS])
        for row, stage, changes in proposals_for(compiled, decisions, evaluated, matches, as_of)
    ]
    for size in range(1, MOST_STEPS + 1):
        variants = [
            _Variant(search, chosen)
            for search in searches
            if len(search.found) < MOST_WAYS
            for chosen in combinations(search.open, size)
            if not any(set(way) <= set(chosen) for way in search.found)
        ]
        for start in range(0, len(variants), _VARIANTS_AT_ONCE):
            _try(compiled, batch, variants[start : start + _VARIANTS_AT_ONCE], ranks, as_of)
    return {search.row: _told(compiled.policy, search, tongue) for search in searches if search.found}


def _try(
    compiled: CompiledPolicy, batch: Batch, variants: Sequence[_Variant], ranks: Mapping[str, int], as_of: date
) -> None:
    changes = [(one.search.row, one.changes) for one in variants]
    decided = decided_frame(answer_only(compiled), changed(batch, changes, as_of), as_of, reviewed=False)
    for variant, earned, reason in zip(variants, decided["earned_stage"], decided["reason"], strict=True):
        if ranks[earned] >= variant.search.rank and reason is None:
            variant.search.found.append(variant.changes)


def changed(batch: Batch, variants: Sequence[tuple[int, tuple[Change, ...]]], as_of: date) -> Batch:
    """A batch of variants: each a row of `batch` with these changes, numbered from 0."""
    by_row = {lead["row"]: lead for lead in batch.leads.to_dicts()}
    schema = batch.leads.schema
    leads = []
    added = []
    for number, (row, changes) in enumerate(variants):
        lead = {**by_row[row], "row": number}
        for change in changes:
            if isinstance(change, FactBecomes):
                column = FACT_PREFIX + change.fact
                if column in schema:
                    lead[column] = _suited(change.value, schema[column])
            else:
                added += [_activity(number, lead["lead"], place, one, as_of) for place, one in enumerate(change)]
        leads.append(lead)
    numbers = pl.DataFrame(
        {"row": [row for row, _ in variants], "#variant": range(len(variants))},
        schema={"row": pl.UInt32, "#variant": pl.UInt32},
    )
    kept = batch.activities.join(numbers, on="row").drop("row").rename({"#variant": "row"})
    new = pl.DataFrame(added, schema=batch.activities.schema)
    activities = pl.concat([kept.select(new.columns), new]).sort("row", maintain_order=True)
    stays = batch.stays
    if stays is not None:
        stays = stays.join(numbers, on="row").drop("row").rename({"#variant": "row"}).select(stays.columns)
    return Batch(pl.DataFrame(leads, schema=schema), activities, stays=stays)


def _suited(value: Any, dtype: pl.DataType) -> Any:
    if dtype == pl.Float64:
        return float(value)
    if isinstance(dtype, pl.Datetime) and isinstance(value, date):
        return datetime.combine(value, time(12), UTC)
    return value


def _activity(row: int, lead: str, place: int, happens: Happens, as_of: date) -> dict[str, Any]:
    return {
        "row": row,
        "activity": f"variant:{row}.{place}",
        "lead": lead,
        "kind": happens.kind,
        "day": as_of - timedelta(days=happens.days_ago),
        "outcome": happens.outcome,
        "direction": happens.direction,
        "by_role": happens.by_role,
        "by": happens.by,
        "about": happens.about,
    }


def _told(policy: Policy, search: _Search, tongue: Tongue) -> tuple[Way, ...]:
    def cost(changes: tuple[Change, ...]) -> tuple[int, int]:
        return len(changes), sum(_price(change, search.lead) for change in changes)

    cheapest = sorted(search.found, key=cost)[:MOST_WAYS]
    return tuple(
        Way(search.stage, tuple(_words(policy, change, search.lead, tongue) for change in changes), changes)
        for changes in cheapest
    )


def _price(change: Change, lead: Mapping[str, Any]) -> int:
    if isinstance(change, FactBecomes):
        return 1 if lead.get(FACT_PREFIX + change.fact) is None else 3
    return 1 + len(change)


def _words(policy: Policy, change: Change, lead: Mapping[str, Any], tongue: Tongue) -> str:
    if isinstance(change, FactBecomes):
        now = lead.get(FACT_PREFIX + change.fact)
        present = tongue.say("not known now") if now is None else tongue.say("now {value}", value=plain(now, tongue))
        return f"{tongue.own(policy.fact_label(change.fact))}: {plain(change.value, tongue)} ({present})"
    told: dict[str, int] = {}
    for one in change:
        details = [plain(word, tongue) for word in (one.outcome, one.direction) if word]
        told_of = one.about if one.about and not one.about.startswith("thing-") else None
        details += [tongue.say("about {thing}", thing=tongue.own(told_of))] if told_of else []
        details += [tongue.say("by {role}", role=plain(one.by_role, tongue))] if one.by_role else []
        words = plain(one.kind, tongue) + (f" ({tongue.both(details)})" if details else "")
        told[words] = told.get(words, 0) + 1
    spread = {one.days_ago for one in change}
    days = f" {tongue.say('on {count} days', count=len(spread))}" if len(spread) > 1 else ""
    return tongue.all_of([words if times == 1 else f"{times} × {words}{days}" for words, times in told.items()])
