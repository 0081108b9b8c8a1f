"""One engine for each place of a store, however often a process opens the store: it keeps its sessions, and compiled
statements, of which a page of the console would compile twenty again. Who closes the store last gives the sessions
back; the engine opens others when it is asked again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from sqlalchemy import URL, Engine

_PLACES_KEPT = 4


class SharedEngines:
    """Those of one kind of database. Threads may share it."""

    def __init__(self, make: Callable[[URL], Engine]) -> None:
        self._make = lru_cache(maxsize=_PLACES_KEPT)(make)
        self._users: Counter[Engine] = Counter()
        self._counting = threading.Lock()

    def take(self, url: URL) -> Engine:
        """The place's engine, for one more store that is open on it."""
        with self._counting:
            engine = self._make(url)
            self._users[engine] += 1
            return engine

    def give_back(self, engine: Engine, *, counted: bool) -> None:
        """One store less; `counted`: not one that is closed again, because it was asked after it was closed.

        Sessions are closed with the last store only: others may be in the middle of something, and a session that
        comes back to an engine which was told to let go of all is closed by nobody.
        """
        with self._counting:
            self._users[engine] -= counted
            if self._users[engine] <= 0:
                del self._users[engine]
                engine.dispose()
