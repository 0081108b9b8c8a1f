"""`crmsync runs`: what ran, when, by whom, and what came of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from msgspec import Struct

from crmsync.enumeration import first_few
from crmsync.errors import LeftOut, NextStep, UsageError
from crmsync.model import Outcome
from crmsync.settings import Settings
from crmsync.store import EntryState, RunRecord, Store, Undone
from crmsync.values import asdict

OUTCOME: Mapping[EntryState, Outcome] = {
    "written": "written",
    "unchanged": "unchanged",
    "conflict": "conflict",
    "refused": "refused",
    "did_not_stick": "did_not_stick",
    "gone": "refused",
    "intended": "not_reached",
    "superseded": "not_reached",
}
"""What a plan calls the end that the journal knows: a lead that is gone could not be written, and what was never seen
to arrive was not reached."""


class TakenBackBy(Struct, frozen=True):
    """A run that took back what another had written. `leads`: of how many something stands so."""

    run: int
    at: datetime
    leads: int


class RunLine(Struct, frozen=True):
    """A run with what became of its changes, outcome → how many. `undone_by`: oldest first. `left`: whether anything
    that it wrote was not taken back, or was put back since.
    """

    connection: str
    run: RunRecord
    outcomes: Mapping[Outcome, int]
    undone_by: tuple[TakenBackBy, ...] = ()
    left: bool = True

    @property
    def written(self) -> int:
        """Leads to which it wrote."""
        return self.outcomes.get("written", 0)

    @property
    def can_be_taken_back(self) -> bool:
        """Whether something is left that an undo could give back."""
        return not self.run.dry_run and self.written > 0 and self.left

    def to_json(self) -> dict[str, Any]:
        """The contract's keys, and what else is known. Instants in UTC; null = it has not ended, or was killed."""
        run = self.run
        return {
            "id": run.id,
            "connection": self.connection,
            "kind": run.kind,
            "dry_run": run.dry_run,
            "started_at": told(run.started_at),
            "ended_at": told(run.ended_at),
            "exit_code": run.exit_code,
            "counts": dict(run.counts),
            "outcomes": dict(self.outcomes),
            "by": run.by,
            "plan": run.plan,
            "undo_of": run.undo_of,
            "undone_by": [{"run": it.run, "at": told(it.at), "leads": it.leads} for it in self.undone_by],
            "breaches": [asdict(breach) for breach in run.breaches],
        }


def run_lines(settings: Settings, connections: Sequence[str], *, show: int) -> list[RunLine]:
    """The last runs of the named connections, or of all, newest first. `show`: how many in all; 0 = every one."""
    limit = show or None
    with closing(Store(settings.store)) as store:
        kept = {name: store.runs.read(name, limit=limit) for name in settings.named(connections)}
        lines = [line for name, runs in kept.items() for line in lines_of(store, name, runs.records)]
    tell_damaged([number for runs in kept.values() for number in runs.damaged])
    return sorted(lines, key=lambda line: -line.run.id)[:limit]


def run_line(settings: Settings, run: int) -> RunLine:
    """One run. Raises `UsageError` when there is none of this number."""
    with closing(Store(settings.store)) as store:
        for name in settings.named(()):
            if (record := store.runs.one(name, run)) is not None:
                return lines_of(store, name, (record,))[0]
    raise UsageError(f"there is no run {run}", step=NextStep("look_at_runs", "`crmsync runs` lists them"))


def lines_of(store: Store, connection: str, runs: Sequence[RunRecord]) -> list[RunLine]:
    """These runs of one connection with what became of their changes."""
    ends = store.journal.ends(connection, [run.id for run in runs])
    undone = store.journal.taken_back(connection, [run.id for run in runs])
    lines = []
    for run in runs:
        outcomes: dict[Outcome, int] = {}
        for state, number in ends.get(run.id, {}).items():
            outcomes[OUTCOME[state]] = outcomes.get(OUTCOME[state], 0) + number
        back = undone.get(run.id, Undone({}, left=True))
        lines.append(RunLine(connection, run, outcomes, _told_of(store, connection, back), back.left))
    return lines


def _told_of(store: Store, connection: str, undone: Undone) -> tuple[TakenBackBy, ...]:
    """Without runs that are no longer there."""
    runs = ((store.runs.one(connection, run), leads) for run, leads in undone.by.items())
    return tuple(TakenBackBy(run.id, run.started_at, leads) for run, leads in runs if run is not None)


def tell_damaged(runs: Sequence[int]) -> None:
    """A warning that these runs are left out of what is shown, if there are any."""
    if runs:
        told = first_few([str(number) for number in runs])
        words = "1 run" if len(runs) == 1 else f"{len(runs):,} runs"
        warnings.warn(f"left out, as what is kept there is damaged: {words} ({told})", LeftOut, stacklevel=2)


def told(instant: datetime | None) -> str | None:
    """An instant for programs, in whole seconds."""
    return None if instant is None else instant.isoformat(timespec="seconds")
