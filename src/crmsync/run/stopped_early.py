"""Runs that stopped before they were counted as runs, as by a refused sign-in: the store remembers the last one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from msgspec import Struct

from crmsync.errors import CrmsyncError, SignInRefused
from crmsync.store import RunRecord, Store

STOPPED_EARLY = "stopped_early"
"""Under this name the store keeps it, as JSON."""


class StoppedEarly(Struct, frozen=True):
    """When it was, with which exit code, and whether the CRM refused the credentials."""

    at: datetime
    exit_code: int
    sign_in_refused: bool


@contextmanager
def stops_noted(store: Store, connection: str, now: Callable[[], datetime]) -> Iterator[None]:
    """What is raised within is raised, and remembered until a later run of the connection is counted as one."""
    try:
        yield
    except Exception as error:
        with suppress(CrmsyncError):  # where the store is what stopped it
            latest = store.runs.last(connection, limit=1, with_told=False)
            noted = {
                "after": latest[0].id if latest else 0,
                "at": now().isoformat(),
                "exit_code": error.exit_code if isinstance(error, CrmsyncError) else 1,
                "sign_in_refused": isinstance(error, SignInRefused),
            }
            store.runs.set_digests(connection, {STOPPED_EARLY: json.dumps(noted)})
        raise


def stopped_early(store: Store, connection: str, latest: RunRecord | None) -> StoppedEarly | None:
    """The last such run, unless `latest` came after it."""
    told = store.runs.digests(connection).get(STOPPED_EARLY)
    if told is None:
        return None
    try:
        noted = json.loads(told)
        stopped = StoppedEarly(
            datetime.fromisoformat(noted["at"]), int(noted["exit_code"]), bool(noted["sign_in_refused"])
        )
        after = int(noted["after"])
    except (ValueError, KeyError, TypeError):  # damaged: what it told is told by the next run again
        return None
    return stopped if latest is None or latest.id <= after else None
