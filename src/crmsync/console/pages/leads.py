"""Leads found by name, company, e-mail, record id or the address of their page in the CRM."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import quote

from starlette.requests import Request

from crmsync.console.shown import Elsewhere, Shown, part_asked
from crmsync.console.site import Site
from crmsync.console.visitor import visitor_of
from crmsync.operations.explain.search import SHORTEST, found_leads
from crmsync.settings import Settings
from crmsync.store import Store

MOST = 25


def leads(_site: Site, settings: Settings, request: Request) -> Shown | Elsewhere:
    """The field to search by and what it found; the lead itself where there is one, and the whole page is asked."""
    sought = request.query_params.get("sought", "")[:500]
    found = found_leads(settings, sought, most=MOST, by_words=not visitor_of(request).hidden)
    if len(found) == 1 and not part_asked(request):
        return Elsewhere(f"/leads/{quote(found[0].connection, safe='')}/{quote(found[0].lead, safe='')}")
    values = {"sought": sought, "found": found, "shortest": SHORTEST, "most": MOST}
    values["unread"] = () if found else _nothing_stored_of(settings)
    return Shown("found_leads.html" if part_asked(request) else "leads.html", values)


def _nothing_stored_of(settings: Settings) -> tuple[str, ...]:
    """All connections where no lead of any is stored: whoever looks for one has to have them read first."""
    with closing(Store(settings.store)) as store:
        names = tuple(settings.configured)
        return () if any(store.facts.leads_of_connection(name, limit=1) for name in names) else names
