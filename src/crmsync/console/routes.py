"""All pages of the console as one application of Starlette."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from crmsync.console.answering import Answering
from crmsync.console.assets import asset
from crmsync.console.entering import entrances
from crmsync.console.gate import Gate
from crmsync.console.look import choose
from crmsync.console.pages import mapping, policy, roster
from crmsync.console.pages.approving import approved, dropped, handed_on, made, read, taken_back
from crmsync.console.pages.holding import held, released
from crmsync.console.pages.home import first_to_contact, home
from crmsync.console.pages.lead import course, lead, ways
from crmsync.console.pages.leads import leads
from crmsync.console.pages.left_alone import left_alone
from crmsync.console.pages.log import deeds
from crmsync.console.pages.plan import change, plan, plans, progress
from crmsync.console.pages.reports import report, reports, taken_along
from crmsync.console.pages.routing import routing, way
from crmsync.console.pages.run import run
from crmsync.console.pages.runs import runs
from crmsync.console.pages.settings import settings_page
from crmsync.console.pages.simulation import simulation
from crmsync.console.pages.standing import standing
from crmsync.console.shown import FormPage, Page
from crmsync.console.site import Site
from crmsync.tongue import to_say

PAGES: dict[str, Page] = {
    "/": home,
    "/first-to-contact/{connection}": first_to_contact,
    "/leads": leads,
    "/leads/left-alone": left_alone,
    "/leads/{connection}/{lead:path}": lead,
    "/ways/{connection}/{lead:path}": ways,
    "/course/{connection}/{lead:path}": course,
    "/mapping": mapping.mapping,
    "/mapping/{connection}": mapping.mapping,
    "/mapping/{connection}/reading": mapping.reading,
    "/mapping/{connection}/checking": mapping.checking,
    "/mapping/{connection}/file": mapping.download,
    "/policy": policy.policy,
    "/policy/versions": policy.versions,
    "/policy/edit": policy.editing,
    "/policy/trial": policy.trial,
    "/plan": plans,
    "/plan/{connection}": plan,
    "/plan/{connection}/progress": progress,
    "/plan/{connection}/standing": standing,
    "/plan/{connection}/changes/{lead:path}": change,
    "/runs": runs,
    "/runs/{run}": run,
    "/log": deeds,
    "/reports": reports,
    "/reports/{report}": report,
    "/routing": routing,
    "/routing/simulation": simulation,
    "/routing/people/{connection}/{person:path}": roster.person,
    "/routing/roster/{connection}/file": roster.download,
    "/routing/way/{connection}/{lead:path}": way,
    "/settings": settings_page,
}
FILES: dict[str, Page] = {"/reports/{report}/{form}": taken_along}
"""What may take long to make, and is waited for a while."""

FORMS: dict[str, FormPage] = {
    "/plan/{connection}/make": made,
    "/plan/{connection}/approve": approved,
    "/plan/{connection}/drop": dropped,
    "/plan/{connection}/read": read,
    "/runs/{run}/undo": taken_back,
    "/leads/{connection}/hold": held,
    "/leads/{connection}/release": released,
    "/routing/{connection}/redistribute": handed_on,
    "/routing/roster/{connection}/absence": roster.absence,
    "/routing/roster/{connection}/last-day": roster.last_day,
    "/routing/roster/{connection}/save": roster.keep,
    "/routing/roster/{connection}/drop": roster.drop,
    "/mapping/{connection}/read": mapping.read,
    "/mapping/{connection}/fact": mapping.fact,
    "/mapping/{connection}/stages": mapping.stages,
    "/mapping/{connection}/rules": mapping.rules,
    "/mapping/{connection}/check": mapping.check,
    "/mapping/{connection}/save": mapping.keep,
    "/mapping/{connection}/drop": mapping.drop,
    "/policy/edit": policy.trying,
    "/policy/trial": policy.trying,
    "/policy/save": policy.keep,
}
"""What is sent here. Each says who may (`@needs`), and is asked only with the token of its sender's own forms."""

AREAS = (
    ("/", to_say("Home")),
    ("/plan", to_say("Plan")),
    ("/leads", to_say("Leads")),
    ("/runs", to_say("Runs")),
    ("/reports", to_say("Reports")),
    ("/routing", to_say("Routing")),
    ("/mapping", to_say("Mapping")),
    ("/policy", to_say("Policy")),
    ("/settings", to_say("Settings")),
    ("/log", to_say("Log")),
)
"""What the navigation names, in its order, for those who may; each is the beginning of the paths below it."""


def application(site: Site, public_url: str | None = None) -> Starlette:
    """`public_url`: under which browsers call it; null = under names of this machine alone."""
    answering = Answering(site, tuple((path, label, PAGES[path]) for path, label in AREAS))
    return Starlette(
        routes=[
            *(Route(path, answering.page(page), methods=["GET"]) for path, page in PAGES.items()),
            *(Route(path, answering.soon(page), methods=["GET"]) for path, page in FILES.items()),
            *(Route(path, answering.form(page), methods=["POST"]) for path, page in FORMS.items()),
            *entrances(site, answering),
            Route("/look", choose, methods=["POST"]),
            Route("/assets/{digest}/{name}", asset, methods=["GET"]),
        ],
        middleware=[Middleware(Gate, public_url), Middleware(GZipMiddleware, minimum_size=500)],
        exception_handlers={HTTPException: answering.no_such_page},
    )
