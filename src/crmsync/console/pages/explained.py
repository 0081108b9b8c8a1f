"""Why a lead is to stand where a plan puts it: the ladder's conditions with their evidence, by the stored facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync.console.site import Site
from crmsync.errors import CrmsyncError
from crmsync.operations.explain.lead import explain_leads
from crmsync.progress import silent
from crmsync.settings import Settings
from crmsync.showing.explain.story_steps import told_steps


def explained(site: Site, settings: Settings, connection: str, lead: str) -> Mapping[str, Any] | None:
    """Null for a lead that has left the working set. The CRM is never asked."""
    tongue = site.tongue(settings)
    try:
        stories = explain_leads(
            settings,
            connection,
            (lead,),
            as_of=None,
            now=site.now,
            progress=silent,
            tongue=tongue,
            up=False,
            ask=False,
        )
        story = next(stories, None)
    except CrmsyncError:
        return None
    return None if story is None else {"why": story.explanation.why, "steps": told_steps(story.explanation)}
