"""A policy's parts in plain words: conditions as nested points, points tables, ageing, movement, coming back.

A criterion with a name of its own is told once, among the *terms*, and referred to elsewhere. So a page stays short
however deep criteria are built on each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any as Anything

from crmsync.qualify.criteria import All, Any, AtLeast, BaseCriterion, Criterion, Not, denial_of, plain, sentence_of
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.scores import ActivityRule, FirstRule, Rule, ValuesRule, WhenRule
from crmsync.qualify.language.walk import roots_of, with_nested
from crmsync.qualify.telling.points_story import rule_words
from crmsync.qualify.telling.words import vocabulary_of
from crmsync.qualify.terms.activities import Selector

NEVER_OLD = "no"


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One line of a condition. `term`: the named criterion that is told among the terms. `parts`: those it has."""

    text: str
    term: str | None = None
    parts: tuple[ConditionLine, ...] = ()

    def to_json(self) -> dict[str, Anything]:
        """`term` and `parts` only where there are any."""
        told: dict[str, Anything] = {"text": self.text}
        told |= {"term": self.term} if self.term else {}
        return told | ({"parts": [part.to_json() for part in self.parts]} if self.parts else {})


@dataclass(frozen=True, slots=True)
class RulePoints:
    """One line of a points table. All texts; `most` is empty where nothing limits the rule."""

    what: str
    points: str
    ageing: str
    most: str


class Speaker:
    """Tells the parts of one policy. A segment's policy has a speaker of its own."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._words = vocabulary_of(policy)

    def condition(self, criterion: Criterion) -> ConditionLine:
        """A condition as a point; a named one is taken apart here, those within it are only named."""
        return self._taken_apart(self.policy.criteria[criterion] if isinstance(criterion, str) else criterion)

    def terms(self) -> Iterator[tuple[str, ConditionLine]]:
        """(name, what it means) of each named criterion that the policy uses and that its words do not yet tell."""
        used = set(self._used())
        for name, shape in self.policy.criteria.items():
            if name in used and self._is_term(name):
                told = self._point(shape) if isinstance(shape, str) else self._unlabelled(shape)
                yield name, told

    def term_words(self, name: str) -> str:
        """A named criterion as sentences call it."""
        return self._words.criteria[name]

    def rules(self, rules: tuple[Rule, ...]) -> Iterator[RulePoints]:
        """The lines of a points table; a rule with several outcomes has several."""
        for rule in rules:
            yield from self._rule(rule)

    def sentence(self, criterion: Criterion) -> str:
        """A condition in one sentence."""
        return sentence_of(criterion, self._words)

    def _used(self) -> Iterator[str]:
        """Names of criteria that something refers to. What `condition` takes apart does not refer to itself."""
        roots = [(path[0], criterion) for path, criterion in roots_of(self.policy) if path[0] != "criteria"]
        pending = [
            self.policy.criteria[root] if isinstance(root, str) and part != "scores" else root for part, root in roots
        ]
        seen: set[str] = set()
        while pending:
            for _, part in with_nested((), pending.pop()):
                if isinstance(part, str) and part not in seen:
                    seen.add(part)
                    yield part
                    pending.append(self.policy.criteria[part])

    def _is_term(self, name: str) -> bool:
        shape = self.policy.criteria[name]
        return isinstance(shape, str) or shape.label is not None or any(shape.children())

    def _point(self, criterion: Criterion) -> ConditionLine:
        if not isinstance(criterion, str):
            return self._taken_apart(criterion)
        return ConditionLine(self._words.criteria[criterion], criterion if self._is_term(criterion) else None)

    def _taken_apart(self, criterion: Criterion) -> ConditionLine:
        if isinstance(criterion, str):
            return self._point(criterion)
        told = self._unlabelled(criterion)
        return ConditionLine(f"{criterion.label}: {told.text}", told.term, told.parts) if criterion.label else told

    def _unlabelled(self, criterion: BaseCriterion) -> ConditionLine:
        parts = tuple(self._point(child) for _, child in criterion.children())
        match criterion:
            case All() | Any() if len(parts) == 1:
                return parts[0]
            case All():
                return ConditionLine("all of these", None, parts)
            case Any():
                return ConditionLine("at least one of these", None, parts)
            case AtLeast():
                most = f" and at most {criterion.at_most}" if criterion.at_most is not None else ""
                return ConditionLine(f"at least {criterion.at_least}{most} of these {len(parts)}", None, parts)
            case Not():
                text = f"not so: {parts[0].text}" if parts[0].parts else denial_of(criterion.not_, self._words)
                return ConditionLine(text, parts[0].term, parts[0].parts)
            case _:
                return ConditionLine(criterion.sentence(self._words))

    def _value(self, fact: str, value: str) -> str:
        """A value of a points table; those of a boolean are written `true` and `false`."""
        return plain(value == "true" if self.policy.fact_types[fact] == "boolean" else value)

    def _rule(self, rule: Rule) -> Iterator[RulePoints]:
        match rule:
            case WhenRule():
                yield RulePoints(rule_words(rule, self._words), number(rule.points), NEVER_OLD, "")
            case ActivityRule():
                most = "" if rule.cap is None else number(rule.cap if rule.points >= 0 else -rule.cap)
                yield RulePoints(rule_words(rule, self._words), f"{number(rule.points)} each", ageing(rule), most)
            case ValuesRule():
                fact = rule.name or self._words.facts[rule.fact]
                for value, points in rule.values.items():
                    yield RulePoints(f"{fact}: {self._value(rule.fact, value)}", number(points), NEVER_OLD, "")
                if rule.otherwise:
                    yield RulePoints(f"{fact}: any other value", number(rule.otherwise), NEVER_OLD, "")
            case FirstRule():
                lead = f"{rule.name}: " if rule.name else ""
                for index, option in enumerate(rule.first):
                    told = f"{lead}{'' if index == 0 else 'else '}{sentence_of(option.when, self._words)}"
                    yield RulePoints(told, number(option.points), NEVER_OLD, "")
                if rule.otherwise:
                    yield RulePoints(f"{lead}else", number(rule.otherwise), NEVER_OLD, "")


def number(points: float) -> str:
    """Points as people write them: without a needless fraction, with a real minus sign."""
    return (str(int(points)) if points == int(points) else str(points)).replace("-", "−")


def ageing(rule: ActivityRule) -> str:
    """How the points of an activity grow less."""
    if rule.half_life_days is not None:
        return f"half after {days(rule.half_life_days)}, a quarter after {days(2 * rule.half_life_days)}"
    return f"evenly to nothing at {days(rule.linear_days)}" if rule.linear_days is not None else NEVER_OLD


def days(count: int) -> str:
    """`1 day`, `30 days`."""
    return "1 day" if count == 1 else f"{count:,} days"


def movement_sentences(policy: Policy) -> Iterator[str]:
    """How leads move, one rule a sentence."""
    moves = policy.movement
    yield "A lead moves up as soon as the evidence gives it a higher stage."
    if moves.backward == "never":
        yield "A lead never moves back by itself: a stage once reached stays, also when the evidence grows old."
    else:
        wait = f", but not within {days(moves.cool_down_days)} of reaching a stage" if moves.cool_down_days else ""
        yield f"A lead moves back when the evidence gives it less{wait}."
    if moves.hands_off_days:
        yield (
            f"When a person or another program has changed the stage, it stays as it is for "
            f"{days(moves.hands_off_days)}: human judgement goes first."
        )
    if moves.tug_of_war is not None:
        often = "once" if moves.tug_of_war == 1 else f"{moves.tug_of_war} times"
        yield (
            f"When what was written is replaced {often} within {days(moves.tug_of_war_days)}, the lead is left alone "
            "until a person says otherwise."
        )
    for stage in moves.protected:
        yield f"Leads at {policy.label_of(stage)} stay there."
    yield "Stages that are not on this page, such as customer, are never touched."


def coming_back(policy: Policy) -> Iterator[str]:
    """How a disqualified lead comes back; one sentence that says so when it does not."""
    leaving = policy.disqualified
    if leaving is None:
        return
    yield "Nobody is deleted: the person may come back and fit later."
    recycle = leaving.recycle
    if recycle is None:
        yield "Nothing brings a disqualified lead back by itself; a person may."
        return
    ways = [f"{days(recycle.after_days)} have passed"] if recycle.after_days is not None else []
    ways += [f"there is new engagement ({selected(recycle.on_new_engagement)})"] if recycle.on_new_engagement else []
    to = "the stage its evidence gives" if recycle.to == "earned" else policy.label_of(recycle.to)
    yield f"Once nothing disqualifies it any more, a lead comes back to {to} when {' or '.join(ways)}."


def selected(selector: Selector) -> str:
    """Which activities, in words."""
    return selector.words if selector.kind else f"any {selector.words}"
