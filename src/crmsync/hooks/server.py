"""The pages of hooks, by Starlette: `/hooks/<connection>` for CRMs, `/hooks/touch` for anybody with the secret.

A delivery is read whole, within limits of size and time; then it is looked at whether it is believed, and kept before
it is acknowledged. What is refused is counted by its reason. No address, no header and no body comes into the log.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crmsync.contract import Delivery
from crmsync.errors import CrmsyncError
from crmsync.hooks.desk import Believed, HooksDesk, Refusal, Refused
from crmsync.hooks.intake import Intake
from crmsync.settings import HooksSettings

log = structlog.get_logger()

KEEP_SECONDS = 4.0
"""HubSpot waits five seconds for its answer."""
STATUSES: Mapping[Refusal, int] = {
    "unsigned": 401,
    "wrong_signature": 401,
    "wrong_key": 401,
    "old": 401,
    "not_readable": 400,
    "no_connection": 404,
    "not_set_up": 404,
    "too_large": 413,
    "too_slow": 408,
    "busy": 503,
    "another_account": 200,
}
_WORDS: Mapping[Refusal, str] = {
    "unsigned": "nothing proves who sends this",
    "wrong_signature": "the signature is wrong",
    "wrong_key": "the key is wrong",
    "old": "this was sent too long ago, or a clock is wrong",
    "not_readable": "this is not what was expected",
    "no_connection": "there is no such hook",
    "not_set_up": "there is no such hook",
    "too_large": "this is too large",
    "too_slow": "this took too long",
    "busy": "try again later",
}


class _Undelivered(Exception):
    """A request that did not come in whole."""

    def __init__(self, reason: Refusal) -> None:
        self.reason = reason


def application(
    settings: HooksSettings,
    desk: Callable[[], HooksDesk],
    intake: Intake,
    clock: Callable[[], datetime],
    base: Callable[[], str],
) -> Starlette:
    """Both pages. `desk`: the present one. `base`: what the address begins with by which senders call it."""

    async def hook(request: Request) -> Response:
        name = request.path_params["connection"]
        return await taken(request, name, lambda delivery: desk().hook(name, delivery))

    async def touch(request: Request) -> Response:
        return await taken(request, None, lambda delivery: desk().touch(delivery))

    async def taken(
        request: Request, name: str | None, looked_at: Callable[[Delivery], Believed | Refused]
    ) -> Response:
        try:
            body = await _body(request, settings)
        except _Undelivered as undelivered:
            return refused(Refused(undelivered.reason, name if name in desk().names else None))
        delivery = Delivery(request.method, base() + _target(request), _headers(request), body, clock())
        found = await asyncio.to_thread(looked_at, delivery)
        if isinstance(found, Refused):
            return refused(found)
        if found.strange:
            intake.refuse(found.connection, "another_account", found.strange)
        try:
            if found.tellings:
                kept = intake.take(found.connection, found.tellings, delivery.came_at)
                await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(kept)), KEEP_SECONDS)
        except (queue.Full, TimeoutError, CrmsyncError):
            return refused(Refused("busy", found.connection))
        content, media_type = found.answer
        return Response(content, media_type=media_type)

    def refused(what: Refused) -> Response:
        intake.refuse(what.connection, what.reason)
        log.debug("refused", connection=what.connection, reason=what.reason)
        headers = {"Connection": "close"} | ({"Retry-After": "5"} if what.reason == "busy" else {})
        return PlainTextResponse(f"{_WORDS[what.reason]}\n", STATUSES[what.reason], headers)

    return Starlette(
        routes=[
            Route("/hooks/touch", touch, methods=["POST"]),
            Route("/hooks/{connection}", hook, methods=["POST"]),
        ]
    )


async def _body(request: Request, settings: HooksSettings) -> bytes:
    """The whole body. Raises `_Undelivered` for one that is too large, too slow or broken off."""
    largest = settings.largest_kilobytes * 1024
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > largest:
        raise _Undelivered("too_large")
    parts, size = [], 0
    try:
        async with asyncio.timeout(settings.slowest_seconds):
            async for part in request.stream():
                size += len(part)
                if size > largest:
                    raise _Undelivered("too_large")
                parts.append(part)
    except TimeoutError:
        raise _Undelivered("too_slow") from None
    except ClientDisconnect:
        raise _Undelivered("not_readable") from None
    return b"".join(parts)


def _target(request: Request) -> str:
    """Path and query as they came, with their escapes: they are what was signed."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}
