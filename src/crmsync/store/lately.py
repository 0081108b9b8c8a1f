"""Answers that take long and are asked for again and again while they change: told as they were a short time ago."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")

_QUICK_SECONDS = 0.5
"""What takes no longer is made each time."""

_TIMES, _LONGEST_SECONDS = 20, 120.0
"""An answer is told for so many times as long as it took to make: a twentieth of one processor goes into it."""

_KEPT = 100
_WAIT_SECONDS = 10.0


class Lately(Generic[_K, _V]):
    """Threads may share it: what one of them makes, others wait for a while, as it is soon theirs as well."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._told: dict[_K, tuple[float, _V]] = {}
        self._making = threading.Lock()

    def told(self, key: _K, make: Callable[[], _V]) -> _V:
        """What was made for this key lately, or is now."""
        if (found := self._found(key)) is not None:
            return found[1]
        alone = self._making.acquire(timeout=_WAIT_SECONDS)
        try:
            if (found := self._found(key)) is not None:
                return found[1]
            began = self._seconds()
            answer = make()
            took = (ended := self._seconds()) - began
            if took > _QUICK_SECONDS:
                while len(self._told) >= _KEPT:
                    self._told.pop(next(iter(self._told)), None)
                self._told[key] = (ended + min(took * _TIMES, _LONGEST_SECONDS), answer)
            return answer
        finally:
            if alone:
                self._making.release()

    def _found(self, key: _K) -> tuple[float, _V] | None:
        found = self._told.get(key)
        return found if found is not None and self._seconds() < found[0] else None
