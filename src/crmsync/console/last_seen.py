"""That somebody who is signed in was here: noted in the store, and no page waits for a store that is busy or full."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread

import structlog

from crmsync.errors import CrmsyncError
from crmsync.run.unforeseen import unforeseen_in_words

log = structlog.get_logger()

PATIENCE_SECONDS = 0.5


class LastSeen:
    """Of all browsers of a console; one note of each at a time."""

    def __init__(self) -> None:
        """Nothing is being noted."""
        self._lock = Lock()
        self._noting: set[str] = set()

    def note(self, secret: str, write: Callable[[], object]) -> None:
        """Write it now if that can be had, else behind the page; what cannot be written is noted another time."""
        with self._lock:
            if secret in self._noting:
                return
            self._noting.add(secret)
        thread = Thread(target=self._write, args=(secret, write), name="console-seen", daemon=True)
        thread.start()
        thread.join(PATIENCE_SECONDS)

    def _write(self, secret: str, write: Callable[[], object]) -> None:
        try:
            with unforeseen_in_words():
                write()
        except CrmsyncError as error:
            log.warning("it could not be noted that somebody was here", error=type(error).__name__)
        finally:
            with self._lock:
                self._noting.discard(secret)
