"""Sessions with a database's server that a process keeps between one store and the next."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path

from crmsync.store.database import Database
from crmsync.store.dialects.backend import file_at


class KeptSessions:
    """Those with one server stay open when the last store of the process is closed: pages of a console open a few
    stores each. One that has broken meanwhile is thrown away and another opened before anything is asked by it.

    A file is given back with every store: by the next one another may stand in its place. Threads may share it.
    """

    def __init__(self) -> None:
        self._held: dict[str, Database] = {}
        self._changing = threading.Lock()
        weakref.finalize(self, _give_back, self._held)

    def keep(self, location: Path | str) -> None:
        """Those that stores at this location open from now on, and no others. Raises `UsageError`."""
        with self._changing:
            if str(location) not in self._held:
                _give_back(self._held)
                if file_at(location) is None:
                    self._held[str(location)] = Database(location)

    def close(self) -> None:
        """Keep none; whoever is at work goes on."""
        with self._changing:
            _give_back(self._held)


def _give_back(held: dict[str, Database]) -> None:
    while held:
        held.popitem()[1].close()
