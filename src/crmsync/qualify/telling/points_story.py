"""How a lead's scores came about: rule by rule, activity by activity, and what caps took away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmsync.qualify.columns.builder import key_of
from crmsync.qualify.criteria import Vocabulary, plain, sentence_of
from crmsync.qualify.engine.ageing import Contribution
from crmsync.qualify.engine.compile import Unit
from crmsync.qualify.engine.point_rules import points_column
from crmsync.qualify.engine.scoring import CompiledScore
from crmsync.qualify.language.scores import ActivityRule, FirstRule, Rule, SilenceRule, ValuesRule, WhenRule
from crmsync.qualify.telling.counted_once import ActivityMatch, counted_in_days, counted_once
from crmsync.qualify.telling.explanation import Evidence, RuleStory, ScoreStory
from crmsync.qualify.terms.once_per import once_words
from crmsync.qualify.terms.points import milli


def stories_of(
    unit: Unit, words: Vocabulary, columns: Mapping[str, Any], activities: list[dict[str, Any]]
) -> tuple[ScoreStory, ...]:
    """One story for each score. `columns`: the lead's evaluated row; `activities`: with flags and points."""
    return tuple(_story(unit.scores[name], words, columns, activities) for name in unit.policy.scores)


def rule_words(rule: Rule, words: Vocabulary) -> str:
    """A rule's name, or what it gives points for."""
    tongue = words.tongue
    if rule.name:
        return tongue.own(rule.name)
    match rule:
        case WhenRule():
            return sentence_of(rule.when, words)
        case ActivityRule():
            told = rule.activities.told(tongue)
            return told if rule.once_per is None else f"{told}, {once_words(rule.once_per, tongue)}"
        case SilenceRule():
            return tongue.say("silence since the latest {activity}", activity=rule.silence.told(tongue))
        case ValuesRule():
            return f"{words.facts[rule.fact]} ({', '.join(plain(value, tongue) for value in rule.values)})"
        case FirstRule():
            listing = "; ".join(sentence_of(option.when, words) for option in rule.first)
            return tongue.say("the first of: {listing}", listing=listing)


def _story(
    score: CompiledScore, words: Vocabulary, columns: Mapping[str, Any], activities: list[dict[str, Any]]
) -> ScoreStory:
    points = (columns[f"score.{score.name}.low"], columns[f"score.{score.name}.high"])
    label = words.scores[score.name]
    if score.parts:
        rules = tuple(
            RuleStory(
                f"{words.tongue.figures(units / 1000, 6)} × {words.scores[part.name]}",
                (columns[f"score.{part.name}.low"], columns[f"score.{part.name}.high"]),
            )
            for units, part in score.parts
        )
        return ScoreStory(score.name, points, columns.get(f"band.{score.name}"), rules, label=label)
    rules = tuple(_rule_story(one, words, columns, activities) for one in score.contributions)
    cut = sum(rule.points[0] for rule in rules) - points[0]
    return ScoreStory(score.name, points, columns.get(f"band.{score.name}"), rules, cut, label)


def _rule_story(
    one: Contribution, words: Vocabulary, columns: Mapping[str, Any], activities: list[dict[str, Any]]
) -> RuleStory:
    ends = (columns[one.low], columns[one.high])
    told = rule_words(one.rule, words)
    if isinstance(one.rule, SilenceRule):
        return RuleStory(told, ends, tuple(_perhaps_latest(one, one.rule, activities)))
    if not isinstance(one.rule, ActivityRule):
        return RuleStory(told, ends)
    counted = tuple(_counted(one.rule, activities))
    certain = sum(points for evidence, _, points in counted if evidence.certain)
    sure = ends[0] if one.positive else ends[1]
    return RuleStory(told, ends, counted, certain - sure, milli(one.rule.points))


def _counted(rule: ActivityRule, activities: list[dict[str, Any]]) -> Iterator[tuple[Evidence, int, int]]:
    """Those that match, youngest first: one of which another one takes the place gives nothing."""
    key, column = key_of(rule.activities), points_column(rule)
    matching = [
        ActivityMatch(activity, activity[f"#certain {key}"], activity[column])
        for activity in activities
        if activity[f"#possible {key}"]
    ]
    if rule.group is not None:
        matching = counted_once(matching, rule.group)
    if rule.once_in_days is not None:
        matching = counted_in_days(matching, rule.once_in_days)
    for match in matching:
        yield _evidence(match.activity, certain=match.certain), match.activity["#age"], match.points


def _perhaps_latest(
    one: Contribution, rule: SilenceRule, activities: list[dict[str, Any]]
) -> Iterator[tuple[Evidence, int, int]]:
    """Those that may be the latest match, youngest first, with the points if it is."""
    assert one.silence is not None
    key = key_of(rule.silence)
    for activity in activities:
        if activity[f"#possible {key}"]:
            certain, age = activity[f"#certain {key}"], activity["#age"]
            yield _evidence(activity, certain=certain), age, one.silence.after(age)
            if certain:
                return


def _evidence(activity: Mapping[str, Any], *, certain: bool) -> Evidence:
    return Evidence(activity=activity["activity"], kind=activity["kind"], day=activity["day"], certain=certain)
