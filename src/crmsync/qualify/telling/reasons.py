"""Plain words for why leads were decided as they were, only for the leads that somebody will read about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from crmsync.model import Batch
from crmsync.qualify.criteria import Criterion, Vocabulary, sentence_of
from crmsync.qualify.engine.compile import CompiledPolicy, Unit
from crmsync.qualify.engine.decide import part_of
from crmsync.qualify.engine.evaluate import evaluate
from crmsync.qualify.telling.words import (
    WHY,
    Verdict,
    VerdictOf,
    deciding,
    disqualified_words,
    in_order_to_ask,
    in_the_way,
    unknown_facts,
    vocabulary_of,
)
from crmsync.tongue import ENGLISH, Tongue

_MOST_PARTS = 6


def reasons(
    compiled: CompiledPolicy,
    batch: Batch,
    decisions: pl.DataFrame,
    rows: Iterable[int],
    tongue: Tongue = ENGLISH,
    verdicts: pl.DataFrame | None = None,
) -> dict[int, tuple[str, ...]]:
    """Row → sentences, the most telling first. `decisions` is what `decide` gave for this batch.

    `verdicts`: those of `decide_with_verdicts`, where they are still at hand; else these rows are evaluated again.

    For a stage on the ladder: what earned it, and what is missing or unknown for the next one. For a disqualified
    lead: the reason as the policy says it. Else the rule of movement that kept the lead where it is.
    """
    wanted = pl.Series("row", sorted(set(rows)), dtype=pl.UInt32)
    chosen = decisions.filter(pl.col("row").is_in(wanted.implode()))
    told: dict[int, tuple[str, ...]] = {}
    for (policy, as_of), group in chosen.group_by(["policy", "as_of"]):
        unit = compiled.unit(str(policy))
        words = vocabulary_of(unit.policy, tongue)
        frame = evaluate(unit, part_of(batch, group["row"]), as_of) if verdicts is None else verdicts
        decided = {row["row"]: row for row in group.select("row", "stage", "stage_why").to_dicts()}
        of_these = frame.filter(pl.col("row").is_in(group["row"].implode()))
        for lead in of_these.select("row", "earned_stage", "reason", *unit.verdict_columns).to_dicts():
            told[lead["row"]] = tuple(_sentences(unit, words, {**lead, **decided[lead["row"]]}))
    return told


def _sentences(unit: Unit, words: Vocabulary, lead: Mapping[str, object]) -> Iterator[str]:
    def verdict_of(criterion: Criterion) -> Verdict:
        return lead[unit.column_of(criterion)]  # type: ignore[return-value]

    why, policy = str(lead["stage_why"]), unit.policy
    if why == "disqualified":
        assert policy.disqualified is not None
        yield f"{words.stages[policy.disqualified.stage]}: {disqualified_words(policy, words, lead['reason'])}"
        return
    if why in WHY:
        yield words.tongue.say(WHY[why])
    earned = str(lead["earned_stage"])
    condition = unit.conditions.get(f"ladder.{earned}")
    if condition is not None:
        parts = [sentence_of(part, words) for part in deciding(policy, condition, True, verdict_of)]
        yield f"{words.stages[earned]}: {few(parts, words.tongue)}"
    order = [rung.stage for rung in policy.ladder]
    following = order[order.index(earned) + 1 : order.index(earned) + 2]
    for stage in following:
        yield from missing_for(unit, words, stage, verdict_of)


def missing_for(unit: Unit, words: Vocabulary, stage: str, verdict_of: VerdictOf) -> Iterator[str]:
    """What a lead lacks for a stage, or what would have to be known."""
    condition = unit.conditions.get(f"ladder.{stage}")
    if condition is None or verdict_of(condition) is True:
        return
    label, say = words.stages[stage], words.tongue.say
    lacking, against = in_the_way(unit.policy, condition, words, verdict_of)
    facts = in_order_to_ask(unit.policy, unknown_facts(unit.policy, condition, verdict_of))
    unknown = [words.facts[fact] for fact in facts]
    if verdict_of(condition) is False and against:
        yield say("not yet {stage}: against it: {parts}", stage=label, parts=few(against, words.tongue))
    if verdict_of(condition) is False and lacking:
        told = few([sentence_of(part, words) for part in lacking], words.tongue)
        yield say("not yet {stage}: not met: {parts}", stage=label, parts=told)
    if unknown:
        yield say("not yet {stage}: not known: {parts}", stage=label, parts=few(unknown, words.tongue))


def few(parts: list[str], tongue: Tongue) -> str:
    """The first parts, and how many more there are."""
    rest, told = len(parts) - _MOST_PARTS, "; ".join(parts[:_MOST_PARTS])
    return f"{told}; {tongue.say_many('and {number} more', 'and {number} more', rest)}" if rest > 0 else told
