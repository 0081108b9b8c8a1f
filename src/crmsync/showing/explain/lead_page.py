"""Explanations as one HTML file: each lead's story, and the way it would take through the roster's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crmsync.operations.explain.lead import LeadStory, LeadsWay
from crmsync.operations.policy.routing_rules import NEW_LEAD, RuleShown, RulesOfKind
from crmsync.route.placing.placing import RuleTried
from crmsync.showing.explain.story import story_parts
from crmsync.showing.foreign_text import for_html
from crmsync.showing.rendering import rendered
from crmsync.showing.report_page import page, table
from crmsync.showing.routing.picture import STYLE, Lit, picture
from crmsync.showing.routing.rule_words import kind_words, when_words
from crmsync.tongue import ENGLISH, Tongue, to_say

_STORY = "pre.story { white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.45 ui-monospace, monospace; }"
WAY_HEAD = (to_say("Rule"), to_say("When"), to_say("What becomes of the lead"))
_OUTCOMES = {
    "skipped": to_say("skipped, not met or not known: {words}"),
    "passed_on": to_say("found nobody: {words}"),
    "waits": to_say("found nobody, and no other rule may take over: {words}"),
    "gave": to_say("gives it: {words}"),
}
_SHORT = {
    "skipped": to_say("skipped"),
    "passed_on": to_say("found nobody"),
    "waits": to_say("found nobody: it waits"),
    "gave": to_say("gives it"),
}


def lead_pages(stories: Iterable[LeadStory]) -> str:
    """All of them on one page, in the language of their explanations."""
    told = list(stories)
    tongue = told[0].explanation.tongue if told else ENGLISH
    return page(tongue.say("Why these leads stand where they stand"), _parts(told), tongue)


def _parts(stories: Iterable[LeadStory]) -> Iterator[str]:
    yield f"<style>{STYLE}{_STORY}</style>"
    for number, story in enumerate(stories):
        named = " · ".join(part for part in (story.explanation.lead, story.name) if part)
        yield f"<h2>{for_html(named)}</h2>"
        if story.way is not None:
            yield from _way(story.way, number, story.explanation.tongue)
        yield f"<h3>{for_html(story.explanation.tongue.say('Why it stands where it stands'))}</h3>"
        told = "\n".join(for_html(line) for line in rendered(*story_parts(story)).splitlines())
        yield f'<pre class="story">{told.strip()}</pre>'


def _way(way: LeadsWay, number: int, tongue: Tongue) -> Iterator[str]:
    say = tongue.say
    yield f"<h3>{for_html(say('Which way it would go now'))}</h3>"
    if not way.way.tried:
        told = say("No rule is asked: it is below the hand-off and has an owner, or is left alone.")
        yield f"<p>{for_html(told)}</p>"
        return
    kind = kind_of(way)
    told = say("{kind}, if it were placed now: to {person}.", kind=kind_words(kind.kind, tongue), person="{person}")
    person = f"<strong>{for_html(way.person or say('nobody'))}</strong>"
    yield f"<p>{for_html(told).replace('{person}', person)} {for_html(way.way.reason)}</p>"
    yield picture(way.rules, kind, number, lit(way, kind, tongue), tongue=tongue)
    yield table(tuple(map(say, WAY_HEAD)), way_rows(kind, way.way.tried, tongue))


def kind_of(way: LeadsWay) -> RulesOfKind:
    """The rules that it would go through."""
    return next(each for each in way.rules.kinds if each.kind == (way.way.hand_over or NEW_LEAD))


def _target(way: LeadsWay, rule: RuleShown) -> str | None:
    """The box that the lead went through: a queue, or the pool whose turn it was or that holds the person."""
    if rule.queue is not None:
        return f"queue {rule.queue}"
    pools = [name for name, _ in rule.pools]
    holding = [name for name in pools if way.person in way.rules.pools.get(name, ())]
    return next((f"pool {name}" for name in (way.way.pool, *holding) if name in pools), None)


def lit(way: LeadsWay, kind: RulesOfKind, tongue: Tongue) -> Lit:
    """What of the picture is on its way."""
    marks = {step.rule: tongue.say(_SHORT[step.outcome]) for step in way.way.tried if step.rule is not None}
    gave = next((step for step in way.way.tried if step.outcome == "gave"), None)
    return Lit(
        marks=marks,
        skipped=frozenset(step.rule for step in way.way.tried if step.rule and step.outcome == "skipped"),
        rule=gave.rule if gave else None,
        target=_target(way, kind.rules[gave.rule - 1]) if gave and gave.rule else None,
        person=way.person,
        last=gave is None and not any(step.outcome == "waits" for step in way.way.tried),
    )


def way_rows(kind: RulesOfKind, tried: Iterable[RuleTried], tongue: Tongue) -> Iterator[tuple[str, str, str]]:
    """What becomes of it at each rule."""
    steps = {step.rule: tongue.say(_OUTCOMES[step.outcome], words=step.words) for step in tried}
    if None in steps:
        yield "–", tongue.say("a lead of the same person or company"), steps[None]
    for rule in kind.rules:
        yield str(rule.number), when_words(rule, tongue), steps.get(rule.number, tongue.say("not asked any more"))
