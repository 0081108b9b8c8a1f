"""The whole story of each lead in a batch: the same decision, taken apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from crmsync.model import Batch
from crmsync.qualify.advice.candidates import Undecided, undecided
from crmsync.qualify.advice.ways import ways_up
from crmsync.qualify.columns.builder import key_of
from crmsync.qualify.criteria import BaseCriterion, Criterion, Vocabulary, sentence_of
from crmsync.qualify.engine.compile import CompiledPolicy, Unit
from crmsync.qualify.engine.decide import decided_frame, decisions_in, part_of
from crmsync.qualify.engine.evaluate import coded_activities, day_number, evaluate, lead_columns
from crmsync.qualify.telling.explanation import Condition, Evidence, Explanation, Step, verdict_word
from crmsync.qualify.telling.points_story import stories_of
from crmsync.qualify.telling.questions import KnownOfLead, questions
from crmsync.qualify.telling.words import WHY, disqualified_words, vocabulary_of
from crmsync.qualify.terms.activities import Selector
from crmsync.tongue import ENGLISH, Tongue, to_say
from crmsync.values import replace

_MOST_EVIDENCE = 10
_CERTAIN = "#certain "
_EARNED = to_say("the evidence gives this stage")


def explain(
    compiled: CompiledPolicy, batch: Batch, as_of: date, *, ways: bool = True, tongue: Tongue = ENGLISH
) -> list[Explanation]:
    """One explanation for each lead, in batch order.

    The decision is `decide`'s on the same batch; evidence and points come from the same evaluation. `ways`: also
    look for the cheapest ways to the next stage (tries some hundred variants of each lead).
    """
    main = decided_frame(compiled, batch, as_of, reviewed=True)
    decisions = decisions_in(compiled, main, as_of)
    evaluated = _evaluated(compiled, main, batch, decisions, as_of)
    open_ = undecided(compiled, batch, decisions, as_of, tongue)
    told: dict[int, Explanation] = {}
    happened: dict[int, list[dict[str, Any]]] = {}
    for (policy,), group in decisions.group_by(["policy"], maintain_order=True):
        unit, part = compiled.unit(str(policy)), part_of(batch, group["row"])
        happened |= _activities_of(unit, part, as_of)
        told.update(_of_unit(compiled, unit, part, group, evaluated, happened, open_, tongue))
    found = ways_up(compiled, batch, decisions, evaluated, _matches(happened), as_of, tongue) if ways else {}
    return [replace(told[row], ways=found.get(row, ())) for row in decisions["row"]]


def _evaluated(
    compiled: CompiledPolicy, main: pl.DataFrame, batch: Batch, decisions: pl.DataFrame, as_of: date
) -> dict[int, Mapping[str, Any]]:
    """Row → its columns under the policy that applied. One policy alone: those of the decision.

    With segments the decision has the columns of all their policies in one frame, where they may share names.
    """
    frames = [main]
    if compiled.policy.segments:
        groups = decisions.group_by(["policy"], maintain_order=True)
        frames = [
            evaluate(compiled.unit(str(policy)), part_of(batch, group["row"]), as_of) for (policy,), group in groups
        ]
    return {columns["row"]: columns for frame in frames for columns in frame.to_dicts()}


def _of_unit(
    compiled: CompiledPolicy,
    unit: Unit,
    batch: Batch,
    decisions: pl.DataFrame,
    evaluated: Mapping[int, Mapping[str, Any]],
    happened: Mapping[int, list[dict[str, Any]]],
    open_: Mapping[int, Undecided],
    tongue: Tongue,
) -> Iterator[tuple[int, Explanation]]:
    words = vocabulary_of(unit.policy, tongue)
    decided = {row["row"]: row for row in decisions.to_dicts()}
    for facts in batch.leads.to_dicts():
        row = facts["row"]
        lead = _Lead(unit, words, evaluated[row], facts, happened.get(row, []))
        yield row, _explanation(compiled, lead, decided[row], open_.get(row, Undecided()))


def _activities_of(unit: Unit, batch: Batch, as_of: date) -> dict[int, list[dict[str, Any]]]:
    """Row → its activities, latest first, each with `#certain <selector>` and `#possible <selector>` flags."""
    kept = ("activity", "kind", "day", "outcome", "direction", "by", "by_role", "about")
    today = day_number(as_of)
    coded = coded_activities(unit, batch.activities, lead_columns(unit, batch, today), today, kept)
    flags = {f"{_CERTAIN}{key}": certain for key, (certain, _) in unit.plan.evidence.items()}
    flags |= {f"#possible {key}": possible for key, (_, possible) in unit.plan.evidence.items()}
    found: dict[int, list[dict[str, Any]]] = {}
    for activity in coded.with_columns(**flags).sort("row", "#age", "activity").to_dicts():
        found.setdefault(activity["row"], []).append(activity)
    return found


def _matches(happened: Mapping[int, list[dict[str, Any]]]) -> dict[int, Mapping[str, int]]:
    """Row → key of a selector → how many of its activities match for certain."""
    return {
        row: Counter(name.removeprefix(_CERTAIN) for each in those for name, is_so in each.items() if is_so is True)
        for row, those in happened.items()
    }


def _explanation(compiled: CompiledPolicy, lead: _Lead, decision: Mapping[str, Any], open_: Undecided) -> Explanation:
    unit, policy, tongue = lead.unit, lead.unit.policy, lead.words.tongue
    why, action = decision["stage_why"], compiled.next_action(unit.name, decision["stage"])
    words = tongue.say(WHY.get(why, _EARNED))
    if why == "disqualified":
        words = disqualified_words(policy, lead.words, decision["reason"])
    return Explanation(
        row=decision["row"],
        lead=decision["lead"],
        as_of=decision["as_of"],
        policy=unit.name,
        stage=decision["stage"],
        stage_why=why,
        why=words,
        crm_stage=lead.lead["stage"],
        earned_stage=decision["earned_stage"],
        reason=decision["reason"],
        scores={name: (decision[f"score.{name}.low"], decision[f"score.{name}.high"]) for name in policy.scores},
        review_day=decision["review_day"],
        conditions={
            name: verdict_word(decision[f"verdict.{name}"])
            for name in compiled.conditions
            if name in unit.conditions or name.startswith("segment.")
        },
        ladder=tuple(
            Step(
                rung.stage,
                lead.words.stages[rung.stage],
                verdict_word(lead.columns[f"#meets.{rung.stage}"]),
                lead.condition_named(f"ladder.{rung.stage}"),
            )
            for rung in policy.ladder
        ),
        disqualification=lead.disqualification(applies=decision["reason"] is not None),
        criteria=lead.criteria(),
        points=stories_of(unit, lead.words, lead.columns, lead.activities),
        questions=questions(policy, tongue, lead.waiting(lead.conditions_by_rung()), open_.waiting),
        next_action=tongue.own(action) if action else action,
        candidates=open_.candidates,
        tongue=tongue,
    )


class _Lead(KnownOfLead):
    """One lead's evaluated columns, with the means to tell of them."""

    def __init__(
        self,
        unit: Unit,
        words: Vocabulary,
        columns: Mapping[str, Any],
        facts: Mapping[str, Any],
        activities: list[dict[str, Any]],
    ) -> None:
        super().__init__(unit, columns, facts)
        self.words, self.activities = words, activities

    def condition_named(self, name: str) -> Condition | None:
        criterion = self.unit.conditions.get(name)
        return None if criterion is None else self._condition(criterion)

    def disqualification(self, *, applies: bool) -> Step | None:
        """`applies` is false where it is not met, or not under every policy that could apply."""
        leaving = self.unit.policy.disqualified
        if leaving is None:
            return None
        condition = self.condition_named(f"ladder.{leaving.stage}")
        assert condition is not None
        told = [
            replace(part, sentence=self.words.tongue.own(reason.say)) if reason.say else part
            for reason, part in zip(leaving.reasons, condition.parts, strict=False)
        ]
        parts = (*told, *condition.parts[len(told) :])
        sentence = self.words.tongue.say("one of these speaks against the lead")
        if condition.verdict == "met" and not applies:
            sentence = self.words.tongue.say(
                "one of these speaks against the lead, but not under every policy that could apply"
            )
        told_apart = replace(condition, sentence=sentence, parts=parts)
        return Step(leaving.stage, self.words.stages[leaving.stage], condition.verdict, told_apart)

    def conditions_by_rung(self) -> list[str]:
        """The ladder's conditions first: what they wait for matters most."""
        return sorted(self.unit.conditions, key=lambda name: not name.startswith("ladder."))

    def criteria(self) -> dict[str, Condition]:
        """The named criteria with their evidence and parts; elsewhere they stand by name."""
        return {name: self._condition(shape) for name, shape in self.unit.policy.criteria.items()}

    def _condition(self, criterion: Criterion) -> Condition:
        sentence, verdict = sentence_of(criterion, self.words), verdict_word(self.verdict_of(criterion))
        if isinstance(criterion, str):
            return Condition(criterion, sentence, verdict)
        evidence = list(self._evidence(criterion))
        return Condition(
            name=None,
            sentence=sentence,
            verdict=verdict,
            evidence=tuple(evidence[:_MOST_EVIDENCE]),
            more=max(0, len(evidence) - _MOST_EVIDENCE),
            parts=tuple(self._condition(child) for _, child in criterion.children()),
        )

    def _evidence(self, criterion: BaseCriterion) -> Iterator[Evidence]:
        for _, sort, name in criterion.references():
            if sort == "fact":
                value = self.value_of(name)
                yield Evidence(fact=name, value=_plain(value), label=self.words.facts[name], shown=self._shown(value))
            elif sort == "score":
                ends = (self.columns[f"score.{name}.low"], self.columns[f"score.{name}.high"])
                yield Evidence(score=name, points=ends, label=self.words.scores[name])
        for selector in criterion.selectors():
            yield from self._matching(selector)

    def _shown(self, value: Any) -> str | None:
        if isinstance(value, datetime):
            return self.words.tongue.instant(value)
        return self.words.tongue.day(value) if isinstance(value, date) else None

    def _matching(self, selector: Selector) -> Iterator[Evidence]:
        key = key_of(selector)
        for activity in self.activities:
            if activity[f"#possible {key}"]:
                yield evidence_from(activity, certain=activity[f"{_CERTAIN}{key}"])


def evidence_from(activity: Mapping[str, Any], *, certain: bool) -> Evidence:
    """An activity as evidence."""
    told = {
        key: activity[key] for key in ("activity", "kind", "day", "outcome", "direction", "by", "by_role", "about")
    }
    return Evidence(**told, certain=certain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
