"""The service's socket: `/healthz`, `/readyz` and `/metrics` by Starlette and uvicorn, in a thread of their own.

On loopback, answers go to whoever asks under a loopback name: a web page that was led here under another one gets
nothing. On any other address `/metrics` asks for the token; health and readiness tell nothing but themselves.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crmsync.errors import CrmsyncError, UsageError
from crmsync.listening import served
from crmsync.settings import WatchSettings

log = structlog.get_logger()

_LOOPBACK_NAMES = {"127.0.0.1", "localhost", "[::1]"}

Health = Callable[[], str | None]
"""Null when all is well, else what is wrong, in words without personal data."""


def application(
    registry: CollectorRegistry, alive: Health, ready: Health, *, token: str | None, loopback: bool
) -> Starlette:
    """The three pages. `token`: what `/metrics` asks for; null = nothing, on loopback only."""

    def told(wrong: str | None) -> Response:
        return PlainTextResponse("ok\n") if wrong is None else PlainTextResponse(f"{wrong}\n", 503)

    def healthz(_request: Request) -> Response:
        return told(alive())

    def readyz(_request: Request) -> Response:
        return told(alive() or ready())

    def metrics(request: Request) -> Response:
        if token is not None and not _proven(request.headers.get("authorization", ""), token):
            return PlainTextResponse("the token is missing or wrong\n", 401, {"WWW-Authenticate": "Bearer"})
        try:
            return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
        except CrmsyncError as error:
            return PlainTextResponse(f"{error.message}\n", 503)

    def only_here(page: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def asked(request: Request) -> Response:
            host = request.headers.get("host", "").lower()
            if loopback and re.sub(r":\d*$", "", host) not in _LOOPBACK_NAMES:
                return PlainTextResponse("this name is none of this machine's\n", 421)
            return page(request)

        return asked

    pages = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
    return Starlette(routes=[Route(path, only_here(page), methods=["GET"]) for path, page in pages.items()])


def _proven(header: str, token: str) -> bool:
    return hmac.compare_digest(header.encode(), f"Bearer {token}".encode())


@contextmanager
def listening(
    settings: WatchSettings | None, registry: CollectorRegistry, alive: Health, ready: Health, *, token: str | None
) -> Iterator[str | None]:
    """Answer while the block runs; gives the base address, null where nothing is to listen.

    Raises `UsageError` for an address that is taken or not this machine's, and for one that others reach when there
    is no token.
    """
    if settings is None:
        yield None
        return
    if not settings.loopback and token is None:
        raise UsageError(
            f"`watch: listen: {settings.listen}` can be reached from other machines, and there is no token",
            hint="set CRMSYNC_WATCH_TOKEN in `.env`, or listen on 127.0.0.1",
        )
    app = application(registry, alive, ready, token=token, loopback=settings.loopback)
    with served(app, settings.host, settings.port, name="watch") as address:
        log.info("listening", address=address, pages=["/healthz", "/readyz", "/metrics"])
        yield address
