"""Who did what in the console, when and why."""

from __future__ import annotations

from contextlib import closing
from functools import partial

from starlette.requests import Request

from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.console.visitor import needs
from crmsync.settings import Settings
from crmsync.showing.history.deed_words import about_words, deed_words
from crmsync.store import Store

STEP = 100


@needs("admin")
def deeds(site: Site, settings: Settings, request: Request) -> Shown:
    """A page of the log, the newest first."""
    asked = request.query_params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
    with closing(Store(settings.store)) as store:
        found = store.console.deeds(most=STEP + 1, before=before)
    more = found[STEP - 1].id if len(found) > STEP else None
    tongue = site.tongue(settings)
    words = {"deed_words": partial(deed_words, tongue=tongue), "about_words": partial(about_words, tongue=tongue)}
    return Shown("log.html", {"deeds": found[:STEP], "more": more, "before": before, **words})
