"""Questions to a CRM that take a while: asked behind the page by a thread of their own, and kept for some time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from crmsync.errors import CrmsyncError
from crmsync.progress import Progress
from crmsync.run.unforeseen import unforeseen_in_words

log = structlog.get_logger()

KEPT_SECONDS = 3_600.0
_MOST_KEPT = 32


@dataclass
class Errand:
    """One question. `answer`: null until it is there; `error`: why there will be none. Seconds of a clock that only
    goes on.
    """

    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    step: str = ""
    done: int = 0
    total: int | None = None
    answer: Any = None
    error: CrmsyncError | None = None

    @property
    def working(self) -> bool:
        """Whether it is still being asked."""
        return self.ended is None

    @property
    def age_minutes(self) -> int:
        """Since the answer came."""
        return 0 if self.ended is None else int((time.monotonic() - self.ended) / 60)


class Errands:
    """Each under a key: while one is at work, the same is not asked again."""

    def __init__(self, kept_seconds: float = KEPT_SECONDS) -> None:
        """Nothing is asked yet."""
        self._kept = kept_seconds
        self._lock = threading.Lock()
        self._errands: dict[tuple[str, ...], Errand] = {}

    def send(self, key: tuple[str, ...], ask: Callable[[Progress], Any]) -> Errand:
        """Ask, behind the page."""
        with self._lock:
            known = self._errands.get(key)
            if known is not None and known.working:
                return known
            errand = Errand()
            self._errands.pop(key, None)
            self._errands[key] = errand
            for old in [each for each, one in self._errands.items() if not one.working][:-_MOST_KEPT]:
                del self._errands[old]
        threading.Thread(target=_work, args=(errand, ask), name="errand", daemon=True).start()
        return errand

    def of(self, key: tuple[str, ...]) -> Errand | None:
        """What was asked under this key, unless that is too long ago."""
        with self._lock:
            found = self._errands.get(key)
            if found is not None and found.ended is not None and time.monotonic() - found.ended > self._kept:
                del self._errands[key]
                return None
            return found


def _work(errand: Errand, ask: Callable[[Progress], Any]) -> None:
    def progress(what: str, done: int, total: int | None) -> None:
        errand.step, errand.done, errand.total = what, done, total

    try:
        with unforeseen_in_words():
            errand.answer = ask(progress)
    except CrmsyncError as error:
        log.warning("the CRM could not be asked", error=type(error).__name__)
        errand.error = error
    finally:
        errand.ended = time.monotonic()
