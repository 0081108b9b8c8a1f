"""The aim of `crmsync undo`: what a run wrote is taken back where the CRM still holds it, and no more than that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from crmsync.connection.named_leads import named_leads
from crmsync.connection.prepared import Prepared
from crmsync.contract import Connector
from crmsync.errors import NextStep, UsageError
from crmsync.model import Change
from crmsync.plan import Part
from crmsync.route.placing.assignment import no_assignments
from crmsync.run.batches import decided_as_of
from crmsync.run.changed_files import ChangedFiles, left_to_the_next_run
from crmsync.run.course import Course, RunCircumstances
from crmsync.run.decided import Decided
from crmsync.run.earlier_parts import entries_of, written_before
from crmsync.run.left_alone import left_alone
from crmsync.run.looked import Looked, look
from crmsync.run.taking_back import EntryTakenBack, TakingBack, may_have_arrived, told_of, written_since
from crmsync.run.turns_now import turns_taken
from crmsync.run.under_way import hand_offs_under_way
from crmsync.store import JournalEntry, RunKind, RunRecord, Store
from crmsync.values import replace


@dataclass(frozen=True, slots=True)
class Undoing:
    """`run`: which is taken back. `names`: only these leads, as a person writes them (empty = all). `only`: only
    that part.

    `record`, `leads`: the run and the native ids of the leads, once looked up.
    """

    run: int
    names: tuple[str, ...] = ()
    only: Part | None = None
    record: RunRecord | None = None
    leads: frozenset[str] | None = None

    @property
    def kind(self) -> RunKind:
        """As the store keeps it."""
        return "undo"

    @property
    def of_run(self) -> int:
        """The run that is taken back."""
        return self.run

    @property
    def partial(self) -> bool:
        """It is not a part of an everyday run."""
        return False

    @property
    def told(self) -> None:
        """What has changed since the last pull is read."""

    def looked_up(self, prepared: Prepared, store: Store) -> Undoing:
        """Raises `UsageError` for a run that is not the connection's or wrote nothing by intent, and for leads on
        which it meant to write nothing.
        """
        record = store.runs.one(prepared.name, self.run)
        if record is None:
            raise UsageError(
                f"{prepared.name} has no run {self.run}", step=NextStep("look_at_runs", "`crmsync runs` lists them")
            )
        if record.dry_run:
            raise UsageError(
                f"run {self.run} was a dry run: it wrote nothing",
                step=NextStep("look_at_runs", "`crmsync runs` lists those that wrote"),
            )
        if not self.names:
            return replace(self, record=record)
        written = {entry.change.lead for entry in store.journal.entries(prepared.name, run_id=self.run)}
        named = named_leads(prepared.configuration, store, self.names)
        missing = [name for name, ids in named.items() if not written.intersection(ids)]
        if missing:
            raise UsageError(
                f"run {self.run} has written nothing to {', '.join(missing)}",
                step=NextStep(
                    "look_at_run",
                    f"`crmsync history --run {self.run}` lists the leads to which it has",
                    f"{self.run}",
                ),
            )
        wanted = {lead for ids in named.values() for lead in ids}
        return replace(self, record=record, leads=frozenset(written & wanted))

    def command(self, connection: str) -> str:
        """The same part; leads are named again by the reader, as e-mail addresses stay out of plans."""
        options = [*(["--lead …"] if self.names else []), *([f"--only {self.only}"] if self.only else [])]
        return " ".join((f"undo {self.run}", *options))

    def concerned_by(self, changed: ChangedFiles) -> ChangedFiles:
        """Nothing: nothing is decided."""
        return left_to_the_next_run(changed)

    def look(self, found: RunCircumstances, connector: Connector) -> Looked:
        """The leads' fields, as the CRM holds them now, and the records that the run made."""
        prepared = found.prepared
        entries = [entry for entry in self._entries(found) if may_have_arrived(entry)]
        mapping = prepared.mapping
        fields = {*mapping.stage.fields, mapping.owner.field}
        fields.update(name for entry in entries for name in (*entry.change.writes, *entry.change.beside))
        there = {name.lower() for name in prepared.fields}  # one that was written may be gone from the CRM since
        records: dict[str, dict[str, set[str]]] = {}
        for entry in entries:
            for object_name, number, names in EntryTakenBack.records_of(entry):
                records.setdefault(object_name, {}).setdefault(number, set()).update(names)
        leads = [entry.change.lead for entry in entries]
        fields = {name for name in fields if name.lower() in there}
        return look(connector, mapping.lead.object, leads, fields, records)

    def course(self, found: RunCircumstances) -> Course:
        """The leads to which the run wrote, and no others."""
        leads = tuple(entry.change.lead for entry in self._entries(found))
        under_way = hand_offs_under_way(
            found.prepared, found.store, now=found.now, as_of=found.as_of, undoing=leads
        ).only(leads)
        return Course(under_way=under_way, leads=leads, open=found.open, remembered=False)

    def decide(self, found: RunCircumstances, course: Course) -> Decided:
        """Lead by lead: what is given back, and what stays and why."""
        prepared, store = found.prepared, found.store
        frame = decided_as_of(prepared, store, course.leads or (), found.as_of)
        alone = left_alone(prepared, store, found.as_of)
        taking = TakingBack(
            prepared=prepared,
            run=self.run,
            only=self.only,
            looked=found.looked,
            stored=frozenset(frame["lead"]),
            alone={lead: kept for lead, kept in alone.items() if kept.cause != "undone"},
            open_leads=frozenset(entry.change.lead for entry in found.open),
            since=self._since(found, course),
            before=self._undone(found),
            puts_back=self._puts_back(found),
        )
        results = [taking.of(entry) for entry in self._entries(found)]
        changes = tuple(sorted((it.change for it in results if it.change), key=lambda change: change.lead))
        turns, given_back = turns_taken(prepared, store, changes, found.open, now=found.now)
        return Decided(
            frame=_as_given_back(frame, changes),
            assignments=replace(no_assignments(), given_back=given_back),
            turns_after=turns,
            changes=changes,
            credits=(),
            aside=tuple(it.aside for it in results if it.aside),
            told=tuple(self._told(results, found)),
            written_before=written_before(entries_of(store, prepared.name, self._earlier(found)), changes),
        )

    def _earlier(self, found: RunCircumstances) -> list[int]:
        """Runs that took back a part of the same run."""
        undone = found.store.runs.undone(found.prepared.name)
        return sorted(run for run, of in undone.items() if of == self.run)

    def notes(self, found: RunCircumstances, course: Course, decided: Decided) -> Iterator[str]:
        """What is taken back, and how long hands are off it."""
        return iter(decided.told)

    def _told(self, results: list[EntryTakenBack], found: RunCircumstances) -> Iterator[str]:
        assert self.record is not None
        record, movement = self.record, found.prepared.settings.policy.movement
        puts_back = self._puts_back(found)
        verb = "puts back what was taken back by" if puts_back else "takes back"
        only = "" if self.only is None else f", {self.only} only"
        at = f"{record.started_at:%Y-%m-%d %H:%M} UTC"
        yield f"{verb} run {self.run} ({record.kind}, {at}){only}; nothing else is written"
        if record.ended_at is None:
            yield f"run {self.run} did not end: it was killed, or the machine stopped"
        yield from told_of(results, self.run)
        closed = [record.object for it in results if it.change for record in it.change.records]
        if closed:
            does = "opened again" if puts_back else "closed, not deleted"
            verb = "is" if len(closed) == 1 else "are"
            yield f"{len(closed):,} {' and '.join(sorted(set(closed)))} {verb} {does}"
        if puts_back:
            yield "hands are not off these leads any more: the next run decides them like any other"
        elif movement.hands_off_days:
            yield (
                f"what is taken back is left alone for {movement.hands_off_days} days (`movement: hands_off_days`) "
                "→ `crmsync hold LEAD --release` ends that"
            )
        elif any(it.change for it in results):
            yield (
                "the policy knows no hands-off time (`movement: hands_off_days`): the next run decides these leads "
                "anew, and may write the same again"
            )

    def _puts_back(self, found: RunCircumstances) -> bool:
        """Whether it is the undo of an undo, however many there were."""
        steps, record = 1, self.record
        while record is not None and record.undo_of is not None:
            steps, record = steps + 1, found.store.runs.one(found.prepared.name, record.undo_of)
        return steps % 2 == 0

    def _entries(self, found: RunCircumstances) -> list[JournalEntry]:
        entries = found.store.journal.entries(found.prepared.name, run_id=self.run)
        return [entry for entry in entries if self.leads is None or entry.change.lead in self.leads]

    def _undone(self, found: RunCircumstances) -> Mapping[str, JournalEntry]:
        """Where an undo is undone: lead → the entry that it had taken back."""
        assert self.record is not None
        if self.record.undo_of is None:
            return {}
        entries = found.store.journal.entries(found.prepared.name, run_id=self.record.undo_of)
        return {entry.change.lead: entry for entry in entries}

    def _since(self, found: RunCircumstances, course: Course) -> Mapping[str, Mapping[str, int]]:
        """Lead → field → a later run whose value it holds. What was taken back again does not count."""
        store, name = found.store, found.prepared.name
        entries = store.journal.entries(name, state="written", leads=course.leads or ())
        return written_since(self.run, entries, store.runs.undone(name))


def _as_given_back(frame: pl.DataFrame, changes: tuple[Change, ...]) -> pl.DataFrame:
    """The frame in which each lead stands where it is to stand, not where it was decided to."""
    moves = {change.lead: change.stage_after for change in changes}
    stays = pl.col("stage")
    after = pl.col("lead").replace_strict(moves, default=stays, return_dtype=pl.String) if moves else stays
    return frame.with_columns(stage_after=after, owner_after=pl.lit(None, pl.String))
