"""One request from socket to answer: sign-in, scope, rate limit, handler, write log, headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import nullcontext
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from crmsync_practice.hubspot import auth
from crmsync_practice.hubspot.call import Actor, Answer, Call
from crmsync_practice.hubspot.errors import HubSpotError, not_found
from crmsync_practice.hubspot.paths import Route, canonical, segments_of
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.route_table import TABLE

_HOST = re.compile(r"[A-Za-z0-9.\-]{1,255}(:[0-9]{1,5})?")
JSON = "application/json;charset=utf-8"


class Dispatcher:
    """Answers every path of the portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        request = Request(scope, receive)
        response = self.respond(request, await request.body())
        await response(scope, receive, send)

    def respond(self, request: Request, body: bytes) -> Response:
        """The whole answer to one request."""
        raw_path = (request.scope.get("raw_path") or request.scope["path"].encode()).decode("latin-1")
        longest = self._portal.settings.longest_url
        if len(raw_path) + len(request.scope["query_string"]) > longest:
            return gateway_page(414, "Request-URI Too Large")
        correlation_id = self._portal.correlation_id()
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        try:
            answer = self._answer(request, raw_path, body, headers)
        except HubSpotError as refused:
            self._portal.events.clear()
            headers |= refused.headers
            answer = Answer(refused.status, refused.body(correlation_id))
        except Exception:
            self._portal.forget()
            raise
        headers |= answer.headers
        if answer.payload is None:
            return Response(status_code=answer.status, headers=headers)
        return Response(msgspec.json.encode(answer.payload), answer.status, headers, media_type=JSON)

    def _answer(self, request: Request, raw_path: str, body: bytes, headers: dict[str, str]) -> Answer:
        segments, dated = canonical(segments_of(raw_path))
        found = TABLE.find(request.method, segments)
        if found is None:
            if TABLE.knows(segments):
                raise HubSpotError(405, "HTTP 405 Method Not Allowed")
            raise not_found()
        route, params = found
        query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
        call = Call(request.method, raw_path, params, query, body, request.headers, self._base_url(request), dated)
        if route.signed:
            self._sign_in(route, call, headers)
        return self._run(route, call)

    def _base_url(self, request: Request) -> str:
        """Where the client reached us, so that links lead back the same way."""
        host = request.headers.get("host", "")
        return f"http://{host}" if _HOST.fullmatch(host) else self._portal.context.base_url

    def _sign_in(self, route: Route, call: Call, headers: dict[str, str]) -> None:
        token = auth.sign_in(self._portal, call.headers.get("authorization"))
        try:
            self._portal.limits.take(search=route.search)
        finally:
            if not route.search:
                headers |= self._portal.limits.headers(oauth=token.oauth)
        missing = self._portal.settings.missing_scopes
        call.scopes = token.scopes
        if missing:
            call.scopes = (auth.EVERY_SCOPE if token.scopes is None else token.scopes) - set(missing)
        scope = route.scope
        if scope is not None and "{scope}" in scope:
            kind = self._portal.types.find(call.params.get("type", "contacts"))
            scope = None if kind is None else _scope_of(scope, kind.scope)
        auth.require_scope(self._portal, token.scopes, scope)
        call.actor = Actor()

    def _run(self, route: Route, call: Call) -> Answer:
        portal = self._portal
        with portal.storage.transaction() if route.writes else nullcontext():
            answer = route.handler(portal, call)
        for change in call.changes:
            portal.context.writes.append(
                method=call.method,
                path=call.path,
                status=answer.status if answer.status != 207 else 200,
                object=change.object,
                id=change.id,
                before=change.before,
                after=change.after,
                headers=call.headers,
                by=None,
            )
        portal.send_events()
        return answer

    def is_search(self, method: str, path: str) -> bool:
        """Whether a request counts against the limit of searches and not that of ten seconds."""
        found = TABLE.find(method, canonical(segments_of(path))[0])
        return found is not None and found[0].search

    def endpoint_of(self, method: str, path: str) -> str:
        """The pattern a path falls under, with the object type spelt out and dated paths as their v3 or v4 form."""
        segments, _ = canonical(segments_of(path))
        found = TABLE.find(method, segments)
        if found is None:
            return f"{method} other"
        route, params = found
        shown = []
        for part in route.pattern:
            kind = self._portal.types.find(params[part[1:-1]]) if part in ("{type}", "{to}") else None
            shown.append(part if kind is None else kind.name)
        return f"{method} /{'/'.join(shown)}"


def _scope_of(pattern: str, object_scope: str) -> str:
    return "tickets" if object_scope == "tickets" else pattern.replace("{scope}", object_scope)


def gateway_page(status: int, title: str, retry_after: str | None = None) -> Response:
    """An HTML page as the gateway before HubSpot answers (414, 502, 504)."""
    page = f"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1></body></html>"
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Response(page, status, headers, media_type="text/html")


class EveryPath(BaseRoute):
    """A Starlette route that takes any HTTP request."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Everything that is HTTP."""
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands over to the dispatcher."""
        await self._dispatcher(scope, receive, send)


def routes(dispatcher: Dispatcher) -> Sequence[BaseRoute]:
    """The one route of the portal."""
    return [EveryPath(dispatcher)]
