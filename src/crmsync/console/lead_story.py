"""A lead's story as pages ask for it: of what is stored, in the reader's language, without its ways up."""

from __future__ import annotations

from crmsync.console.site import Site
from crmsync.operations.explain.lead import LeadStory, explain_leads
from crmsync.progress import silent
from crmsync.settings import Settings


def story_of(site: Site, settings: Settings, connection: str, lead: str, *, ways: bool = False) -> LeadStory:
    """`lead`, `ways` and what is raised are those of `explain_leads`. The CRM is never asked."""
    tongue = site.tongue(settings)
    return next(
        explain_leads(
            settings,
            connection,
            (lead,),
            as_of=None,
            now=site.now,
            progress=silent,
            tongue=tongue,
            up=False,
            ways=ways,
            ask=False,
        )
    )
