"""How each connection stands, where its leads are, and whom to contact first."""

from __future__ import annotations

from contextlib import closing

from starlette.requests import Request

from crmsync.console.background import StillComputing
from crmsync.console.kept import state_of
from crmsync.console.shown import Shown, part_asked
from crmsync.console.site import Site
from crmsync.operations.report.listing import ListingReport
from crmsync.operations.report.worklist import work_lists
from crmsync.operations.status.alerts import channel_lines
from crmsync.operations.status.population import populations
from crmsync.operations.status.standing import statuses
from crmsync.progress import Progress
from crmsync.settings import Settings
from crmsync.store import Store

FIRST = 8


def home(site: Site, settings: Settings, _request: Request) -> Shown:
    """What `crmsync status` tells, and the funnel."""
    found = statuses(settings, (), now=site.now, next_run=site.next_run)
    there = {each.connection: each for each in populations(settings)}
    connections = [(status, there[status.connection]) for status in found]
    with closing(Store(settings.store)) as store:
        waiting = {name: plan for name in settings.configured if (plan := store.plans.of(name)) and plan.open}
    values = {"connections": connections, "channels": channel_lines(settings), "waiting": waiting}
    return Shown("home.html", values)


def first_to_contact(site: Site, settings: Settings, request: Request) -> Shown:
    """A part of the page that comes behind it, as to rank all leads may take seconds; or a page of its own."""
    connection = request.path_params["connection"]

    def ranked(progress: Progress) -> ListingReport:
        lists = work_lists(
            settings,
            (connection,),
            stages=(),
            hand_over=None,
            show=FIRST,
            as_of=None,
            now=site.now,
            progress=progress,
        )
        return next(lists)

    found = site.background.of(f"first {connection}", state_of(settings, connection, site.now), ranked)
    listing = None if isinstance(found, StillComputing) else found.listings[0]
    template = "first_to_contact.html" if part_asked(request) else "first_to_contact_page.html"
    values = {"connection": connection, "listing": listing, "standing": found, "path": request.url.path}
    return Shown(template, values)
