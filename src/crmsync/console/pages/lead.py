"""One lead: why it stands where it stands, what is known of it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from starlette.requests import Request

from crmsync.connection.named_leads import NotStored
from crmsync.console.background import StillComputing
from crmsync.console.chosen import named_lead, stored_lead
from crmsync.console.hidden_words import left_alone_told
from crmsync.console.kept import state_of
from crmsync.console.lead_story import story_of
from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.console.visitor import visitor_of
from crmsync.operations.explain.course import course_of
from crmsync.operations.explain.lead import LeadStory
from crmsync.operations.explain.ways_up import explained_with_ways
from crmsync.operations.history.lead_history import Entry, LeadHistory, history_of_lead
from crmsync.settings import Settings
from crmsync.showing.explain.course_chart import course_chart, course_rows
from crmsync.showing.explain.owner_parts import hand_off_told, pools_turn_told, turn_told
from crmsync.showing.explain.story_steps import told_steps
from crmsync.showing.explain.story_words import cut_told, evidence_told, rules_told, span_told
from crmsync.store import Overruled, StageMove, Store
from crmsync.tongue import Tongue
from crmsync.values import replace


@dataclass(frozen=True, slots=True)
class Happening:
    """An activity in words (`kind` activity), a change of stage, or a value of ours that was replaced."""

    day: date | None
    kind: str
    words: str = ""
    move: StageMove | None = None
    overruled: Overruled | None = None


def lead(site: Site, settings: Settings, request: Request) -> Shown:
    """What `crmsync explain` and `crmsync history` tell of it. Raises `UsageError` for one that is not stored."""
    connection, named = request.path_params["connection"], named_lead(request)
    tongue = site.tongue(settings)
    past = history_of_lead(settings, named, (connection,))
    story = _story(site, settings, connection, named)
    if story is not None:
        named = story.explanation.lead  # by its id, whichever way the address names it
    hidden = visitor_of(request).hidden
    return Shown(
        "lead.html",
        {
            "connection": connection,
            "lead": named,
            "name": story.name if story else past.lead_names.get(named, ""),
            "story": story,
            "told": _told(story, tongue, hidden=hidden) if story else None,
            "left_alone": left_alone_told(story.left_alone if story else None, tongue, hidden=hidden),
            "changes": _changes(past),
            "timeline": _timeline(story, past, tongue, hidden=hidden),
            "past": past,
            "names": past.user_names,
            "labels": past.labels,
            "waits": _waits(settings, connection, named),
        },
    )


def _waits(settings: Settings, connection: str, named: str) -> bool:
    """Whether the plan that waits has a change of this lead that nobody has approved yet."""
    with closing(Store(settings.store)) as store:
        kept = store.plans.of(connection)
        found = None if kept is None else store.plans.one(connection, kept.id, named)
    return found is not None and found.outcome is None


def _story(site: Site, settings: Settings, connection: str, named: str) -> LeadStory | None:
    """Null for a lead that has left the working set."""
    try:
        return story_of(site, settings, connection, named)
    except NotStored:
        return None


def _told(story: LeadStory, tongue: Tongue, *, hidden: bool) -> dict[str, object]:
    """What of the story is worded by what words it for terminals, too. `hidden`: without what people wrote of it."""
    told, owner = story.explanation, story.owner_story
    hand_offs = owner.hand_offs
    if hidden:
        hand_offs = tuple(replace(line, hand_off=replace(line.hand_off, reason=None)) for line in hand_offs)
    move = owner.move
    return {
        "steps": told_steps(told),
        "scores": [
            {
                "label": score.label or score.name,
                "points": span_told(*score.points, tongue),
                "band": score.band,
                "rules": list(rules_told(score, tongue)),
                "cut": cut_told(score.cut, tongue) if score.cut else "",
            }
            for score in told.points
        ],
        "turns": [
            line
            for line in (
                turn_told(move.routing, tongue),
                pools_turn_told(move.routing.pool, move.routing.between, tongue) if move.routing.between else None,
            )
            if line
        ]
        if move
        else [],
        "hand_offs": [hand_off_told(line, tongue) for line in hand_offs],
        "label": {step.stage: step.label for step in told.ladder},
    }


def _timeline(
    story: LeadStory | None, past: LeadHistory, tongue: Tongue, *, hidden: bool
) -> list[tuple[date | None, list[Happening]]]:
    """What happened with it and to it, the newest day first; days that are not known last."""
    told = [Happening(move.day, "stage", move=move) for _, _, move in past.moves]
    told += [Happening(each.day, "replaced", overruled=each) for _, each in past.overruled]
    if story is not None and not hidden:
        told += [Happening(each.day, "activity", evidence_told(each, tongue)) for each in story.activities]
    days: dict[date | None, list[Happening]] = {}
    for each in sorted(told, key=lambda it: it.day or date.min, reverse=True):
        days.setdefault(each.day, []).append(each)
    return list(days.items())


def ways(site: Site, settings: Settings, request: Request) -> Shown:
    """What would bring it to the next stage: a part that comes behind the page, or a page of its own."""
    connection, named = request.path_params["connection"], named_lead(request)
    told = explained_with_ways(settings, connection, named, now=site.now, tongue=site.tongue(settings))
    label = {step.stage: step.label for step in told.ladder}
    return Shown("ways.html", {"connection": connection, "lead": named, "it": told, "label": label})


def course(site: Site, settings: Settings, request: Request) -> Shown:
    """How its points went and will go: a part that comes behind the page, or a page of its own."""
    connection, named = request.path_params["connection"], stored_lead(settings, request)
    state = state_of(settings, connection, site.now)
    found = site.background.of(
        f"course {connection} {named}",
        state,
        lambda progress: course_of(settings, connection, named, now=site.now, progress=progress),
    )
    computing = isinstance(found, StillComputing)
    values = {"connection": connection, "lead": named, "standing": found, "path": request.url.path, "it": None}
    if computing:
        return Shown("course.html", {**values, "computing": computing})
    tongue = site.tongue(settings)
    head, rows = course_rows(found, tongue)
    told = {"chart": course_chart(found, tongue), "head": head, "rows": rows}
    return Shown("course.html", {**values, **told, "computing": False, "it": found})


def _changes(past: LeadHistory) -> list[tuple[Entry, list[Entry]]]:
    """Each run's change with its fields, the newest first."""
    return grouped(reversed(past.entries))


def grouped(entries: Iterable[Entry]) -> list[tuple[Entry, list[Entry]]]:
    """One for each lead in each run, with all its fields."""
    groups = [list(some) for _, some in groupby(entries, key=lambda it: (it.connection, it.run, it.lead))]
    return [(some[0], some) for some in groups]
