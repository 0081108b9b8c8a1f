"""How each connection stands, where its leads are, and whom to contact first."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from urllib.parse import quote

from starlette.requests import Request

from crmsync.console.background import StillComputing
from crmsync.console.kept import state_of
from crmsync.console.next_steps import Next
from crmsync.console.shown import Shown, part_asked
from crmsync.console.site import Site
from crmsync.operations.report.listing import ListingReport
from crmsync.operations.report.worklist import work_lists
from crmsync.operations.status.alerts import channel_lines
from crmsync.operations.status.population import populations
from crmsync.operations.status.standing import statuses
from crmsync.operations.status.status import Status
from crmsync.progress import Progress
from crmsync.settings import OpenNeed, Settings
from crmsync.store import Store
from crmsync.tongue import Tongue

FIRST = 8


_SEEN_ON_ITS_RUN = frozenset({"run_partial", "run_failed", "run_unfinished"})


def _its_page(tongue: Tongue, status: Status, need: OpenNeed) -> Next | None:
    """What a run has left is told on its own page, without another one; what a mapping has wrong, where it is mended.

    What `crmsync status` tells stands here already.
    """
    if need.kind == "files_wrong":
        return Next(tongue.say("Look at the mapping"), f"/mapping/{quote(status.connection, safe='')}")
    if need.command == f"crmsync status {status.connection}":
        return Next("")
    if need.kind not in _SEEN_ON_ITS_RUN or status.last is None:
        return None
    place = "#aside" if need.kind == "run_partial" else ""
    number = status.last.run.id
    return Next(tongue.say("Look at run {about}", about=number), f"/runs/{number}{place}")


def home(site: Site, settings: Settings, _request: Request) -> Shown:
    """What `crmsync status` tells, and the funnel."""
    there = {each.connection: each for each in populations(settings)}
    counted = {name: each.leads for name, each in there.items()}
    found = statuses(settings, (), now=site.now, next_run=site.next_run, counted=counted)
    connections = [(status, there[status.connection]) for status in found]
    with closing(Store(settings.store)) as store:
        waiting = {name: plan for name in settings.configured if (plan := store.plans.of(name)) and plan.open}
    values = {"connections": connections, "channels": channel_lines(settings), "waiting": waiting}
    values["its_page"] = partial(_its_page, site.tongue(settings))
    return Shown("home.html", values)


def first_to_contact(site: Site, settings: Settings, request: Request) -> Shown:
    """A part of the page that comes behind it, as to rank all leads may take seconds; or a page of its own."""
    connection = request.path_params["connection"]

    def ranked(_progress: Progress) -> ListingReport:
        lists = work_lists(
            settings,
            (connection,),
            stages=(),
            hand_over=None,
            show=FIRST,
            as_of=None,
            now=site.now,
        )
        return next(lists)

    found = site.background.of(f"first {connection}", state_of(settings, connection, site.now), ranked)
    listing = None if isinstance(found, StillComputing) else found.listings[0]
    template = "first_to_contact.html" if part_asked(request) else "first_to_contact_page.html"
    values = {"connection": connection, "listing": listing, "standing": found, "path": request.url.path}
    return Shown(template, values)
