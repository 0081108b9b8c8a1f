"""Work that begins when somebody calls, beside the schedule: one thread for each name, so that none waits.

It is no job of the scheduler's: a flood of calls takes none of its threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

import structlog

log = structlog.get_logger()

LOOK_SECONDS = 15.0
"""How often it is looked without a call: for what was left by a process that died."""
SHARED_LOOK_SECONDS = 1.0
"""The same where other machines may have been called."""

Work = Callable[[Callable[[], bool]], float | None]
"""It is given `stop`, and gives the seconds until it wants to go on: 0 = at once, null = when somebody calls."""


class OnCall:
    """Works when called. `gather_seconds`: how long calls gather before the work begins. `shared`: whether calls may
    come in elsewhere.
    """

    def __init__(self, gather_seconds: Callable[[], float], shared: Callable[[], bool]) -> None:
        """Nobody works yet."""
        self._gather_seconds = gather_seconds
        self._shared = shared
        self._workers: dict[str, _Worker] = {}
        self._stopping = threading.Event()
        self._changing = threading.Lock()

    def run(self, works: Mapping[str, Work]) -> None:
        """These and no others are called from now on. One that is at work ends when it is stopped."""
        with self._changing:
            gone = [name for name in self._workers if name not in works]
            for name in gone:
                self._workers.pop(name).stop()
            for name, work in works.items():
                if name not in self._workers and not self._stopping.is_set():
                    self._workers[name] = _Worker(name, work, self)
                    self._workers[name].start()

    def call(self, name: str) -> None:
        """There is something to do."""
        worker = self._workers.get(name)
        if worker is not None:
            worker.call()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """At the end of the block all that is under way is stopped, and waited for."""
        try:
            yield
        finally:
            with self._changing:
                self._stopping.set()
                workers, self._workers = list(self._workers.values()), {}
            for worker in workers:
                worker.stop()
            for worker in workers:
                worker.join()

    @property
    def gather_seconds(self) -> float:
        """How long calls gather."""
        return self._gather_seconds()

    @property
    def look_seconds(self) -> float:
        """How long without a call nothing is looked for."""
        return SHARED_LOOK_SECONDS if self._shared() else LOOK_SECONDS


class _Worker:
    """One name's thread."""

    def __init__(self, name: str, work: Work, of: OnCall) -> None:
        self._work = work
        self._of = of
        self._called = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"told of {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def call(self) -> None:
        self._called.set()

    def stop(self) -> None:
        self._stopping.set()
        self._called.set()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        pause: float | None = 0.0
        while not self._stopping.is_set():
            if pause is None:
                if self._called.wait(self._of.look_seconds):
                    self._stopping.wait(self._of.gather_seconds)
            else:
                self._rest(pause)
            self._called.clear()
            if not self._stopping.is_set():
                pause = self._done()

    def _rest(self, seconds: float) -> None:
        """Calls do not shorten it: it is there because something is in the way."""
        until = monotonic() + max(seconds, self._of.gather_seconds)
        while not self._stopping.is_set() and (left := until - monotonic()) > 0:
            self._stopping.wait(left)

    def _done(self) -> float | None:
        try:
            return self._work(self._stopping.is_set)
        except Exception:
            log.exception("what was called for failed; this is a fault of crmsync")
            return self._of.look_seconds
