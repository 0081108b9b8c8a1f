"""Everything between the socket and the resources: sizes, signing in, quota, and errors as Salesforce words
them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crmsync_practice import exchange
from crmsync_practice.salesforce.auth import Auth
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.http import JSON, Call, Reply, Routes, read_query, tidy
from crmsync_practice.salesforce.limits import Quota

LONGEST_URI_BYTES = 16_384
_OPEN = ("/services/oauth2/token", "/services/oauth2/revoke", "/services/oauth2/introspect", "/services/soap/")
"""Where signing in happens, or where the resource looks for the token itself."""
_HTML = "text/html;charset=UTF-8"


class Gateway:
    """The ASGI app of the Salesforce side."""

    def __init__(self, routes: Routes, auth: Auth, quota: Quota, before_each: Callable[[], None]) -> None:
        self._routes = routes
        self._auth = auth
        self._quota = quota
        self._before_each = before_each

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        raw_path = scope.get("raw_path") or scope["path"].encode()
        target = len(raw_path) + 1 + len(scope["query_string"])
        if target > LONGEST_URI_BYTES:
            await _page(414, "URI Too Long")(scope, receive, send)
            return
        if target + sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > LONGEST_URI_BYTES:
            await _page(431, "Request Header Fields Too Large")(scope, receive, send)
            return
        query = read_query(scope["query_string"].decode("latin-1"))
        method: str = scope["method"]
        if method == "POST":
            method = query.get("_HttpMethod", method)
        call = Call(
            method=method.upper(),
            path=tidy(raw_path.decode("latin-1")),
            query=query,
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=await request.body(),
        )
        reply = self.answer(call)
        headers = dict(reply.headers)
        if call.path.lower().startswith("/services/data/v"):
            headers["Sforce-Limit-Info"] = self._quota.info()
        body = b"" if scope["method"] == "HEAD" else reply.body()
        if body or reply.status not in {204, 304}:
            headers["Content-Type"] = reply.media_type
        await Response(body, reply.status, headers)(scope, receive, send)

    def answer(self, call: Call) -> Reply:
        """Answers one whole request: signed in, counted, dispatched."""
        self._before_each()
        try:
            path = call.path.lower()
            if path.rstrip("/") == "/services/data" or path.startswith(_OPEN):
                return self._handle(call)
            user_id = self._auth.user_of(call.headers, call.query)
            call = Call(call.method, call.path, call.query, call.headers, call.body, user_id)
            if path.startswith("/services/data/v") and not path.rstrip("/").endswith("/limits"):
                self._quota.count()
        except SalesforceError as error:
            return Reply(error.status, error.rest())
        return self.dispatch(call)

    def dispatch(self, call: Call) -> Reply:
        """Answers a request or subrequest of a user who is signed in."""
        try:
            return self._handle(call)
        except SalesforceError as error:
            headers = {}
            if error.status == 405:
                headers["Allow"] = error.message.rpartition(" ")[2]
            return Reply(error.status, error.rest(), headers)

    def _handle(self, call: Call) -> Reply:
        handler, call = self._routes.find(call)
        try:
            return handler(call)
        except (sqlite3.OperationalError, sqlite3.DataError, OverflowError, RecursionError) as error:
            if isinstance(error, sqlite3.OperationalError) and "too" not in str(error):
                raise
            raise SalesforceError("QUERY_TOO_COMPLICATED", "Query is too complicated") from error


def failure(status: int, retry_after_seconds: float | None) -> Response:
    """An injected or unexpected failure in Salesforce's shape (wire notes, section 2.7)."""
    headers: dict[str, str] = {}
    if retry_after_seconds is not None:
        headers["Retry-After"] = exchange.retry_after(retry_after_seconds)
    if status in {406, 412}:
        return Response(b"", status, headers)
    if status == 420:
        return _page(status, "We are setting things up", headers)
    if status in {502, 504}:
        return _page(status, "Bad Gateway" if status == 502 else "Gateway Timeout", headers)
    code, message = {
        401: ("INVALID_SESSION_ID", "Session expired or invalid"),
        403: ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        404: ("NOT_FOUND", "The requested resource does not exist"),
        503: ("SERVER_UNAVAILABLE", "The server is currently unavailable"),
    }.get(
        status,
        ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 0"),
    )
    reply = Reply(status, SalesforceError(code, message).rest())
    return Response(reply.body(), status, {**headers, "Content-Type": JSON})


def _page(status: int, title: str, headers: Mapping[str, str] | None = None) -> Response:
    text = f"<html><head><title>{escape(title)}</title></head><body><h1>{escape(title)}</h1></body></html>"
    return Response(text, status, {**(headers or {}), "Content-Type": _HTML})
