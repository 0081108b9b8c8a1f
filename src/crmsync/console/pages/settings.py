"""How crmsync is set up here. Variables that hold secrets are named, never shown."""

from __future__ import annotations

from starlette.requests import Request

from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.operations.status.alerts import channel_lines
from crmsync.operations.status.set_up import set_up
from crmsync.settings import Settings


def settings_page(_site: Site, settings: Settings, _request: Request) -> Shown:
    """Connections, schedules, alerts, versions, store and hooks, as the files have them."""
    troubles = {line.channel: line.trouble for line in channel_lines(settings)}
    return Shown("settings.html", {"it": set_up(settings), "settings": settings, "troubles": troubles})
