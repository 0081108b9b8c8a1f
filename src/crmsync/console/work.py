"""Long work of the console: it goes on when the page is left, and the page finds it again. One at a time on a
connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import structlog

from crmsync.errors import CrmsyncError, RunStopped
from crmsync.operations.run.another_run import once_it_has_ended
from crmsync.progress import Progress
from crmsync.run.unforeseen import unforeseen_in_words

log = structlog.get_logger()

WorkKind = Literal["making", "undoing", "writing"]
_PATIENCE_SECONDS, _AGAIN_SECONDS = 60.0, 0.5
_MOMENT_SECONDS, _MOMENTS_APART_SECONDS = 2.0, 0.05
_T = TypeVar("_T")


@dataclass
class Work:
    """What is done on a connection, how far it is, and how it ended. `waits`: another run is at work.

    `about`: what was asked for, as far as the kind does not say it.
    """

    kind: WorkKind
    by: str | None
    what: str = ""
    done: int = 0
    total: int | None = None
    waits: bool = False
    ended: bool = False
    error: CrmsyncError | None = None
    result: object = None
    about: object = None
    stop: threading.Event = field(default_factory=threading.Event)

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far it is. Raises `RunStopped` where it is to end and only reads: what writes ends between batches."""
        self.what, self.done, self.total = what, done, total
        if self.stop.is_set() and self.kind != "writing":
            raise RunStopped("the console was told to end while it read the CRM", hint="make the plan again")


Job = Callable[[Progress, Callable[[], bool]], object]
"""Given how to tell how far it is, and what to ask whether to stop between batches."""


class Works:
    """Those of one console."""

    def __init__(self) -> None:
        """Nothing is at work."""
        self._lock = threading.Lock()
        self._works: dict[str, Work] = {}
        self._threads: dict[str, threading.Thread] = {}

    def begin(self, connection: str, kind: WorkKind, by: str | None, job: Job, about: object = None) -> bool:
        """False where something else is at work on the connection already; the same, sent once more, is begun."""
        with self._lock:
            there = self._works.get(connection)
            if there is not None and not there.ended:
                return (there.kind, there.by, there.about) == (kind, by, about)
            work = self._works[connection] = Work(kind, by, about=about)
            thread = threading.Thread(target=self._at_work, args=(connection, work, job), name=f"console {kind}")
            self._threads[connection] = thread
            thread.start()
        return True

    def of(self, connection: str) -> Work | None:
        """What is done there, or was done last."""
        with self._lock:
            return self._works.get(connection)

    def forget(self, connection: str) -> None:
        """How the last one ended was read."""
        with self._lock:
            if (work := self._works.get(connection)) is not None and work.ended:
                del self._works[connection]

    def close(self) -> None:
        """Let what writes end between two batches, and what reads where it is; and wait for it."""
        with self._lock:
            works, threads = list(self._works.values()), list(self._threads.values())
        for work in works:
            work.stop.set()
        for thread in threads:
            thread.join()

    def _at_work(self, connection: str, work: Work, job: Job) -> None:
        line = log.bind(connection=connection)
        try:
            with unforeseen_in_words():
                work.result = _once_it_can_be_had(work, job)
            line.info("the console's work is done", kind=work.kind)
        except CrmsyncError as error:
            work.error = error
            line.warning("the console's work stopped", kind=work.kind, error=type(error).__name__)
        finally:
            work.waits, work.ended = False, True


def in_a_moment(deed: Callable[[], _T]) -> _T:
    """What a page does on a connection itself. Who else does such a thing there is done with it at once: only a run
    that works on longer is told. Raises `AnotherRunInProgress`.
    """
    return once_it_has_ended(deed, patience_seconds=_MOMENT_SECONDS, apart_seconds=_MOMENTS_APART_SECONDS)


def _once_it_can_be_had(work: Work, job: Job) -> object:
    """Another run ends soon, as a rule; for longer than a minute nobody waits."""

    def waits() -> None:
        work.waits = True

    return once_it_has_ended(
        lambda: job(work.progress, work.stop.is_set),
        patience_seconds=_PATIENCE_SECONDS,
        apart_seconds=_AGAIN_SECONDS,
        stop=work.stop,
        waits=waits,
    )
