"""What an answer on stored leads depends on: once that is another, the answer is made anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

from crmsync.operations.run.ready import stored
from crmsync.operations.run.serve import stamps
from crmsync.settings import Settings
from crmsync.store import Store

_A_WHILE = timedelta(minutes=15)
"""Wherever the org is, a day begins on such a quarter."""


def state_of(settings: Settings, connection: str, now: Callable[[], datetime]) -> object:
    """The quarter of an hour, the last run, and the files. Raises `UsageError` where nothing is stored yet: to look
    never reads the CRM.
    """
    with closing(Store(settings.store)) as store:
        stored(settings, settings.chosen((connection,))[0], store)
        runs = store.runs.last(connection, limit=1)
    return (now() - datetime.min.replace(tzinfo=UTC)) // _A_WHILE, runs, stamps(settings.files)


def files_of(settings: Settings) -> object:
    """Of an answer that depends on the files alone."""
    return stamps(settings.files)
