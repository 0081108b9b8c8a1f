"""Signing in with the firm's provider: out to it, and back with what it says."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import closing

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crmsync.console.access import SignedIn, mailed
from crmsync.console.inside import inside
from crmsync.console.oidc import Begun, NotProven, Provider
from crmsync.console.shown import Elsewhere, Shown
from crmsync.console.tries import Tries, told_to_wait, tries_of
from crmsync.errors import RunStopped
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import Tongue, to_say

log = structlog.get_logger()

BEGUN = "crmsync-elsewhere"
_NOT_YOU = to_say("Your firm's account proved nothing here. Try again from the page to sign in.")
_NOBODY = to_say("Your firm knows you, and nobody has let you into this console yet.")
_AWAY = to_say("Your firm's sign-in cannot be reached.")
_AGAIN = to_say("Try again in a while. Who has a password here can sign in with it.")
_ASK = to_say("Ask an admin of crmsync to add your e-mail address.")


def setting_out(
    settings: Settings, request: Request, access: SignedIn, provider: Provider, tongue: Tongue
) -> Response | Shown | Elsewhere:
    """To the provider; what must come back is kept by the browser alone."""
    assert settings.console is not None
    if settings.console.oidc is None:
        return Elsewhere("/sign-in")
    begun = Begun.to_go(inside(request.query_params.get("to", "/")))
    try:
        address = provider.address(settings.console.oidc, begun, _back(settings, request))
    except RunStopped as error:
        return _away(error, tongue)
    answer = RedirectResponse(address, 303)
    access.give(answer, _kept_as(access), urlsafe_b64encode(begun.to_text().encode()).decode())
    return answer


def coming_back(
    settings: Settings, request: Request, access: SignedIn, provider: Provider, tongue: Tongue
) -> Response | Shown | Elsewhere:
    """Signed in as whom the provider names, if they are among the people; else told what is wrong."""
    assert settings.console is not None
    if settings.console.oidc is None:
        return Elsewhere("/sign-in")
    begun = _begun(request, access)
    if begun is None:  # whoever did not set out has not tried: any page can send a browser here
        log.warning("a sign-in to the console by its provider was refused", reason="another browser set out, or none")
        return _outside(tongue.say(_NOT_YOU))
    tries = tries_of(request)
    with closing(Store(settings.store)) as store:
        wait = tries.begin(store, access.now())
    if wait is not None:
        return _outside(told_to_wait(wait, tongue), status=429)
    try:
        email = _email(settings, request, access, provider, begun)
    except RunStopped as error:
        _not_in_vain(settings, tries)
        return _away(error, tongue)
    except NotProven as error:
        log.warning("a sign-in to the console by its provider was refused", reason=str(error))
        return _refused(settings, access, tongue.say(_NOT_YOU), None)
    return _let_in(settings, request, access, begun, email, tries, tongue)


def _let_in(
    settings: Settings,
    request: Request,
    access: SignedIn,
    begun: Begun,
    email: str,
    tries: Tries,
    tongue: Tongue,
) -> Response | Shown:
    person = mailed(settings, email)
    if person is None:
        return _refused(settings, access, tongue.say(_NOBODY), tongue.say(_ASK))
    _not_in_vain(settings, tries)
    answer = RedirectResponse(inside(begun.to), 303)
    access.begin(settings, person, answer, request)
    answer.delete_cookie(_kept_as(access), path="/", secure=access.https)
    return answer


def _not_in_vain(settings: Settings, tries: Tries) -> None:
    with closing(Store(settings.store)) as store:
        tries.succeeded(store)


def _email(settings: Settings, request: Request, access: SignedIn, provider: Provider, begun: Begun) -> str:
    """Of whoever came back. Raises `NotProven`, and `RunStopped` where the provider cannot be asked."""
    assert settings.console is not None
    assert settings.console.oidc is not None
    code, secret = request.query_params.get("code", ""), settings.environment.console_oidc_secret
    if "error" in request.query_params or not code:
        raise NotProven("the provider gave no code")
    back, known = _back(settings, request), secret.get_secret_value() if secret else None
    return provider.email(settings.console.oidc, known, begun, code, back, access.now())


def _away(error: RunStopped, tongue: Tongue) -> Shown:
    """The provider cannot be asked, or is not what it should be: the log tells more than somebody outside is told."""
    log.warning("the provider of the console's sign-in cannot be used", message=error.message, next_step=error.hint)
    return Shown(
        "trouble.html", {"message": tongue.say(_AWAY), "hint": tongue.say(_AGAIN), "to_sign_in": "/sign-in"}, 503
    )


def _kept_as(access: SignedIn) -> str:
    """Like the session's: what another host of the domain could set would end somebody else's way here."""
    return f"__Host-{BEGUN}" if access.https else BEGUN


def _begun(request: Request, access: SignedIn) -> Begun | None:
    """What this browser set out with; null where another came back with its answer."""
    try:
        text = urlsafe_b64decode(request.cookies.get(_kept_as(access), "")).decode()
    except ValueError:
        text = ""
    begun = Begun.from_text(text)
    state = request.query_params.get("state", "")
    right = begun is not None and state and hmac.compare_digest(begun.state.encode(), state.encode())
    return begun if right else None


def _refused(settings: Settings, access: SignedIn, message: str, hint: str | None) -> Shown:
    with closing(Store(settings.store)) as store:
        store.console.note("sign_in_refused", now=access.now(), person=None)
    return _outside(message, hint)


def _outside(message: str, hint: str | None = None, status: int = 403) -> Shown:
    return Shown("trouble.html", {"message": message, "hint": hint, "to_sign_in": "/sign-in"}, status)


def _back(settings: Settings, request: Request) -> str:
    """Where the provider leads back to, as it knows it: the public address, or this machine's own."""
    assert settings.console is not None
    host = request.headers.get("host", "")
    public = settings.console.public_url
    return f"{public if public and public.endswith(f'//{host}') else f'http://{host}'}/sign-in/back"
