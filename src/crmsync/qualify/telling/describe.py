"""A policy's parts in plain words: conditions as nested points, points tables, ageing, movement, coming back.

A criterion with a name of its own is told once, among the *terms*, and referred to elsewhere. So a page stays short
however deep criteria are built on each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any as Anything

from msgspec import Struct

from crmsync.qualify.criteria import (
    All,
    Any,
    AtLeast,
    BaseCriterion,
    Criterion,
    Not,
    bounds,
    denial_of,
    plain,
    sentence_of,
)
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.scores import ActivityRule, FirstRule, Rule, SilenceRule, ValuesRule, WhenRule
from crmsync.qualify.language.walk import roots_of, with_nested
from crmsync.qualify.telling.points_story import rule_words
from crmsync.qualify.telling.words import vocabulary_of
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.once_per import once_words
from crmsync.tongue import ENGLISH, Tongue, to_say

NEVER_OLD = to_say("no")


class ConditionLine(Struct, frozen=True):
    """One line of a condition. `term`: the named criterion that is told among the terms. `parts`: those it has."""

    text: str
    term: str | None = None
    parts: tuple[ConditionLine, ...] = ()

    def to_json(self) -> dict[str, Anything]:
        """`term` and `parts` only where there are any."""
        told: dict[str, Anything] = {"text": self.text}
        told |= {"term": self.term} if self.term else {}
        return told | ({"parts": [part.to_json() for part in self.parts]} if self.parts else {})


class RulePoints(Struct, frozen=True):
    """One line of a points table. All texts; `most` is empty where nothing limits the rule."""

    what: str
    points: str
    ageing: str
    most: str


class Speaker:
    """Tells the parts of one policy. A segment's policy has a speaker of its own."""

    def __init__(self, policy: Policy, tongue: Tongue = ENGLISH) -> None:
        self.policy, self.tongue = policy, tongue
        self._words = vocabulary_of(policy, tongue)

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
        if not criterion.label:
            return told
        return ConditionLine(f"{self.tongue.own(criterion.label)}: {told.text}", told.term, told.parts)

    def _unlabelled(self, criterion: BaseCriterion) -> ConditionLine:
        say = self.tongue.say
        parts = tuple(self._point(child) for _, child in criterion.children())
        match criterion:
            case All() | Any() if len(parts) == 1:
                return parts[0]
            case All():
                return ConditionLine(say("all of these"), None, parts)
            case Any():
                return ConditionLine(say("at least one of these"), None, parts)
            case AtLeast():
                number = self.tongue.all_of(bounds(self.tongue, criterion.at_least, criterion.at_most))
                return ConditionLine(say("{number} of these {all}", number=number, all=len(parts)), None, parts)
            case Not():
                denied = parts[0].parts and say("not so: {what}", what=parts[0].text)
                text = denied or denial_of(criterion.not_, self._words)
                return ConditionLine(text, parts[0].term, parts[0].parts)
            case _:
                return ConditionLine(criterion.sentence(self._words))

    def _value(self, fact: str, value: str) -> str:
        """A value of a points table; those of a boolean are written `true` and `false`."""
        return plain(value == "true" if self.policy.fact_types[fact] == "boolean" else value, self.tongue)

    def _most(self, rule: ActivityRule | SilenceRule) -> str:
        """The most points that the rule gives, in their direction."""
        if rule.cap is None:
            return ""
        return number(rule.cap if rule.points >= 0 else -rule.cap, self.tongue)

    def _rule(self, rule: Rule) -> Iterator[RulePoints]:
        tongue, never = self.tongue, self.tongue.say(NEVER_OLD)

        def given(points: float) -> str:
            return number(points, tongue)

        match rule:
            case WhenRule():
                yield RulePoints(rule_words(rule, self._words), given(rule.points), never, "")
            case ActivityRule():
                each = tongue.say("{points} each", points=given(rule.points))
                if rule.once_per is not None:
                    each = f"{each}, {once_words(rule.once_per, tongue)}"
                what = tongue.own(rule.name) if rule.name else rule.activities.told(tongue)
                yield RulePoints(what, each, ageing(rule, tongue), self._most(rule))
            case SilenceRule():
                each = tongue.say_many(
                    "{points} for every day",
                    "{points} for every {number} days",
                    rule.per_days,
                    number=tongue.number(rule.per_days),
                    points=given(rule.points),
                )
                yield RulePoints(rule_words(rule, self._words), each, never, self._most(rule))
            case ValuesRule():
                fact = tongue.own(rule.name) if rule.name else self._words.facts[rule.fact]
                for value, points in rule.values.items():
                    yield RulePoints(f"{fact}: {self._value(rule.fact, value)}", given(points), never, "")
                if rule.otherwise:
                    other = tongue.say("any other value")
                    yield RulePoints(f"{fact}: {other}", given(rule.otherwise), never, "")
            case FirstRule():
                lead = f"{tongue.own(rule.name)}: " if rule.name else ""
                for index, option in enumerate(rule.first):
                    told = sentence_of(option.when, self._words)
                    told = told if index == 0 else tongue.say("else {condition}", condition=told)
                    yield RulePoints(f"{lead}{told}", given(option.points), never, "")
                if rule.otherwise:
                    yield RulePoints(f"{lead}{tongue.say('else')}", given(rule.otherwise), never, "")


def number(points: float, tongue: Tongue = ENGLISH) -> str:
    """Points as people write them: without a needless fraction, with a real minus sign."""
    plain_number = int(points) if points == int(points) else points
    return tongue.plain_number(plain_number).replace("-", "−")


def ageing(rule: ActivityRule, tongue: Tongue) -> str:
    """How the points of an activity grow less."""
    fresh = rule.after_days or 0
    if rule.half_life_days is not None:
        half, quarter = (days(fresh + times * rule.half_life_days, tongue) for times in (1, 2))
        told = tongue.say("half after {half}, a quarter after {quarter}", half=half, quarter=quarter)
    elif rule.linear_days is not None:
        told = tongue.say("evenly to nothing at {days}", days=days(fresh + rule.linear_days, tongue))
    else:
        return tongue.say(NEVER_OLD)
    return tongue.say("not before {days}, then {ageing}", days=days(fresh, tongue), ageing=told) if fresh else told


def days(count: int, tongue: Tongue) -> str:
    """`1 day`, `30 days`."""
    return tongue.say_many("{number} day", "{number} days", count, number=tongue.number(count))


def movement_sentences(policy: Policy, tongue: Tongue = ENGLISH) -> Iterator[str]:
    """How leads move, one rule a sentence."""
    moves, say = policy.movement, tongue.say
    yield say("A lead moves up as soon as the evidence gives it a higher stage.")
    if moves.backward == "never":
        yield say("A lead never moves back by itself: a stage once reached stays, also when the evidence grows old.")
    elif moves.cool_down_days:
        yield say(
            "A lead moves back when the evidence gives it less, but not within {days} of reaching a stage.",
            days=days(moves.cool_down_days, tongue),
        )
    else:
        yield say("A lead moves back when the evidence gives it less.")
    if moves.hands_off_days:
        yield say(
            "When a person or another program has changed the stage, it stays as it is for {days}: human judgement "
            "goes first.",
            days=days(moves.hands_off_days, tongue),
        )
    if moves.tug_of_war is not None:
        yield tongue.say_many(
            "When what was written is replaced once within {days}, the lead is left alone until a person says "
            "otherwise.",
            "When what was written is replaced {number} times within {days}, the lead is left alone until a person "
            "says otherwise.",
            moves.tug_of_war,
            days=days(moves.tug_of_war_days, tongue),
        )
    for stage in moves.protected:
        yield say("Leads at {stage} stay there.", stage=tongue.own(policy.label_of(stage)))
    yield say("Stages that are not on this page, such as customer, are never touched.")


def coming_back(policy: Policy, tongue: Tongue = ENGLISH) -> Iterator[str]:
    """How a disqualified lead comes back; one sentence that says so when it does not."""
    leaving, say = policy.disqualified, tongue.say
    if leaving is None:
        return
    yield say("Nobody is deleted: the person may come back and fit later.")
    recycle = leaving.recycle
    if recycle is None:
        yield say("Nothing brings a disqualified lead back by itself; a person may.")
        return
    ways = []
    if recycle.after_days is not None:
        passed = recycle.after_days
        ways.append(
            tongue.say_many(
                "{number} day has passed", "{number} days have passed", passed, number=tongue.number(passed)
            )
        )
    if recycle.on_new_engagement:
        engagement = selected(recycle.on_new_engagement, tongue)
        ways.append(say("there is new engagement ({activities})", activities=engagement))
    if recycle.to == "earned":
        yield say(
            "Once nothing disqualifies it any more, a lead comes back to the stage its evidence gives when {ways}.",
            ways=tongue.any_of(ways),
        )
        return
    yield say(
        "Once nothing disqualifies it any more, a lead comes back to {stage} when {ways}.",
        stage=tongue.own(policy.label_of(recycle.to)),
        ways=tongue.any_of(ways),
    )


def selected(selector: Selector, tongue: Tongue) -> str:
    """Which activities, in words."""
    told = selector.told(tongue)
    return told if selector.kind else tongue.say("any {activity}", activity=told)
