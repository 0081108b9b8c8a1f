"""Connections that take their time: one that has not said what it wants soon enough is closed."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


def hurried(seconds: float) -> type[H11Protocol]:
    """A protocol whose clients have so long for the head of each request; the body is the app's to wait for."""

    class Hurried(H11Protocol):
        """HTTP/1.1 with a deadline for heads of requests."""

        _deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._begin()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._asked():
                self._end()
            elif self._deadline is None:
                self._begin()

        def connection_lost(self, exc: Exception | None) -> None:
            self._end()
            super().connection_lost(exc)

        def _asked(self) -> bool:
            """Whether a request is there and is being answered."""
            cycle: Any = self.cycle
            return cycle is not None and not cycle.response_complete

        def _begin(self) -> None:
            self._deadline = self.loop.call_later(seconds, self._late)

        def _end(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _late(self) -> None:
            self._deadline = None
            if not self._asked():
                self.transport.abort()

    return Hurried
