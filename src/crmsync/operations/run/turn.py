"""Whose turn it is on a connection, within one process: runs of the schedule before those of tellings."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal


class TurnOfRuns:
    """One run at a time. A run of the schedule waits for one of tellings, which ends soon; none begins meanwhile."""

    def __init__(self) -> None:
        """Nothing is at work."""
        self._changed = threading.Condition()
        self._at_work: Literal["schedule", "tellings"] | None = None
        self._awaited = False

    @property
    def awaited(self) -> bool:
        """Whether a run of the schedule waits for one of tellings to end."""
        return self._awaited

    @contextmanager
    def of_schedule(self) -> Iterator[bool]:
        """False where another run of the schedule is at work, or about to begin: then this one is left out."""
        with self._changed:
            if self._at_work == "schedule" or self._awaited:
                begins = False
            else:
                self._awaited = True
                self._changed.wait_for(lambda: self._at_work is None)
                self._awaited, self._at_work, begins = False, "schedule", True
        try:
            yield begins
        finally:
            if begins:
                self._end()

    @contextmanager
    def of_tellings(self) -> Iterator[bool]:
        """False where another run is at work, or one of the schedule waits."""
        with self._changed:
            begins = self._at_work is None and not self._awaited
            if begins:
                self._at_work = "tellings"
        try:
            yield begins
        finally:
            if begins:
                self._end()

    def _end(self) -> None:
        with self._changed:
            self._at_work = None
            self._changed.notify_all()
