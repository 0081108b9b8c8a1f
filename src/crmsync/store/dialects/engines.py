"""One engine for each place of a store, however often a process opens the store: it keeps its sessions, and compiled
statements, of which a page of the console would compile twenty again. Who closes the store last gives the sessions
back; the engine opens others when it is asked again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Engine

_PLACES_KEPT = 4


class SharedEngines:
    """Those of one kind of database. Threads may share it."""

    def __init__(self, make: Callable[[URL], Engine]) -> None:
        self._make = lru_cache(maxsize=_PLACES_KEPT)(make)
        self._users: dict[Engine, WeakSet[Any]] = {}
        self._counting = threading.Lock()

    def take(self, url: URL, user: object) -> Engine:
        """The place's engine, for one more store that is open on it."""
        with self._counting:
            engine = self._make(url)
            self._users.setdefault(engine, WeakSet()).add(user)
            return engine

    def give_back(self, engine: Engine, user: object) -> None:
        """One store less. It may be closed again, as it may be asked after it was closed.

        Sessions are closed with the last store only: others may be in the middle of something, and a session that
        comes back to an engine which was told to let go of all is closed by nobody.
        """
        with self._counting:
            users = self._users.get(engine, WeakSet())
            users.discard(user)
            if not users:
                self._users.pop(engine, None)
                engine.dispose()
