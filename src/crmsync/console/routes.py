"""All pages of the console as one application of Starlette."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from crmsync.console.assets import asset
from crmsync.console.gate import Gate
from crmsync.console.look import LOOKS, choose, look_of
from crmsync.console.pages.home import first_to_contact, home
from crmsync.console.pages.lead import lead
from crmsync.console.pages.leads import leads
from crmsync.console.pages.run import run
from crmsync.console.pages.runs import runs
from crmsync.console.shown import Elsewhere, Page, Shown
from crmsync.console.site import Site
from crmsync.console.templating import environment, filled
from crmsync.errors import ConfigurationError, CrmsyncError, UsageError
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.tongue import ENGLISH, Tongue, to_say

log = structlog.get_logger()

PAGES: dict[str, Page] = {
    "/": home,
    "/first-to-contact/{connection}": first_to_contact,
    "/leads": leads,
    "/leads/{connection}/{lead:path}": lead,
    "/runs": runs,
    "/runs/{run:int}": run,
}
AREAS = (("/", to_say("Home")), ("/leads", to_say("Leads")), ("/runs", to_say("Runs")))
"""What the navigation names, in its order; each is the beginning of the paths below it."""


def application(site: Site) -> Starlette:
    """Reading only: nothing but the choice of light or dark is ever sent to it."""
    templates = environment()

    def said(request: Request, shown: Shown, tongue: Tongue) -> Response:
        text = filled(templates, shown.template, {**_around(request), **shown.values}, tongue)
        return HTMLResponse(text, shown.status)

    def answer(page: Page) -> Callable[[Request], Response]:
        def answered(request: Request) -> Response:
            tongue = ENGLISH
            try:
                with unforeseen_in_words():
                    settings = site.read_settings()
                    tongue = site.tongue(settings)
                    shown = page(site, settings, request)
                    if isinstance(shown, Elsewhere):
                        return RedirectResponse(shown.path, 303)
                    return said(request, shown, tongue)
            except CrmsyncError as error:
                log.warning("a page could not be shown", page=request.scope["route"].path, error=type(error).__name__)
                return said(request, _in_words(error), tongue)

        return answered

    def no_such_page(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return said(
            request, Shown("trouble.html", {"message": "There is no such page.", "hint": None}, status), ENGLISH
        )

    return Starlette(
        routes=[
            *(Route(path, answer(page), methods=["GET"]) for path, page in PAGES.items()),
            Route("/look", choose, methods=["POST"]),
            Route("/assets/{digest}/{name}", asset, methods=["GET"]),
        ],
        middleware=[Middleware(Gate), Middleware(GZipMiddleware, minimum_size=500)],
        exception_handlers={HTTPException: no_such_page},
    )


def _around(request: Request) -> dict[str, object]:
    """What the frame of every page needs."""
    path = request.url.path
    here = max((area for area, _ in AREAS if path.startswith(area)), key=len)
    back = path + (f"?{request.url.query}" if request.url.query else "")
    return {"areas": AREAS, "here": here, "look": look_of(request), "looks": LOOKS, "back": back}


def _in_words(error: CrmsyncError) -> Shown:
    """The message and the next step; what there is not is 404, the rest a state of this machine."""
    status = 404 if isinstance(error, UsageError) and not isinstance(error, ConfigurationError) else 503
    return Shown("trouble.html", {"message": error.message, "hint": error.hint}, status)
