"""The last runs of a connection: whether one is at work, and what they left unwritten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from crmsync.errors import AnotherRunInProgress
from crmsync.run.measured import CHANGE_SECONDS, STOPPED
from crmsync.store import ReadRuns, RunRecord, Store

_RUNS = 50
"""How many of the last runs are looked at."""
_UNWRITTEN = frozenset({"intended", "refused", "did_not_stick"})


def unwritten(store: Store, name: str, wrote: RunRecord | None) -> int:
    """Changes of the last run that was to write, which the CRM refused, did not keep, or was not asked for."""
    if wrote is None or STOPPED in wrote.measures:
        return 0
    ends = store.journal.ends(name, [wrote.id]).get(wrote.id, {})
    return sum(number for state, number in ends.items() if state in _UNWRITTEN)


def answered(store: Store, name: str) -> RunRecord | None:
    """The last run that wrote what a change in the CRM asked for."""
    last = store.runs.read(name, limit=_RUNS).records
    return next((run for run in last if run.ended_at is not None and CHANGE_SECONDS in run.measures), None)


def last_runs(store: Store, name: str, now: datetime) -> tuple[ReadRuns, bool]:
    """The last runs, and whether one is at work; asked again where one ends or begins between the two questions."""
    kept = store.runs.read(name, limit=_RUNS, with_told=False)
    while kept.records and kept.records[0].ended_at is None:
        if _running(store, name, now):
            return kept, True
        again = store.runs.read(name, limit=_RUNS, with_told=False)
        if again.records[:1] == kept.records[:1]:
            return again, False
        kept = again
    return kept, False


def older_to_write(store: Store, name: str, runs: Sequence[RunRecord]) -> Iterator[RunRecord]:
    """The last run that was to write, where only dry ones are among these."""
    if any(run.ended_at is not None and not run.dry_run for run in runs):
        return
    if (older := store.runs.last_to_write(name)) is not None:
        yield older


def _running(store: Store, name: str, now: datetime) -> bool:
    try:
        with store.hold(name, now=now):
            return False
    except AnotherRunInProgress:
        return True
