"""The control API under `/_practice/`: what a rehearsal or a test looks at and turns, outside quota and
faults.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crmsync_practice.backend import Backend, PracticeContext
from crmsync_practice.faults import Faults, FaultsRefused
from crmsync_practice.reading import RecordRefused, read_edit, read_time
from crmsync_practice.records import time_to_json
from crmsync_practice.traffic import Traffic


def control_app(side: Backend, context: PracticeContext, traffic: Traffic, faults: Faults) -> Starlette:
    """The control API of one CRM's port. A request it does not understand gets 400 `{"error": …}`."""
    control = _Control(side, context, traffic, faults)
    return Starlette(
        routes=[
            Route("/_practice/state", control.state, methods=["GET"]),
            Route("/_practice/edit", control.edit, methods=["POST"]),
            Route("/_practice/log", control.log, methods=["GET"]),
            Route("/_practice/requests", control.requests, methods=["GET"]),
            Route("/_practice/calls", control.calls, methods=["GET"]),
            Route("/_practice/clock", control.clock, methods=["GET", "PUT"]),
            Route("/_practice/switches", control.switches, methods=["GET", "PUT"]),
            Route("/_practice/faults", control.fault_rules, methods=["GET", "PUT", "DELETE"]),
        ]
    )


class _Control:
    """One method for each resource."""

    def __init__(self, side: Backend, context: PracticeContext, traffic: Traffic, faults: Faults) -> None:
        self._side, self._context, self._traffic, self._faults = side, context, traffic, faults

    async def state(self, _: Request) -> Response:
        return _json(self._side.state())

    async def edit(self, request: Request) -> Response:
        try:
            payload = read_edit(_decoded(await request.body()))
            return _json(self._side.edit(payload, payload["by"]))
        except RecordRefused as refused:
            return _json({"error": str(refused)}, 400)

    async def log(self, request: Request) -> Response:
        return _since(request, self._context.writes.after)

    async def requests(self, request: Request) -> Response:
        return _since(request, self._traffic.after)

    async def calls(self, _: Request) -> Response:
        return _json(dict(sorted(self._traffic.calls.items())))

    async def clock(self, request: Request) -> Response:
        clock = self._context.clock
        if request.method == "PUT":
            try:
                clock.set(_instant(_decoded(await request.body())))
            except RecordRefused as refused:
                return _json({"error": str(refused)}, 400)
        return _json({"now": time_to_json(clock.now()), "set": clock.is_set})

    async def fault_rules(self, request: Request) -> Response:
        try:
            if request.method == "PUT":
                self._faults.set(_decoded(await request.body()))
            elif request.method == "DELETE":
                self._faults.clear()
        except (FaultsRefused, RecordRefused) as refused:
            return _json({"error": str(refused)}, 400)
        return _json(self._faults.report())

    async def switches(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                wanted = _decoded(await request.body())
                known = self._side.switches()
                if not isinstance(wanted, dict) or not set(wanted) <= set(known):
                    raise RecordRefused(f"expected some of the switches {', '.join(sorted(known))}")
                self._side.switch(wanted)
            except RecordRefused as refused:
                return _json({"error": str(refused)}, 400)
        return _json(self._side.switches())


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordRefused("expected JSON") from error


def _instant(wanted: Any) -> datetime | None:
    """The time of `{"now": TIME}`, or of a bare TIME; null lets the clock run."""
    if isinstance(wanted, dict):
        if "now" not in wanted:
            raise RecordRefused('expected {"now": TIME} or {"now": null}')
        wanted = wanted["now"]
    return None if wanted is None else read_time(wanted, "now")


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _since(request: Request, entries: Any) -> Response:
    text = request.query_params.get("after", "0")
    if not text.isdecimal() or len(text) > 18:
        return _json({"error": "after: expected the last seq seen"}, 400)
    return _json(entries(int(text)))
