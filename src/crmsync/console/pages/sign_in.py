"""Signing in by name and password, and out again."""

from __future__ import annotations

import secrets
from contextlib import closing
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crmsync.console.access import SignedIn, named
from crmsync.console.forms import Form, right_token, token_of
from crmsync.console.inside import inside, page_asked_from
from crmsync.console.passwords import is_right
from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.console.tries import told_to_wait, tries_of
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import to_say

log = structlog.get_logger()

BEFORE = "crmsync-before"
"""A cookie of somebody who is nobody yet: the form to sign in has a token, too."""
_WRONG = to_say("Name or password is wrong.")
_OLD = to_say("This page was open for too long. Try again.")


def to_sign_in(request: Request) -> str:
    """Where somebody who has to sign in is sent, to come back to the page that they see or want to see."""
    back = page_asked_from(request)
    return "/sign-in" if back == "/" else f"/sign-in?{urlencode({'to': back})}"


def asked(settings: Settings, request: Request, trouble: str = "", status: int = 200, name: str = "") -> Shown:
    """The form. `name`: as it was typed before."""
    assert settings.console is not None
    held = request.cookies.get(BEFORE) or secrets.token_urlsafe(32)
    request.state.before = held
    values = {
        "name": name,
        "to": inside(request.query_params.get("to", "/")),
        "trouble": trouble,
        "csrf_before": token_of(held),
        "oidc": settings.console.oidc,
    }
    return Shown("sign_in.html", values, status)


def answered(site: Site, settings: Settings, request: Request, form: Form, access: SignedIn) -> Shown | Response:
    """The person is signed in and led on, or told what is wrong."""
    tongue, now = site.tongue(settings), site.now()
    typed = form.get("name", "").strip()[:64]
    if not right_token(form, token_of(request.cookies.get(BEFORE, ""))):
        return asked(settings, request, tongue.say(_OLD), 403)
    name = typed.lower()
    tries = tries_of(request, name)
    with closing(Store(settings.store)) as store:
        wait = tries.begin(store, now)
        if wait is not None:
            return asked(settings, request, told_to_wait(wait, tongue), 429, typed)
        person = named(settings, name)
        if not is_right(form.get("password", ""), person.password if person else None) or person is None:
            store.console.note("sign_in_refused", now=now, person=person.name if person else None)
            log.warning("a sign-in to the console was refused")
            return asked(settings, request, tongue.say(_WRONG), 403, typed)
        tries.succeeded(store)
    answer = RedirectResponse(inside(request.query_params.get("to", "/")), 303)
    access.begin(settings, person, answer, request)
    answer.delete_cookie(BEFORE, path="/")
    return answer


def left(settings: Settings, request: Request, access: SignedIn) -> Response:
    """Signed out."""
    answer = RedirectResponse("/sign-in", 303)
    access.end(settings, request, answer)
    return answer
