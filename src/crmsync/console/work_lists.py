"""Whom to contact first, kept for a while: to rank all stored leads takes seconds where there are many."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from threading import Lock

from crmsync.operations.report.listing import Listing
from crmsync.operations.report.worklist import work_lists
from crmsync.operations.run.ready import stored
from crmsync.operations.run.serve import stamps
from crmsync.settings import Settings
from crmsync.store import Store

SHOWN = 8
_A_WHILE = timedelta(minutes=15)
"""Wherever the org is, a day begins on such a quarter."""


class KeptWorkLists:
    """Made anew when a run has ended since, a file has changed, or a quarter of an hour is over."""

    def __init__(self) -> None:
        """None is made yet."""
        self._lock = Lock()
        self._kept: dict[str, tuple[object, Listing]] = {}

    def of(self, settings: Settings, connection: str, now: Callable[[], datetime]) -> Listing:
        """One connection's. Raises `UsageError` where nothing is stored yet: to look never reads the CRM."""
        with self._lock:  # two readers at once wait for one list
            with closing(Store(settings.store)) as store:
                stored(settings, settings.chosen((connection,))[0], store)
                runs = store.runs.last(connection, limit=1)
            state = (now() - datetime.min.replace(tzinfo=now().tzinfo)) // _A_WHILE, runs, stamps(settings.files)
            if connection not in self._kept or self._kept[connection][0] != state:
                [report] = work_lists(
                    settings,
                    (connection,),
                    stages=(),
                    hand_over=None,
                    show=SHOWN,
                    as_of=None,
                    now=now,
                    progress=_unseen,
                )
                self._kept[connection] = state, report.listings[0]
            return self._kept[connection][1]


def _unseen(what: str, done: int, total: int | None) -> None:
    """Nobody looks at how far a page is."""
