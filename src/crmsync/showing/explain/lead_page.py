"""Explanations as one HTML file: each lead's story, and the way it would take through the roster's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crmsync.operations.explain.lead import LeadStory, LeadsWay
from crmsync.operations.policy.routing_rules import NEW_LEAD, RuleShown, RulesOfKind
from crmsync.route.placing.placing import Tried
from crmsync.showing.explain.story import story_parts
from crmsync.showing.figures import page, table
from crmsync.showing.foreign_text import for_html
from crmsync.showing.rendering import rendered
from crmsync.showing.routing.picture import STYLE, Lit, picture
from crmsync.showing.routing.rule_words import kind_words, when_words

_STORY = "pre.story { white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.45 ui-monospace, monospace; }"
_OUTCOMES = {
    "skipped": "skipped, not met or not known: {words}",
    "passed_on": "found nobody: {words}",
    "waits": "found nobody, and no other rule may take over: {words}",
    "gave": "gives it: {words}",
}
_SHORT = {"skipped": "skipped", "passed_on": "found nobody", "waits": "found nobody: it waits", "gave": "gives it"}


def lead_pages(stories: Iterable[LeadStory]) -> str:
    """All of them on one page."""
    return page("Why these leads stand where they stand", _parts(stories))


def _parts(stories: Iterable[LeadStory]) -> Iterator[str]:
    yield f"<style>{STYLE}{_STORY}</style>"
    for number, story in enumerate(stories):
        named = " · ".join(part for part in (story.explanation.lead, story.name) if part)
        yield f"<h2>{for_html(named)}</h2>"
        if story.way is not None:
            yield from _way(story.way, number)
        yield "<h3>Why it stands where it stands</h3>"
        told = "\n".join(for_html(line) for line in rendered(*story_parts(story)).splitlines())
        yield f'<pre class="story">{told.strip()}</pre>'


def _way(way: LeadsWay, number: int) -> Iterator[str]:
    yield "<h3>Which way it would go now</h3>"
    if not way.way.tried:
        yield "<p>No rule is asked: it is below the hand-off and has an owner, or is left alone.</p>"
        return
    kind = next(each for each in way.rules.kinds if each.kind == (way.way.hand_over or NEW_LEAD))
    yield (
        f"<p>{for_html(kind_words(kind.kind))}, if it were placed now: to "
        f"<strong>{for_html(way.person or 'nobody')}</strong>. {for_html(way.way.reason)}</p>"
    )
    yield picture(way.rules, kind, number, _lit(way, kind))
    yield table(("Rule", "When", "What becomes of the lead"), _rows(kind, way.way.tried))


def _target(way: LeadsWay, rule: RuleShown) -> str | None:
    """The box that the lead went through: a queue, or the pool whose turn it was or that holds the person."""
    if rule.queue is not None:
        return f"queue {rule.queue}"
    pools = [name for name, _ in rule.pools]
    holding = [name for name in pools if way.person in way.rules.pools.get(name, ())]
    return next((f"pool {name}" for name in (way.way.pool, *holding) if name in pools), None)


def _lit(way: LeadsWay, kind: RulesOfKind) -> Lit:
    marks = {step.rule: _SHORT[step.outcome] for step in way.way.tried if step.rule is not None}
    gave = next((step for step in way.way.tried if step.outcome == "gave"), None)
    return Lit(
        marks=marks,
        skipped=frozenset(step.rule for step in way.way.tried if step.rule and step.outcome == "skipped"),
        rule=gave.rule if gave else None,
        target=_target(way, kind.rules[gave.rule - 1]) if gave and gave.rule else None,
        person=way.person,
        last=gave is None and not any(step.outcome == "waits" for step in way.way.tried),
    )


def _rows(kind: RulesOfKind, tried: Iterable[Tried]) -> Iterator[tuple[str, str, str]]:
    steps = {step.rule: _OUTCOMES[step.outcome].format(words=step.words) for step in tried}
    if None in steps:
        yield "–", "a lead of the same person or company", steps[None]
    for rule in kind.rules:
        yield str(rule.number), when_words(rule), steps.get(rule.number, "not asked any more")
