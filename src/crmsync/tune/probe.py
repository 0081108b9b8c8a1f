"""A policy's rules taken apart, so that each can be weighed anew: for each one the points it gives at one point each.

Deciding stays with `crmsync.qualify.engine.decide`: the probe is the same policy with one more score for each rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmsync.qualify.criteria import plain
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.scores import ActivityRule, FirstRule, Rule, Score, SilenceRule, ValuesRule, WhenRule
from crmsync.qualify.telling.points_story import rule_words
from crmsync.qualify.telling.words import vocabulary_of
from crmsync.tongue import ENGLISH, Tongue

_PREFIX = "probe:"


@dataclass(frozen=True, slots=True)
class Feature:
    """One rule, or one line of it, as an input of a fit.

    `place`: where it stands in the policy. `points`: what the policy gives. `column`: where a replay of the probe
    puts the hits: milli-units, 1000 for a met condition or a fresh activity, less for an aged one, 0 where unknown.
    """

    score: str
    place: str
    words: str
    points: float
    unit: Rule
    name: str

    @property
    def column(self) -> str:
        """The low end: certain hits only."""
        return f"score.{self.name}.low"


def features_of(policy: Policy, tongue: Tongue = ENGLISH) -> tuple[Feature, ...]:
    """Every rule of every score of the main policy; a rule of several lines gives one feature for each line."""
    words = vocabulary_of(policy, tongue)
    found: list[Feature] = []
    for score, shape in policy.scores.items():
        for path, rule in shape.all_rules():
            place = ".".join(["scores", score, *map(str, path)])
            for more, points, unit in _units(rule):
                told = f"{rule_words(rule, words)}{more and f': {more}'}"
                found.append(
                    Feature(score, f"{place}{more and f'.{more}'}", told, points, unit, f"{_PREFIX}{len(found)}")
                )
    return tuple(found)


def left_out_of(policy: Policy, tongue: Tongue = ENGLISH) -> tuple[str, ...]:
    """What of the policy a fit of its rules does not weigh, and why, in words; only what the policy has."""
    told = []
    limited = [
        policy.score_label(name)
        for name, score in policy.scores.items()
        if any(one.cap is not None or one.floor is not None for one in (score, *score.groups))
    ]
    if limited:
        told.append(
            tongue.say(
                "caps and floors of {scores} (each rule keeps its own cap): suggested points add up without them; "
                "set them by hand and try the whole with --policy",
                scores=", ".join(map(tongue.own, limited)),
            )
        )
    combined = [policy.score_label(name) for name, score in policy.scores.items() if score.combine]
    if combined:
        names = ", ".join(map(tongue.own, combined))
        told.append(
            tongue.say("the weights of {scores}: rules are weighed one by one, across all scores", scores=names)
        )
    if policy.segments:
        names = ", ".join(plain(one.name, tongue) for one in policy.segments)
        told.append(
            tongue.say(
                "the policies of {segments}: their leads are weighed by the main policy's rules, because a segment "
                "by itself rarely has enough winners",
                segments=names,
            )
        )
    return tuple(told)


def probe_of(policy: Policy, features: tuple[Feature, ...]) -> Policy:
    """The policy without its segments, with a score of one rule for each feature."""
    probes = {feature.name: Score.model_construct(rules=(feature.unit,)) for feature in features}
    return policy.model_copy(update={"scores": {**policy.scores, **probes}, "segments": ()})


def _units(rule: Rule) -> Iterator[tuple[str, float, Rule]]:
    """(which line, the policy's points, the rule at one point)."""
    match rule:
        case WhenRule():
            yield "", rule.points, rule.model_copy(update={"points": 1})
        case ActivityRule() | SilenceRule():
            cap = None if rule.cap is None or not rule.points else rule.cap / abs(rule.points)
            yield "", rule.points, rule.model_copy(update={"points": 1, "cap": cap})
        case ValuesRule():
            for value, points in rule.values.items():
                yield value, points, rule.model_copy(update={"values": {value: 1}, "otherwise": 0})
        case FirstRule():
            for index, option in enumerate(rule.first):
                before = [one.model_copy(update={"points": 0}) for one in rule.first[:index]]
                lines = (*before, option.model_copy(update={"points": 1}))
                yield f"line {index + 1}", option.points, rule.model_copy(update={"first": lines, "otherwise": 0})
