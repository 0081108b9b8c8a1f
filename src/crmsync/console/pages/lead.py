"""One lead: why it stands where it stands, what is known of it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from starlette.requests import Request

from crmsync.connection.named_leads import NotStored
from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.operations.explain.lead import LeadStory, explain_leads
from crmsync.operations.history.lead_history import Entry, History, history_of_lead
from crmsync.progress import silent
from crmsync.settings import Settings
from crmsync.showing.explain.owner_parts import hand_off_told, pools_turn_told, turn_told
from crmsync.showing.explain.story_steps import told_steps
from crmsync.showing.explain.story_words import cut_told, evidence_told, rules_told, span_told
from crmsync.tongue import Tongue


def lead(site: Site, settings: Settings, request: Request) -> Shown:
    """What `crmsync explain` and `crmsync history` tell of it. Raises `UsageError` for one that is not stored."""
    connection, named = request.path_params["connection"], request.path_params["lead"]
    tongue = site.tongue(settings)
    past = history_of_lead(settings, named, (connection,))
    story = _story(site, settings, connection, named, tongue)
    return Shown(
        "lead.html",
        {
            "connection": connection,
            "lead": named,
            "name": story.name if story else past.lead_names.get(named, ""),
            "story": story,
            "told": _told(story, tongue) if story else None,
            "changes": _changes(past),
            "past": past,
            "names": past.user_names,
        },
    )


def _story(site: Site, settings: Settings, connection: str, named: str, tongue: Tongue) -> LeadStory | None:
    """Null for a lead that has left the working set. The CRM is never asked."""
    stories = explain_leads(
        settings, connection, (named,), as_of=None, now=site.now, progress=silent, tongue=tongue, ask=False
    )
    try:
        return next(stories, None)
    except NotStored:
        return None


def _told(story: LeadStory, tongue: Tongue) -> dict[str, object]:
    """What of the story is worded by what words it for terminals, too."""
    told, owner = story.explanation, story.owner_story
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
        "evidence": [(each.day, evidence_told(each, tongue)) for each in story.activities],
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
        "hand_offs": [hand_off_told(line, tongue) for line in owner.hand_offs],
        "label": {step.stage: step.label for step in told.ladder},
    }


def _changes(past: History) -> list[tuple[Entry, list[Entry]]]:
    """Each run's change with its fields, the newest first."""
    return grouped(reversed(past.entries))


def grouped(entries: Iterable[Entry]) -> list[tuple[Entry, list[Entry]]]:
    """One for each lead in each run, with all its fields."""
    groups = [list(some) for _, some in groupby(entries, key=lambda it: (it.connection, it.run, it.lead))]
    return [(some[0], some) for some in groups]
