"""Staying below a CRM's rate limits by waiting before a call instead of being refused after it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping

from msgspec import Struct


class Pace(Struct, frozen=True):
    """At most `calls` calls within any `seconds`."""

    calls: int
    seconds: float


class Pacer:
    """Sliding windows by name (`general`, `search`). Used by one thread, like the connector that owns it."""

    def __init__(
        self,
        paces: Mapping[str, Pace],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`clock` gives seconds that never go back; `sleep` takes seconds."""
        self._paces = dict(paces)
        self._calls: dict[str, deque[float]] = {name: deque() for name in paces}
        self._clock = clock
        self._sleep = sleep

    def wait(self, *names: str) -> float:
        """Wait until one more call fits into every named window, count it, return the seconds waited."""
        began = self._clock()
        while (pause := max(self._pause(name) for name in names)) > 0:
            self._sleep(pause)
        now = self._clock()
        for name in names:
            self._calls[name].append(now)
        return now - began

    def _pause(self, name: str) -> float:
        """Seconds until the window has room."""
        pace, calls, now = self._paces[name], self._calls[name], self._clock()
        while calls and calls[0] <= now - pace.seconds:
            calls.popleft()
        return max(calls[0] + pace.seconds - now, 0.0) if len(calls) >= pace.calls else 0.0
