"""Work that takes longer than a page may: done behind it, one after the other, and kept while it holds true.

What a page asks for is computed once for what it depends on (`state`: files, the last run, a quarter of an hour).
While it is not there yet the page tells how far it is, and can be left.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import structlog

from crmsync.errors import CrmsyncError, RunStopped
from crmsync.progress import Progress
from crmsync.run.unforeseen import told

log = structlog.get_logger()

MOST_KEPT = 24
MOST_WAITING = 6


@dataclass(frozen=True, slots=True)
class StillComputing:
    """Not there yet. `what`: being done, in words; `total`: null = not known; `done` 0 also while it waits."""

    what: str = ""
    done: int = 0
    total: int | None = None


@dataclass(slots=True)
class _Computation:
    state: object
    make: Callable[[Progress], Any]
    standing: StillComputing = StillComputing()
    answer: Any = None
    error: CrmsyncError | None = None
    ended: bool = False


class Background:
    """One thread for all of it: more at once would take from pages and runs what they need."""

    def __init__(self) -> None:
        """Nothing is asked for yet."""
        self._lock = Lock()
        self._work: OrderedDict[str, _Computation] = OrderedDict()
        self._waiting: SimpleQueue[_Computation] = SimpleQueue()
        self._thread: Thread | None = None

    def of(self, key: str, state: object, make: Callable[[Progress], Any]) -> Any:
        """The answer for this state, or `StillComputing`. Raises what making it raised, and `RunStopped` where too
        much waits already.
        """
        with self._lock:
            work = self._work.get(key)
            if work is None or work.state != state:
                work = self._begun(key, _Computation(state, make))
            self._work.move_to_end(key)
            if not work.ended:
                return work.standing
            if work.error is not None:
                del self._work[key]  # whoever asks again has it tried again
                raise work.error
            return work.answer

    def _begun(self, key: str, work: _Computation) -> _Computation:
        if sum(not each.ended for each in self._work.values()) >= MOST_WAITING:
            raise RunStopped("other pages are still being computed", hint="look again when one of them is there")
        while len(self._work) >= MOST_KEPT and (old := next((k for k, it in self._work.items() if it.ended), None)):
            del self._work[old]
        self._work[key] = work
        self._waiting.put(work)
        if self._thread is None:
            self._thread = Thread(target=self._through, name="console-background", daemon=True)
            self._thread.start()
        return work

    def _through(self) -> None:
        while True:
            self._do(self._waiting.get())

    def _do(self, work: _Computation) -> None:
        def progress(what: str, done: int, total: int | None) -> None:
            work.standing = StillComputing(what, done, total)

        try:
            answer, error = work.make(progress), None
        except Exception as raised:  # whatever it is: the page tells it, and the thread goes on
            answer, error = None, told(raised)
            log.warning("what a page asks for could not be made", error=type(raised).__name__)
        with self._lock:
            work.answer, work.error, work.ended = answer, error, True
