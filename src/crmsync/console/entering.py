"""The ways in and out: a form with name and password, the address that is good for one visit, signing out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crmsync.console.access import OneAddress, SignedIn
from crmsync.console.answering import Answering, Given, too_large
from crmsync.console.forms import TooLarge, right_token, sent
from crmsync.console.oidc import Provider
from crmsync.console.pages import elsewhere, sign_in
from crmsync.console.shown import Elsewhere, Shown
from crmsync.console.site import Site
from crmsync.settings import Settings
from crmsync.tongue import Tongue, to_say

_USED = to_say("This address was used already, or is another console's. Start `crmsync console --as …` again.")


def entrances(site: Site, answering: Answering) -> Iterator[Route]:
    """Those that this console has."""
    access, provider = site.access, Provider()
    if isinstance(access, OneAddress):
        yield Route("/enter", _by_address(access, answering), methods=["GET"])
    if isinstance(access, SignedIn):
        yield Route("/sign-in", _form_to_sign_in(access, answering), methods=["GET"])
        yield Route("/sign-in", _signing_in(site, access, answering), methods=["POST"])
        yield Route("/sign-in/elsewhere", _setting_out(access, answering, provider), methods=["GET"])
        yield Route("/sign-in/back", _coming_back(access, answering, provider), methods=["GET"])
        yield Route("/sign-out", _signing_out(access, answering), methods=["POST"])


def _used(_settings: Settings, tongue: Tongue) -> Shown:
    return Shown("trouble.html", {"message": tongue.say(_USED), "hint": None}, 403)


def _by_address(access: OneAddress, answering: Answering) -> Callable[[Request], Response]:
    def entered(request: Request) -> Response:
        secret = access.enter(request.query_params.get("token", ""))
        if secret is None:
            return answering.in_words(request, _used)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(access.cookie, secret, path="/", httponly=True, samesite="strict")
        return answer

    return entered


def _form_to_sign_in(access: SignedIn, answering: Answering) -> Callable[[Request], Response]:
    def shown(request: Request) -> Response:
        def given(settings: Settings, _tongue: Tongue) -> Given:
            if access.visitor(settings, request) is not None:
                return Elsewhere("/")
            return sign_in.asked(settings, request)

        return _with_token(access, request, answering.in_words(request, given))

    return shown


def _signing_in(site: Site, access: SignedIn, answering: Answering) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        try:
            form = await sent(request)
        except (TooLarge, ValueError):
            return await run_in_threadpool(answering.in_words, request, lambda _, tongue: too_large(tongue))

        def given(settings: Settings, _tongue: Tongue) -> Given:
            return sign_in.answered(site, settings, request, form, access)

        answer = await run_in_threadpool(answering.in_words, request, given)
        return answer if answer.status_code == 303 else _with_token(access, request, answer)

    return answered


def _setting_out(access: SignedIn, answering: Answering, provider: Provider) -> Callable[[Request], Response]:
    def answered(request: Request) -> Response:
        def given(settings: Settings, tongue: Tongue) -> Given:
            return elsewhere.setting_out(settings, request, access, provider, tongue)

        return answering.in_words(request, given)

    return answered


def _coming_back(access: SignedIn, answering: Answering, provider: Provider) -> Callable[[Request], Response]:
    def answered(request: Request) -> Response:
        def given(settings: Settings, tongue: Tongue) -> Given:
            return elsewhere.coming_back(settings, request, access, provider, tongue)

        return answering.in_words(request, given)

    return answered


def _signing_out(access: SignedIn, answering: Answering) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        try:
            form = await sent(request)
        except (TooLarge, ValueError):
            return await run_in_threadpool(answering.in_words, request, lambda _, tongue: too_large(tongue))

        def given(settings: Settings) -> Given:
            if not right_token(form, request.state.visitor.csrf):
                return Elsewhere("/")
            return sign_in.left(settings, request, access)

        return await run_in_threadpool(answering.guarded, request, "viewer", given, lambda _: Elsewhere("/sign-in"))

    return answered


def _with_token(access: SignedIn, request: Request, answer: Response) -> Response:
    """The form's token belongs to this cookie."""
    if (before := getattr(request.state, "before", None)) is not None:
        access.give(answer, sign_in.BEFORE, before)
    return answer
