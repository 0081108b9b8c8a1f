"""Who gets which lead: rules as a picture, people with their load, shares against targets, and one lead's path."""

from __future__ import annotations

from contextlib import closing

from markupsafe import Markup
from starlette.requests import Request

from crmsync.console.background import StillComputing
from crmsync.console.chosen import chosen_connection, read_by, stored_lead, the_stored
from crmsync.console.kept import state_of
from crmsync.console.lead_story import story_of
from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.console.templating import as_html
from crmsync.errors import UsageError
from crmsync.operations.explain.lead import LeadsWay
from crmsync.operations.policy.routing_rules import RoutingRules, RulesOfKind, rules_shown
from crmsync.operations.report.load import LoadReport, load_reports
from crmsync.operations.run.ready import NeverRead, stored
from crmsync.progress import Progress
from crmsync.settings import Settings
from crmsync.showing.explain.lead_page import WAY_HEAD, kind_of, lit, way_rows
from crmsync.showing.routing.away_words import away_words
from crmsync.showing.routing.picture import Lit, picture
from crmsync.showing.routing.rule_words import HEAD, kind_words, pool_rows, rule_rows
from crmsync.store import Store
from crmsync.tongue import Tongue

OF_A_LEAD = 1_000
"""The number of its picture, beside those of the kinds of rules."""
SOON = 6
"""So many absences of a person are told."""


def routing(site: Site, settings: Settings, request: Request) -> Shown:
    """The rules that `crmsync policy routing` draws, and what `crmsync report load` tells."""
    connection = chosen_connection(settings, request)
    tongue = site.tongue(settings)
    rules, load = _rules_and_load(site, settings, connection)
    lead = request.query_params.get("lead", "").strip()[:500]
    return Shown(
        "routing.html",
        {
            "connection": connection,
            "connections": list(settings.configured),
            "rules": rules,
            "kinds": [_kind(rules, kind, number, tongue) for number, kind in enumerate(rules.kinds)],
            "head": HEAD,
            "pools": pool_rows(rules, tongue),
            "load": load,
            "away": _away(load, tongue) if load else {},
            "lead": lead,
            "unknown": _unknown(settings, request, connection, lead) if lead else None,
            "open": settings.roster.rejoin,
            "waits": _open_changes(settings, connection),
        },
    )


def _unknown(settings: Settings, request: Request, connection: str, lead: str) -> str | None:
    """Why no path can be lit, where somebody names a lead that is not stored, or that they may not name so."""
    try:
        the_stored(settings, connection, read_by(request, lead))
    except UsageError as error:
        return error.message
    return None


def _open_changes(settings: Settings, connection: str) -> int:
    """Of the plan that waits there."""
    with closing(Store(settings.store)) as store:
        plan = store.plans.of(connection)
    return plan.open if plan is not None else 0


def way(site: Site, settings: Settings, request: Request) -> Shown:
    """Which way one lead would go now: a part of the pages on leads and on routing, or a page of its own."""
    connection, lead = request.path_params["connection"], stored_lead(settings, request)
    tongue = site.tongue(settings)

    def looked(_progress: Progress) -> tuple[str, LeadsWay | None]:
        story = story_of(site, settings, connection, lead, ways=True)
        return story.name, story.way

    state = state_of(settings, connection, site.now)
    found = site.background.of(f"way {tongue.code} {connection} {lead}", state, looked)
    values = {"connection": connection, "lead": lead, "standing": found, "path": request.url.path, "way": None}
    if isinstance(found, StillComputing):
        return Shown("way.html", {**values, "name": lead})
    name, told = found
    values |= {"name": name or lead, "way": told.way if told else None}
    if told is not None and told.way.tried:
        kind = kind_of(told)
        values |= {
            "kind": kind_words(kind.kind, tongue),
            "picture": _picture(told.rules, kind, OF_A_LEAD, lit(told, kind, tongue), tongue),
            "head": WAY_HEAD,
            "rows": list(way_rows(kind, told.way.tried, tongue)),
            "person": told.person,
        }
    return Shown("way.html", values)


def _rules_and_load(site: Site, settings: Settings, connection: str) -> tuple[RoutingRules, LoadReport | None]:
    """Before the CRM was read, as the file has them, and nobody's load."""
    file = settings.roster_document.file
    try:
        with closing(Store(settings.store)) as store:
            roster = stored(settings, settings.connection(connection), store).roster
    except NeverRead:
        return rules_shown(settings.roster, file), None
    [load] = load_reports(settings, (connection,), as_of=None, now=site.now, tongue=site.tongue(settings))
    return rules_shown(roster.roster, file, roster.people_in_pools), load


def _kind(rules: RoutingRules, kind: RulesOfKind, number: int, tongue: Tongue) -> dict[str, object]:
    return {
        "name": kind_words(kind.kind, tongue),
        "picture": _picture(rules, kind, number, None, tongue) if kind.rules else None,
        "rows": rule_rows(kind, rules.otherwise, tongue),
    }


def _picture(rules: RoutingRules, kind: RulesOfKind, number: int, path: Lit | None, tongue: Tongue) -> Markup:
    """Its texts are cleaned and escaped where it is drawn."""
    return as_html(picture(rules, kind, number, path, tongue=tongue))


def _away(load: LoadReport, tongue: Tongue) -> dict[str, list[str]]:
    """Person → absences that are not over yet, in words."""
    return {
        each.key: [
            away_words(stretch, each.member.person.zone, tongue)
            for stretch in each.member.away
            if stretch.end > load.at
        ][:SOON]
        for each in load.people
        if each.member
    }
