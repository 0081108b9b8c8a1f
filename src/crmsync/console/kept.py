"""What an answer on stored leads depends on: once that is another, the answer is made anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crmsync.operations.run.ready import stored
from crmsync.operations.run.serve import stamps
from crmsync.settings import Settings
from crmsync.store import Store

_A_WHILE = timedelta(minutes=15)
"""Wherever the org is, a day begins on such a quarter."""


def state_of(settings: Settings, connection: str, now: Callable[[], datetime]) -> object:
    """The quarter of an hour, the last run, the files, and what people do to the store between two runs: a lead is
    forgotten, or let go again. Raises `UsageError` where nothing is stored yet: to look never reads the CRM.
    """
    with closing(Store(settings.store)) as store:
        stored(settings, settings.chosen((connection,))[0], store)
        runs = store.runs.last(connection, limit=1)
        people = store.runs.digests(connection), len(store.left_alone.overruled(connection, counting=True))
    quarter = (now() - datetime.min.replace(tzinfo=UTC)) // _A_WHILE
    return quarter, runs, people, files_of(settings)


def files_of(settings: Settings) -> object:
    """Of an answer that depends on the files alone, with the calendars that the roster names."""
    folder = Path(settings.roster_document.file).parent
    calendars = (folder / name for _, (name, _) in settings.roster.calendar_files())
    return stamps((*settings.files, *calendars))
