"""How each connection stands, where its leads are, and whom to contact first."""

from __future__ import annotations

from starlette.requests import Request

from crmsync.console.shown import Shown, part_asked
from crmsync.console.site import Site
from crmsync.operations.status.alerts import channel_lines
from crmsync.operations.status.population import populations
from crmsync.operations.status.standing import statuses
from crmsync.settings import Settings


def home(site: Site, settings: Settings, _request: Request) -> Shown:
    """What `crmsync status` tells, and the funnel."""
    found = statuses(settings, (), now=site.now, next_run=site.next_run)
    there = {each.connection: each for each in populations(settings)}
    connections = [(status, there[status.connection]) for status in found]
    return Shown("home.html", {"connections": connections, "channels": channel_lines(settings)})


def first_to_contact(site: Site, settings: Settings, request: Request) -> Shown:
    """A part of the page that comes behind it, as it may take seconds; or a page of its own."""
    connection = request.path_params["connection"]
    listing = site.work_lists.of(settings, connection, site.now)
    template = "first_to_contact.html" if part_asked(request) else "first_to_contact_page.html"
    return Shown(template, {"connection": connection, "listing": listing})
