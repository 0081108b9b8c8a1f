"""Why a lead is to stand where a plan puts it: the ladder's conditions with their evidence, by the stored facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync.console.lead_story import story_of
from crmsync.console.site import Site
from crmsync.errors import CrmsyncError
from crmsync.settings import Settings
from crmsync.showing.explain.story_steps import told_steps


def explained(site: Site, settings: Settings, connection: str, lead: str) -> Mapping[str, Any] | None:
    """Null for a lead that has left the working set. The CRM is never asked."""
    try:
        story = story_of(site, settings, connection, lead)
    except CrmsyncError:
        return None
    return {"why": story.explanation.why, "steps": told_steps(story.explanation)}
