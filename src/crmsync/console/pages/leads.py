"""Leads found by name, company, e-mail, record id or the address of their page in the CRM."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request

from crmsync.console.shown import Elsewhere, Shown, part_asked
from crmsync.console.site import Site
from crmsync.console.visitor import visitor_of
from crmsync.operations.explain.search import SHORTEST, found_leads
from crmsync.settings import Settings

MOST = 25


def leads(_site: Site, settings: Settings, request: Request) -> Shown | Elsewhere:
    """The field to search by and what it found; the lead itself where there is one, and the whole page is asked."""
    sought = request.query_params.get("sought", "")[:500]
    found = found_leads(settings, sought, most=MOST, by_words=not visitor_of(request).hidden)
    if len(found) == 1 and not part_asked(request):
        return Elsewhere(f"/leads/{quote(found[0].connection, safe='')}/{quote(found[0].lead, safe='')}")
    values = {"sought": sought, "found": found, "shortest": SHORTEST, "most": MOST}
    return Shown("found_leads.html" if part_asked(request) else "leads.html", values)
