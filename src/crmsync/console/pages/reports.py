"""What is counted of the stored leads: each report as its file shows it, and to take along."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from crmsync.console.background import StillComputing
from crmsync.console.chosen import chosen_connection
from crmsync.console.kept import state_of
from crmsync.console.report_answers import ReportAsked
from crmsync.console.report_choices import Chosen, fields
from crmsync.console.reports import REPORTS, ReportPage
from crmsync.console.shown import Elsewhere, Shown
from crmsync.console.site import Site
from crmsync.console.templating import as_html
from crmsync.console.visitor import visitor_of
from crmsync.errors import UsageError
from crmsync.settings import Settings
from crmsync.showing.explain.owner_parts import STATES
from crmsync.showing.report.hand_off_table import UNWATCHED
from crmsync.showing.report_page import within
from crmsync.tongue import ENGLISH, Tongue

_TYPES = {"html": "text/html", "csv": "text/csv", "json": "application/json"}


def reports(_site: Site, settings: Settings, request: Request) -> Shown:
    """All that there are."""
    return Shown("reports.html", {**_around(settings, request), "reports": REPORTS.values()})


def report(site: Site, settings: Settings, request: Request) -> Shown:
    """One of them. Raises `UsageError` for one that there is not."""
    page = _named(request)
    if page.template is None:  # templates keep names from those who may not read them
        _refuse_names(page, request)
    around = _around(settings, request)
    connection = around["connection"]
    chosen = _chosen(page, settings, request, connection)
    found = _answer(site, settings, page, connection, chosen, site.tongue(settings))
    ready = not isinstance(found, StillComputing)
    if ready and visitor_of(request).hidden:
        found = page.for_hidden(found, site.tongue(settings))
    told = None
    if ready and page.template is None:
        told = as_html(within(page.text(found, "html", chosen, site.tongue(settings))))
    return Shown(
        "report.html" if page.template is None or not ready else page.template,
        {
            **around,
            "page": page,
            "chosen": chosen,
            "fields": fields(
                page.choices,
                chosen,
                settings,
                connection,
                site.tongue(settings),
                hidden=visitor_of(request).hidden,
            ),
            "query": urlencode({"connection": connection, **chosen}),
            "standing": None if ready else found,
            "it": found[0] if ready and page.template else None,
            "told": told,
            "states": STATES,
            "unwatched": UNWATCHED,
        },
    )


def taken_along(site: Site, settings: Settings, request: Request) -> Shown | Elsewhere | Response:
    """The same as a file; the way back to its page, for now, while it is being made. Those for programs: in English.

    Raises `UsageError` for a form that it has not, or where it names leads to somebody who may not read who they are.
    """
    page, form = _named(request), request.path_params["form"]
    if form not in page.forms:
        raise UsageError(f"there is no such form of this report: {form}", hint=f"there are {', '.join(page.forms)}")
    _refuse_names(page, request)
    connection = chosen_connection(settings, request)
    chosen = _chosen(page, settings, request, connection)
    tongue = site.tongue(settings) if form == "html" else ENGLISH
    found = _answer(site, settings, page, connection, chosen, tongue)
    if isinstance(found, StillComputing):
        return Elsewhere(f"/reports/{page.name}?{urlencode({'connection': connection, **chosen})}", for_now=True)
    if visitor_of(request).hidden:
        found = page.for_hidden(found, tongue)
    name = f"{page.name}-{connection}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(page.text(found, form, chosen, tongue), media_type=_TYPES[form], headers=headers)


def _refuse_names(page: ReportPage, request: Request) -> None:
    if page.names_leads and visitor_of(request).hidden:
        raise UsageError("it tells who leads are, which is hidden from you", hint="ask an admin for another role")


def _chosen(page: ReportPage, settings: Settings, request: Request, connection: str) -> Chosen:
    """Raises `UsageError` for what those may not choose from whom personal data is hidden."""
    asked, hidden = request.query_params, visitor_of(request).hidden
    chosen = page.chosen(asked, settings, connection, hidden=hidden)
    facts = settings.connection(connection).mapping.fact_types
    if hidden and asked.get("by") in facts and chosen.get("by") != asked["by"]:
        raise UsageError("what leads' fields hold is hidden from you", hint="ask an admin for another role")
    return chosen


def _named(request: Request) -> ReportPage:
    name = request.path_params["report"]
    if name not in REPORTS:
        raise UsageError(f"there is no report {name}", hint=f"there are {', '.join(REPORTS)}")
    return REPORTS[name]


def _answer(site: Site, settings: Settings, page: ReportPage, connection: str, chosen: Chosen, tongue: Tongue) -> Any:
    """Or how far it is."""
    language = tongue.code if page.in_words else ""
    key = f"report {page.name} {language} {connection} {sorted(chosen.items())}"
    asked = ReportAsked(settings, connection, chosen, site.now, tongue)
    return site.background.of(key, state_of(settings, connection, site.now), lambda _progress: page.made(asked))


def _around(settings: Settings, request: Request) -> dict[str, Any]:
    return {"connection": chosen_connection(settings, request), "connections": list(settings.configured)}
