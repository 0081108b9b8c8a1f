"""The aim of `crmsync apply`: a plan that was made earlier, written as it is, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.contract import Connector
from crmsync.plan import WrittenPlan
from crmsync.route.placing.assignment import no_assignments
from crmsync.run.batches import decided_as_of
from crmsync.run.bound import refuse_unbound
from crmsync.run.changed_files import ChangedFiles, left_to_the_next_run
from crmsync.run.course import Course, RunCircumstances
from crmsync.run.decided import Decided, Foreseen
from crmsync.run.earlier_parts import entries_of, written_before
from crmsync.run.left_alone import left_alone
from crmsync.run.looked import Looked
from crmsync.run.moved_since import HeldAgainst, foreseen
from crmsync.run.turns_now import turns_taken
from crmsync.run.under_way import hand_offs_under_way
from crmsync.store import RunKind, Store
from crmsync.values import replace

_ARRIVED = ("written", "unchanged")


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """`plan`: as it was read from its file. `file`: its name, for messages."""

    plan: WrittenPlan
    file: str

    @property
    def kind(self) -> RunKind:
        """As the store keeps it."""
        return "apply"

    @property
    def of_run(self) -> int:
        """The run that made the plan."""
        return self.plan.bound_to.run

    @property
    def partial(self) -> bool:
        """It is not a part of an everyday run."""
        return False

    @property
    def told(self) -> None:
        """What has changed since the last pull is read."""

    def looked_up(self, prepared: Prepared, store: Store) -> SavedPlan:
        """Raises `UsageError` unless all that the plan is bound to is still the same."""
        refuse_unbound(self.plan.bound_to, self.plan.digest, self.plan.as_of, prepared, store)
        return self

    def command(self, connection: str) -> str:
        """The whole file: what of it is written already stays so."""
        return f"apply {self.file}"

    def concerned_by(self, changed: ChangedFiles) -> ChangedFiles:
        """Nothing: files that have changed refuse the plan; what else is due is left to the next run."""
        return left_to_the_next_run(changed)

    def look(self, found: RunCircumstances, connector: Connector) -> Looked:
        """Nothing: the store knows it."""
        return Looked()

    def course(self, found: RunCircumstances) -> Course:
        """The leads of the plan and no others."""
        leads = tuple(change.lead for change in self.plan.changes)
        under_way = hand_offs_under_way(found.prepared, found.store, now=found.now, as_of=found.as_of).only(leads)
        return Course(under_way=under_way, leads=leads, open=found.open, remembered=False)

    def decide(self, found: RunCircumstances, course: Course) -> Decided:
        """The plan's changes: those that still hold, and of the others why they do not."""
        prepared, store = found.prepared, found.store
        before = entries_of(store, prepared.name, store.runs.carried_out(prepared.name, self.of_run))
        frame = decided_as_of(prepared, store, course.leads or (), self.plan.as_of)
        rows = {row["lead"]: row for row in frame.iter_rows(named=True)}
        standing = HeldAgainst(
            prepared=prepared,
            plan=self.plan,
            course=course,
            written={entry.change.lead: entry.run_id for entry in before if entry.state in _ARRIVED},
            open_leads=frozenset(entry.change.lead for entry in found.open),
            made_at=self._made_at(prepared.name, store),
            alone=left_alone(prepared, store, found.as_of),
        )
        settled: list[Foreseen] = []
        changes = []
        for change in self.plan.changes:
            row = rows.get(change.lead)
            known = foreseen(change, row, standing)
            if known is not None:
                settled.append(known)
            else:
                assert row is not None
                changes.append(standing.gone_on_with(change, row))
        turns, given_back = turns_taken(prepared, store, changes, found.open, now=found.now)
        return Decided(
            frame=frame.with_columns(owner_after=pl.lit(None, pl.String)),
            assignments=replace(no_assignments(), given_back=given_back),
            turns_after=turns,
            changes=tuple(changes),
            credits=(),
            foreseen=tuple(settled),
            digest=self.plan.digest,
            guards=tuple(guard for guard in self.plan.guards if guard.breached),
            written_before=written_before(before, changes),
        )

    def _made_at(self, connection: str, store: Store) -> datetime | None:
        made = store.runs.one(connection, self.of_run)
        return made.started_at if made else None

    def notes(self, found: RunCircumstances, course: Course, decided: Decided) -> Iterator[str]:
        """Which plan it is."""
        yield f"the plan of run {self.of_run}, made from {self.plan.as_of}'s facts; nothing else is written"
