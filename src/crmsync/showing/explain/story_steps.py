"""The ladder of a lead's story as it is told: each stage with what it asks, every condition taken apart once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from crmsync.qualify.telling.explanation import Condition, Explanation, Step, Word
from crmsync.showing.explain.story_words import MOST_EVIDENCE, evidence_told
from crmsync.tongue import Tongue


class ToldCondition(Struct, frozen=True):
    """`elsewhere`: that it is taken apart above or below, in words; `evidence` and `parts` are empty then."""

    verdict: Word
    sentence: str
    elsewhere: str = ""
    evidence: tuple[str, ...] = ()
    parts: tuple[ToldCondition, ...] = ()


class ToldStep(Struct, frozen=True):
    """A stage; null = it asks nothing, or what it asks is not told."""

    stage: str
    label: str
    verdict: Word
    condition: ToldCondition | None


def told_steps(told: Explanation) -> tuple[ToldStep, ...]:
    """From the lowest stage up; what might disqualify a lead only once it does, because that is a long list."""
    steps = [*told.ladder]
    if told.disqualification:
        whole = told.disqualification.verdict == "met"
        steps.append(told.disqualification if whole else _without_condition(told.disqualification))
    return _Telling(told.criteria, steps, told.tongue).steps()


def _without_condition(step: Step) -> Step:
    return Step(step.stage, step.label, step.verdict, None)


class _Telling:
    """Steps with their conditions. A named criterion is taken apart once, where it stands nearest to its stage."""

    def __init__(self, criteria: Mapping[str, Condition], steps: Sequence[Step], tongue: Tongue) -> None:
        self._criteria, self._steps, self._tongue = criteria, steps, tongue
        self._homes = dict(_homes(criteria, steps))
        self._told: set[str] = set()

    def steps(self) -> tuple[ToldStep, ...]:
        return tuple(
            ToldStep(
                step.stage,
                step.label,
                step.verdict,
                self._condition(step.condition, (step.stage, 0)) if step.condition else None,
            )
            for step in self._steps
        )

    def _condition(self, condition: Condition, place: tuple[str, int]) -> ToldCondition:
        verdict, sentence, name = condition.verdict, condition.sentence, condition.name
        if name and name in self._criteria:
            condition = self._criteria[name]
            if name in self._told or self._homes[name] != place:
                where = self._tongue.say("above") if name in self._told else self._tongue.say("below")
                return ToldCondition(verdict, sentence, where if condition.parts else "")
            self._told.add(name)
        evidence = [evidence_told(each, self._tongue) for each in condition.evidence[:MOST_EVIDENCE]]
        if hidden := max(0, len(condition.evidence) - MOST_EVIDENCE) + condition.more:
            evidence.append(self._tongue.say_many("… and {number} more", "… and {number} more", hidden))
        parts = tuple(self._condition(part, (place[0], place[1] + 1)) for part in condition.parts)
        return ToldCondition(verdict, sentence, "", tuple(evidence), parts)


def _homes(criteria: Mapping[str, Condition], steps: Sequence[Step]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Named criterion → (stage, depth) of the place nearest to a stage; the lowest stage where several are."""
    level = [(step.stage, step.condition) for step in steps if step.condition]
    depth, seen = 0, set[str]()
    while level:
        below: list[tuple[str, Condition]] = []
        for stage, condition in level:
            told = condition
            if condition.name:
                if condition.name in seen:
                    continue
                seen.add(condition.name)
                yield condition.name, (stage, depth)
                told = criteria.get(condition.name, condition)
            below += [(stage, part) for part in told.parts]
        level, depth = below, depth + 1
