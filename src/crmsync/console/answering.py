"""From a request to an answer: who asks, whether they may, the page, and errors in words."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog
from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crmsync.console.forms import MOST_BYTES_OUTSIDE, TooLarge, form_of, received, right_token, typed_in
from crmsync.console.inside import page_above, page_asked_from
from crmsync.console.look import LOOKS, look_of
from crmsync.console.pages.sign_in import to_sign_in
from crmsync.console.shown import Elsewhere, FormPage, Page, Shown, part_asked
from crmsync.console.site import Site
from crmsync.console.templating import environment, filled
from crmsync.console.troubles import may_not, not_now, told, with_way_back
from crmsync.console.visitor import Visitor, needed_by
from crmsync.errors import ConfigurationError, CrmsyncError
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import Role, Settings
from crmsync.tongue import ENGLISH, Tongue, to_say

log = structlog.get_logger()

PATIENCE_SECONDS, AGAIN_SECONDS = 20.0, 0.2
"""How long what is being made is waited for, and how often it is asked for."""

Given = Shown | Elsewhere | Response
_OLD = to_say("This form is not from a page that you have open. Load the page again, and send it from there.")
_OVER = to_say("You are not signed in any more, so nothing was done. Sign in, and send it once more.")
_MENDING = frozenset({"/policy/edit", "/policy/trial", "/policy/save"})
"""Pages that show a policy as a text, and need none that is right."""
_STAYING = _MENDING | {
    "/plan/{connection}",
    "/plan/{connection}/standing",
    "/plan/{connection}/changes/{lead:path}",
    "/routing/way/{connection}/{lead:path}",
    "/ways/{connection}/{lead:path}",
    "/course/{connection}/{lead:path}",
    "/mapping/{connection}/reading",
    "/mapping/{connection}/checking",
}
"""Parts of pages on which somebody may be typing: they say that one has to sign in, and lead nobody away."""
_STAY = {"HX-Retarget": "#outside", "HX-Reswap": "innerHTML"}
_ASK_NO_MORE = 286
"""What htmx takes for the end of asking now and then."""
_ONLY_SENT = 405
"""The status of an address that a form is sent to, and that shows nothing."""
_LARGE = to_say("More was sent than this console takes.")
_NO_PAGE = to_say("There is no such page.")
_LOOK_ABOVE = to_say("What there is stands in the navigation.")


class Answering:
    """What a console's pages have in common."""

    def __init__(self, site: Site, areas: tuple[tuple[str, str, Page], ...]) -> None:
        """`areas`: path, name and page of what the navigation names."""
        self._site, self._areas = site, areas
        self._templates: dict[str, Environment] = {}
        self._names: set[str] = set()
        self._last: Settings | None = None
        """By which pages were made last: files that are not right now were so then."""

    def page(self, page: Page) -> Callable[[Request], Response]:
        """Something to look at."""

        def answered(request: Request) -> Response:
            return self.guarded(request, needed_by(page), lambda settings: page(self._site, settings, request))

        return answered

    def soon(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Something that may still have to be made: asked for again, for as long as somebody waits for a file.

        No thread is kept meanwhile: there are as many as pages may be asked for at once.
        """
        answered = self.page(page)

        async def in_the_end(request: Request) -> Response:
            until = monotonic() + PATIENCE_SECONDS
            while True:
                request.state.for_now = False
                answer = await run_in_threadpool(answered, request)
                if not request.state.for_now or monotonic() >= until or await request.is_disconnected():
                    return answer
                await sleep(AGAIN_SECONDS)

        return in_the_end

    def form(self, page: FormPage) -> Callable[[Request], Awaitable[Response]]:
        """Something that is sent."""

        async def answered(request: Request) -> Response:
            try:
                body: bytes | None = await received(request)
            except TooLarge:
                body = None
            return await run_in_threadpool(self._taken, request, page, body)

        return answered

    def guarded(
        self,
        request: Request,
        role: Role,
        given: Callable[[Settings], Given],
        outside: Callable[[Tongue], Given | None] = lambda _tongue: None,
    ) -> Response:
        """What is given to whoever may have it; nothing of it is made for anybody else. `outside`: what those get who
        have to sign in, where it is not what all of them get.
        """

        def for_visitor(settings: Settings, tongue: Tongue) -> Given:
            visitor = self._site.access.visitor(settings, request)
            if visitor is None:
                return outside(tongue) or self._nobody(request, tongue)
            request.state.visitor = visitor
            return given(settings) if visitor.may(role) else may_not(visitor, role, tongue)

        return self.in_words(request, for_visitor)

    def in_words(self, request: Request, given: Callable[[Settings, Tongue], Given]) -> Response:
        """What is given, and whatever goes wrong as a page of its own."""
        tongue: Tongue = ENGLISH if self._last is None else self._site.tongue(self._last)
        try:
            with unforeseen_in_words():
                settings = self._settings(request)
                self._names.update(settings.configured)
                tongue = self._site.tongue(settings)
                return self.said(request, given(settings, tongue), tongue)
        except CrmsyncError as error:
            log.warning("a page could not be shown", page=_route(request), error=type(error).__name__)
            given_then = self._in_words(request, error, tongue) if self._known(request, error) else not_now(tongue)
            return self.said(request, with_way_back(request, given_then), tongue)

    def said(self, request: Request, given: Given, tongue: Tongue) -> Response:
        """As it is sent."""
        if isinstance(given, Response):
            return given
        if isinstance(given, Elsewhere):
            request.state.for_now = given.for_now
            return RedirectResponse(given.path, 303)
        if tongue.code not in self._templates:
            self._templates[tongue.code] = environment(tongue, self._names)
        values = {**self._around(request), **given.values}
        text = filled(self._templates[tongue.code], given.template, values, tongue)
        return HTMLResponse(text, given.status, headers=dict(given.headers))

    def no_such_page(self, request: Request, error: Exception) -> Response:
        """Of what nobody asked for by a link of ours, in the frame of whoever asks."""
        status = error.status_code if isinstance(error, HTTPException) else 404

        def given(settings: Settings, tongue: Tongue) -> Given:
            visitor = request.state.visitor = self._site.access.visitor(settings, request)
            if status == _ONLY_SENT and request.method == "GET":
                return Elsewhere(page_above(request))
            hint = None if visitor is None else tongue.say(_LOOK_ABOVE)
            return Shown("trouble.html", {"message": tongue.say(_NO_PAGE), "hint": hint}, status)

        return self.in_words(request, given)

    def _settings(self, request: Request) -> Settings:
        """The files as they are now. Where they are not right, those by which the policy can be mended here."""
        try:
            self._last = self._site.read_settings()
        except ConfigurationError:
            if self._last is None or _route(request) not in _MENDING:
                raise
        self._site.sessions.keep(self._last.store)
        return self._last

    def _known(self, request: Request, error: CrmsyncError) -> bool:
        """Whether what is wrong is told to whoever asks: to everybody on this machine, else to who has signed in."""
        wrong_files = isinstance(error, ConfigurationError) and not hasattr(request.state, "visitor")
        if wrong_files and self._last is not None:
            try:
                with unforeseen_in_words():
                    request.state.visitor = self._site.access.visitor(self._last, request)
            except CrmsyncError:
                return False
        return not self._site.access.signs_in or getattr(request.state, "visitor", None) is not None

    def _in_words(self, request: Request, error: CrmsyncError, tongue: Tongue) -> Shown:
        """What an admin can mend here is led to."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        policy = self._last.policy_path.name if self._last and visitor and visitor.may("admin") else None
        return told(error, tongue, policy)

    def _taken(self, request: Request, page: FormPage, body: bytes | None) -> Response:
        def given(settings: Settings) -> Given:
            tongue = self._site.tongue(settings)
            try:
                form = None if body is None else form_of(body)
            except ValueError:
                form = None
            if form is None:
                return too_large(tongue)
            if not right_token(form, request.state.visitor.csrf):
                if anew is not None:
                    return anew(self._site, settings, request, form)
                typed = typed_in(form)
                if typed and request.state.visitor.csrf:
                    return Shown("send_again.html", {"path": request.url.path, "typed": typed}, 403)
                return Shown("trouble.html", {"message": tongue.say(_OLD), "hint": None}, 403)
            request.state.typed = typed_in(form)
            return page(self._site, settings, request, form)

        def outside(_tongue: Tongue) -> Given | None:
            return None if part_asked(request) else _to_send_again(request, body)

        anew: FormPage | None = getattr(page, "anew", None)
        return self.guarded(request, needed_by(page), given, outside)

    def _nobody(self, request: Request, tongue: Tongue) -> Given:
        """Has to sign in. A part of a page that stands there already leads the whole page on."""
        way = to_sign_in(request)
        if part_asked(request):
            if _route(request) in _STAYING:
                return Shown("outside_part.html", {}, _ASK_NO_MORE, _STAY)
            return Response(status_code=401, headers={"HX-Redirect": way})
        if request.method != "GET":
            return Shown("trouble.html", {"message": tongue.say(_OVER), "hint": None, "to_sign_in": way}, 403)
        return Elsewhere(way)

    def _around(self, request: Request) -> dict[str, object]:
        """What the frame of every page needs."""
        path = request.url.path
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        areas = [(area, label) for area, label, page in self._areas if visitor and visitor.may(needed_by(page))]
        here = max((area for area, _, _ in self._areas if path.startswith(area)), key=len, default="/")
        return {
            "areas": areas,
            "here": here,
            "look": look_of(request),
            "looks": LOOKS,
            "back": page_asked_from(request),
            "visitor": visitor,
            "csrf": visitor.csrf if visitor else "",
            "signs_in": self._site.access.signs_in,
            "hidden": visitor is not None and visitor.hidden,
            "said_in": self._languages(),
            "who": _id_alone if visitor is not None and visitor.hidden else _name_or_id,
            "part": part_asked(request),
            "sent": request.method == "POST",
            "to_sign_in": None,
            "way_back": None,
            "typed": (),
            "again": False,
            "wrong": (),
        }

    def _languages(self) -> dict[str, str]:
        """Of each connection: what runs have said of its leads is in it, whatever the language of the page."""
        if self._last is None:
            return {}
        return {name: each.language or self._last.language for name, each in self._last.configured.items()}


def _to_send_again(request: Request, body: bytes | None) -> Given | None:
    """What somebody has typed who is not signed in any more: they have it still, and send it once they are again."""
    if body is None or len(body) > MOST_BYTES_OUTSIDE:
        return None
    typed = typed_in(form_of(body))
    if not any(value for _, value in typed):
        return None
    text = next((value for name, value in typed if name == "text"), None)
    others = [(name, value) for name, value in typed if name != "text"]
    return Shown("outside.html", {"path": request.url.path, "text": text, "typed": others}, 403)


def too_large(tongue: Tongue) -> Shown:
    """Of a form that nobody's browser sends."""
    return Shown("trouble.html", {"message": tongue.say(_LARGE), "hint": None}, 413)


def _name_or_id(name: str | None, lead: str) -> str:
    """What a lead is called, to whoever may read it."""
    return name or lead


def _id_alone(_name: str | None, lead: str) -> str:
    """To those from whom personal data is hidden."""
    return lead


def _route(request: Request) -> str:
    route = request.scope.get("route")
    return "" if route is None else str(route.path)
