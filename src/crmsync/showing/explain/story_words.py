"""Parts of a lead's story in words: evidence, points, and what limits took away."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.qualify.criteria import plain
from crmsync.qualify.telling.explanation import Evidence, RuleStory, ScoreStory
from crmsync.tongue import Tongue

MOST_EVIDENCE = 3
"""Pieces of evidence that are told of a condition or a rule; the others are counted."""


def evidence_told(evidence: Evidence, tongue: Tongue) -> str:
    """A fact and its value, a score, or an activity."""
    say = tongue.say
    if evidence.fact is not None:
        value = say("not known") if evidence.value is None else evidence.shown or plain(evidence.value, tongue)
        return f"{evidence.label or evidence.fact}: {value}"
    if evidence.score is not None:
        return f"{evidence.label or evidence.score}: {span_told(*(evidence.points or (0, 0)), tongue)}"
    doer = tongue.own(evidence.by_role) if evidence.by_role else evidence.by
    day = tongue.day(evidence.day) if evidence.day else ""
    happened = say("{activity} on {day}", activity=plain(evidence.kind, tongue), day=day)
    details = [plain(word, tongue) for word in (evidence.outcome, evidence.direction) if word]
    details += [say("about {thing}", thing=tongue.own(evidence.about))] if evidence.about else []
    words = ", ".join([happened, *details, *([say("by {role}", role=doer)] if doer else [])])
    return words if evidence.certain else f"{words} ({say('perhaps: not everything about it is known')})"


def rules_told(score: ScoreStory, tongue: Tongue) -> Iterator[tuple[str, list[str]]]:
    """Each rule that gave something or counts activities, and the activities behind it."""
    for rule in score.rules:
        if rule.points != (0, 0) or rule.activities:
            yield f"{rule.rule}: {span_told(*rule.points, tongue)}", list(_activities(rule, tongue))


def _activities(rule: RuleStory, tongue: Tongue) -> Iterator[str]:
    say, say_many = tongue.say, tongue.say_many
    for evidence, age, points in rule.activities[:MOST_EVIDENCE]:
        given = _points(points, tongue)
        if rule.each not in (None, points):
            given = say("{points} of {full}", points=given, full=_points(rule.each or 0, tongue))
        when = say("today") if age == 0 else _ago(age, tongue)
        perhaps = "" if evidence.certain else f", {say('perhaps')}"
        yield f"{plain(evidence.kind, tongue)} {when}: {given}{perhaps}"
    if len(rule.activities) > MOST_EVIDENCE:
        rest = rule.activities[MOST_EVIDENCE:]
        more = say_many("… and {number} more", "… and {number} more", len(rest))
        yield f"{more}: {_points(sum(points for _, _, points in rest), tongue)}"
    if rule.cut:
        yield say("the rule's cap took {points}", points=_points(abs(rule.cut), tongue))


def cut_told(cut: int, tongue: Tongue) -> str:
    """What caps and floors of a score and its groups changed."""
    points = _points(abs(cut), tongue)
    if cut > 0:
        return tongue.say("limits of the score and its groups took {points}", points=points)
    return tongue.say("limits of the score and its groups added {points}", points=points)


def _ago(days: int, tongue: Tongue) -> str:
    return tongue.say_many("{number} day ago", "{number} days ago", days)


def _points(milli: int, tongue: Tongue) -> str:
    """Milli-points as points."""
    return tongue.figures(milli / 1000)


def span_told(low: int, high: int, tongue: Tongue) -> str:
    """Two ends where facts are not known."""
    if low == high:
        return _points(low, tongue)
    return tongue.say("{low} to {high}", low=_points(low, tongue), high=_points(high, tongue))
