"""The middleware around one CRM: records and counts requests, injects faults, and hides its own mistakes.

Everything under `/_practice/` goes to the control API instead and is neither recorded, counted nor broken.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crmsync_practice import exchange
from crmsync_practice.backend import Backend, PracticeContext
from crmsync_practice.exchange import Answer
from crmsync_practice.faults import FaultRule, Faults
from crmsync_practice.record_page import is_record_page, record_page
from crmsync_practice.records import time_to_json

_KINDS = {"<": "text/html", "{": "application/json", "[": "application/json"}
"""Media type of a made-up body by its first character."""

logger = logging.getLogger("crmsync_practice")


@dataclass(frozen=True, slots=True)
class _Recorded:
    at: datetime
    method: str
    path: str
    query: str
    status: int | None
    request_headers: list[tuple[bytes, bytes]]
    request_body: bytes | None
    response_headers: list[tuple[bytes, bytes]]
    response_body: bytes | None


class Traffic:
    """What passed over one port."""

    def __init__(self, context: PracticeContext, *, record_bodies: bool) -> None:
        self._context = context
        self._record_bodies = record_bodies
        self._requests: list[_Recorded] = []
        self.calls: Counter[str] = Counter()

    def add(self, scope: Scope, at: datetime, body: bytes, answer: Answer | None) -> None:
        """Notes one exchange; no answer means that the connection was dropped."""
        bodies = self._record_bodies
        self._requests.append(
            _Recorded(
                at=at,
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
                status=None if answer is None else answer.status,
                request_headers=scope["headers"],
                request_body=body if bodies else None,
                response_headers=[] if answer is None else answer.headers,
                response_body=answer.body if bodies and answer is not None else None,
            )
        )

    def after(self, seq: int) -> list[dict[str, Any]]:
        """The requests with a seq greater than this one, as the control API tells them (no credentials)."""
        start = max(seq, 0)
        return [
            {
                "seq": number,
                "at": time_to_json(each.at),
                "method": each.method,
                "path": each.path,
                "query": each.query,
                "status": each.status,
                "request_headers": _headers(each.request_headers),
                "request_body": _text(each.request_body),
                "response_headers": _headers(each.response_headers),
                "response_body": _text(each.response_body),
            }
            for number, each in enumerate(self._requests[start:], start=start + 1)
        ]


class TrafficMiddleware:
    """The ASGI app of one port: control API, faults, then the CRM's own routes."""

    def __init__(
        self,
        crm: ASGIApp,
        *,
        control: ASGIApp,
        side: Backend,
        context: PracticeContext,
        traffic: Traffic,
        faults: Faults,
    ) -> None:
        self._crm = crm
        self._control = control
        self._side = side
        self._context = context
        self._traffic = traffic
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        beside = self._beside(scope)
        if beside is not None:
            await beside(scope, receive, send)
            return
        at = self._context.clock.now()
        body = await exchange.read_body(receive)
        if body is None:
            exchange.abort(scope)
            return
        self._traffic.calls[self._endpoint(scope)] += 1
        query = scope["query_string"].decode("latin-1")
        within = self._side.within(scope["method"], scope["path"], body)
        rule = self._faults.decide(scope["method"], scope["path"], query, within)
        if rule is not None and rule.delay_seconds:
            await self._faults.delay(rule)
        if rule is not None and rule.drop == "before":
            self._traffic.add(scope, at, body, None)
            exchange.abort(scope)
            return
        answer = await self._answer(scope, body, rule)
        answer.headers.append((b"date", format_datetime(self._context.clock.now(), usegmt=True).encode()))
        if rule is not None and rule.drop == "after":
            self._traffic.add(scope, at, body, None)
            exchange.abort(scope)
            return
        self._traffic.add(scope, at, body, answer)
        if rule is not None and rule.truncate is not None and rule.truncate is not False:
            keep_bytes = len(answer.body) // 2 if rule.truncate is True else rule.truncate
            await exchange.send_cut(scope, send, answer, keep_bytes)
            return
        await answer.send(send)

    def _beside(self, scope: Scope) -> ASGIApp | None:
        """What answers requests that the CRM's own interface has no part in."""
        if scope["path"].startswith("/_practice/"):
            return self._control
        if scope["method"] in {"GET", "HEAD"} and is_record_page(scope["path"]):
            return record_page(self._side.record_at(scope["path"]))
        return None

    async def _answer(self, scope: Scope, body: bytes, rule: FaultRule | None) -> Answer:
        if rule is not None and rule.status is not None and rule.drop != "after":
            return await exchange.run(self._injected(rule, scope), scope, body)
        try:
            return await exchange.run(self._crm, scope, body)
        except Exception:
            logger.exception("practice CRM failed on %s %s", scope["method"], scope["path"])
            return await exchange.run(self._side.failure(500), scope, body)

    def _injected(self, rule: FaultRule, scope: Scope) -> Response:
        assert rule.status is not None
        if rule.body is None:
            method, path = scope["method"], scope["path"]
            return self._side.failure(rule.status, rule.retry_after_seconds, method=method, path=path)
        headers = {}
        if rule.retry_after_seconds is not None:
            headers["Retry-After"] = exchange.retry_after(rule.retry_after_seconds)
        if isinstance(rule.body, str):
            kind = _KINDS.get(rule.body.lstrip()[:1], "text/plain")
            return Response(rule.body, rule.status, headers, media_type=kind)
        return JSONResponse(rule.body, rule.status, headers)

    def _endpoint(self, scope: Scope) -> str:
        try:
            return self._side.endpoint_of(scope["method"], scope["path"])
        except Exception:
            logger.exception("no endpoint name for a request")
            return "other"


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    secret = (b"authorization", b"cookie")
    return {
        name.decode("latin-1"): "***" if name.lower() in secret else value.decode("latin-1") for name, value in raw
    }


def _text(body: bytes | None) -> str | None:
    return None if body is None else body.decode("utf-8", "replace")
