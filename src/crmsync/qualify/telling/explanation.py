"""What `explain` tells of one lead, as plain values. `to_json` gives the stable shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from msgspec import Struct, field

from crmsync.qualify.terms.changes import Change
from crmsync.tongue import ENGLISH, Tongue
from crmsync.values import asdict

Word = Literal["met", "not_met", "unknown"]
Interval = tuple[int, int]


def verdict_word(verdict: bool | None) -> Word:
    """A verdict as users read it."""
    if verdict is None:
        return "unknown"
    return "met" if verdict else "not_met"


class Evidence(Struct, frozen=True):
    """A fact and its value, a score and its interval, or an activity.

    `certain` is false for an activity that matches only perhaps: its outcome, direction or role is not known.
    """

    fact: str | None = None
    value: str | int | float | bool | None = None
    score: str | None = None
    points: Interval | None = None
    activity: str | None = None
    kind: str | None = None
    day: date | None = None
    outcome: str | None = None
    direction: str | None = None
    by: str | None = None
    by_role: str | None = None
    about: str | None = None
    certain: bool = True
    label: str | None = None
    """The fact or score in the policy's words, for people; not part of the JSON."""
    shown: str | None = None
    """A day or an instant as people read it; not part of the JSON."""

    def to_json(self) -> dict[str, Any]:
        """Only what there is; a fact's value also when it is unknown, `certain` only when it is not."""
        if self.fact is not None:
            return {"fact": self.fact, "value": self.value}
        if self.score is not None:
            return {"score": self.score, "points": list(self.points or ())}
        told = asdict(self)
        told["day"] = self.day.isoformat() if self.day else None
        told["certain"] = None if self.certain else False
        del told["label"], told["shown"]
        return {key: value for key, value in told.items() if value is not None}


class Condition(Struct, frozen=True):
    """One criterion of a condition: its verdict, its evidence and its parts.

    One with a `name` is told in `Explanation.criteria`, with evidence and parts, and only named elsewhere. `more`
    counts pieces of evidence beyond those listed, which are the latest ones.
    """

    name: str | None
    sentence: str
    verdict: Word
    evidence: tuple[Evidence, ...] = ()
    more: int = 0
    parts: tuple[Condition, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Lists only where there is something in them. A named one is its `name`: `criteria` has the rest, once."""
        if self.name:
            return {"name": self.name}
        told: dict[str, Any] = {"sentence": self.sentence, "verdict": self.verdict}
        if self.evidence:
            told["evidence"] = [one.to_json() for one in self.evidence]
        if self.more:
            told["more_evidence"] = self.more
        if self.parts:
            told["parts"] = [part.to_json() for part in self.parts]
        return told


class Step(Struct, frozen=True):
    """A rung: `verdict` with all rungs below it that it includes, `condition` its own (null for the lowest)."""

    stage: str
    label: str
    verdict: Word
    condition: Condition | None

    def to_json(self) -> dict[str, Any]:
        """All keys, always."""
        return {
            "stage": self.stage,
            "label": self.label,
            "verdict": self.verdict,
            "condition": self.condition.to_json() if self.condition else None,
        }


class RuleStory(Struct, frozen=True):
    """What one rule gave, milli-points.

    `activities`: (evidence, age in days, points); `each`: the points of a fresh one; `cut`: what the rule's cap took.
    Of a rule for silence those that may be the latest, with the points if it is; `each` is null.
    """

    rule: str
    points: Interval
    activities: tuple[tuple[Evidence, int, int], ...] = ()
    cut: int = 0
    each: int | None = None

    def to_json(self) -> dict[str, Any]:
        """`activities` and `cut` only for rules that count activities."""
        told: dict[str, Any] = {"rule": self.rule, "points": list(self.points)}
        if self.activities:
            told |= {} if self.each is None else {"points_each": self.each}
            told["activities"] = [
                {**evidence.to_json(), "age_days": age, "points": points} for evidence, age, points in self.activities
            ]
        if self.cut:
            told["cut_by_cap"] = self.cut
        return told


class ScoreStory(Struct, frozen=True):
    """How a score came about. `cut`: what caps and floors of groups and of the score changed (low end)."""

    name: str
    points: Interval
    band: str | None
    rules: tuple[RuleStory, ...]
    cut: int = 0
    label: str = ""

    def to_json(self) -> dict[str, Any]:
        """Rules in the policy's order, without those that gave nothing and count no activity."""
        told: dict[str, Any] = {"points": list(self.points), "band": self.band}
        told["rules"] = [rule.to_json() for rule in self.rules if rule.activities or rule.points != (0, 0)]
        return {**told, "cut_by_limits": self.cut} if self.cut else told


class OpenQuestion(Struct, frozen=True):
    """A fact nobody knows, what to ask, and the conditions that wait for the answer."""

    fact: str
    ask: str
    conditions: tuple[str, ...]


class PolicyCandidate(Struct, frozen=True):
    """A policy that could apply to a lead of which it is not known whether it belongs to a segment.

    `earned_stage`, `reason`: what the evidence gives under this policy. `sentence`: the same in words.
    """

    policy: str
    earned_stage: str
    reason: str | None
    sentence: str

    @property
    def disqualifies(self) -> bool:
        """Whether this policy by itself would disqualify the lead."""
        return self.reason is not None


class Way(Struct, frozen=True):
    """Steps which, done together, give the lead `stage` or more. `changes` are the steps as changes of the lead."""

    stage: str
    steps: tuple[str, ...]
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """The steps in words."""
        return {"stage": self.stage, "steps": list(self.steps)}


class Explanation(Struct, frozen=True):
    """One lead's decision with all that led to it. Points are milli-points, days are in the org's zone.

    Texts are in `tongue`, where the policy's own words are known in it.

    Verdicts, conditions and points are those of `policy`. `candidates`: every policy that could apply, in the order
    of the segments, where it is not known which one does; empty where it is. Then `policy` is the one of them that
    gives the least, and the lead is disqualified only when all of them disqualify it.
    """

    row: int
    lead: str
    as_of: date
    policy: str
    stage: str | None
    stage_why: str
    why: str
    crm_stage: str | None
    earned_stage: str
    reason: str | None
    scores: Mapping[str, Interval]
    review_day: date | None
    conditions: Mapping[str, Word]
    ladder: tuple[Step, ...]
    disqualification: Step | None
    criteria: Mapping[str, Condition]
    points: tuple[ScoreStory, ...]
    questions: tuple[OpenQuestion, ...]
    next_action: str | None
    ways: tuple[Way, ...] = field(default=())
    candidates: tuple[PolicyCandidate, ...] = field(default=())
    tongue: Tongue = ENGLISH

    @property
    def spared(self) -> bool:
        """Whether `policy` would disqualify the lead but another one that could apply would not."""
        return self.reason is None and any(one.disqualifies for one in self.candidates if one.policy == self.policy)

    @property
    def policy_why(self) -> str | None:
        """Why it was this policy of the candidates; null when there is no choice."""
        if not self.candidates:
            return None
        say = self.tongue.say
        why = say("it is not known which of these policies applies; shown is the one that gives the least")
        spared = say("it would disqualify the lead, but not all of them would: so the lead stays in")
        return f"{why}; {spared}" if self.spared else why

    def to_json(self) -> dict[str, Any]:
        """A JSON object; keys are never left out."""
        return {
            "lead": self.lead,
            "as_of": self.as_of.isoformat(),
            "stage": self.stage,
            "crm_stage": self.crm_stage,
            "scores": {name: list(ends) for name, ends in self.scores.items()},
            "review_day": self.review_day.isoformat() if self.review_day else None,
            "conditions": dict(self.conditions),
            "policy": self.policy,
            "policy_why": self.policy_why,
            "candidates": [asdict(candidate) for candidate in self.candidates],
            "earned_stage": self.earned_stage,
            "stage_why": self.stage_why,
            "why": self.why,
            "reason": self.reason,
            "ladder": [step.to_json() for step in self.ladder],
            "disqualification": self.disqualification.to_json() if self.disqualification else None,
            "criteria": {name: condition.to_json() for name, condition in self.criteria.items()},
            "points": {story.name: story.to_json() for story in self.points},
            "questions": [asdict(question) for question in self.questions],
            "next_action": self.next_action,
            "ways_up": [way.to_json() for way in self.ways],
        }
