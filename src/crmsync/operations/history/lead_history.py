"""`crmsync history`: every field that crmsync wrote of a lead, or in a run, and what others did meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from crmsync.connection.record_pages import RecordPages
from crmsync.connection.stored_kind import last_seen, note_another_object, users_last_seen
from crmsync.errors import NextStep, UsageError
from crmsync.mapping import CrmMapping
from crmsync.model import Outcome, SetAside
from crmsync.operations.history.runs import OUTCOME, told
from crmsync.operations.history.stored_leads import pages_of, stored_leads
from crmsync.settings import Settings
from crmsync.store import EntryState, JournalEntry, Overruled, StageMove, Store
from crmsync.values import asdict, field_names, replace


@dataclass(frozen=True, slots=True)
class Entry:
    """A native field that a run meant to write. `at`: when its end was known, else when it was meant.

    `part`: what of the lead the field is; `record`: it is of a record beside the lead, a task that was closed, say,
    and `object` and `record` say of which one. `state`: the journal's own word for the end. Of an entry whose detail
    was thinned, stage and owner are told in the policy's words, without reasons.
    """

    connection: str
    run: int
    at: datetime
    lead: str
    field: str
    before: str | None
    after: str | None
    part: Literal["stage", "owner", "other", "record"]
    outcome: Outcome
    state: EntryState
    message: str
    reasons: tuple[str, ...]
    object: str | None = None
    record: str | None = None
    url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's keys, and `connection`, `part`, `state`, `message`, `object`, `record`, `url`."""
        values = {name: getattr(self, name) for name in field_names(self)}
        return {**values, "at": told(self.at), "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """`entries`: newest run last. `moves`, `overruled`: of named leads only, what others did, (connection, it).

    `set_aside`: of a run only, what it could not handle: the first thousand. `labels`: what the CRM calls the values
    of the leads' fields, by (field, value).
    """

    entries: tuple[Entry, ...]
    moves: tuple[tuple[str, str, StageMove], ...] = ()
    overruled: tuple[tuple[str, Overruled], ...] = ()
    lead_names: Mapping[str, str] = field(default_factory=dict)
    user_names: Mapping[str, str] = field(default_factory=dict)
    set_aside: tuple[SetAside, ...] = ()
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The stable shape. `moves`: every change of stage, by crmsync or by somebody there."""
        return {
            "format": 1,
            "entries": [entry.to_json() for entry in self.entries],
            "moves": [
                {
                    "connection": connection,
                    "lead": lead,
                    "day": move.day.isoformat(),
                    "before": move.stage_before,
                    "after": move.stage_after,
                    "cause": move.cause,
                    "run": move.run_id,
                }
                for connection, lead, move in self.moves
            ],
            "overruled": [
                {
                    "connection": connection,
                    "lead": it.what.lead,
                    "day": it.day.isoformat(),
                    "part": it.what.part,
                    "ours": it.what.ours,
                    "theirs": it.what.theirs,
                }
                for connection, it in self.overruled
            ],
            "set_aside": [asdict(each) for each in self.set_aside],
        }


def history_of_lead(settings: Settings, lead: str, connections: Sequence[str]) -> LeadHistory:
    """All that happened to the named lead, oldest first. Raises `UsageError` when nothing is stored of it."""
    with closing(Store(settings.store)) as store:
        entries: list[Entry] = []
        moves: list[tuple[str, str, StageMove]] = []
        overruled: list[tuple[str, Overruled]] = []
        names: dict[str, str] = {}
        users: dict[str, str] = {}
        labels: dict[tuple[str, str], str] = {}
        for connection, native in stored_leads(settings, store, lead, connections, once_stored=True):
            mapping, page = settings.connection(connection).mapping, pages_of(settings, store, connection)
            for entry in store.journal.entries(connection, leads=[native]):
                entries += entries_of(connection, entry, mapping, page)
            moves += [(connection, native, move) for move in store.history.stages_of(connection, native)]
            overruled += [(connection, each) for each in store.left_alone.overruled(connection, leads=[native])]
            names |= store.facts.lead_names(connection, [native])
            users |= users_last_seen(store, connection)
            labels |= _labels(store, connection)
    return LeadHistory(tuple(entries), tuple(moves), tuple(overruled), names, users, labels=labels)


def history_of_run(
    settings: Settings, run: int, connections: Sequence[str], *, after: str | None = None, most: int | None = None
) -> LeadHistory:
    """What one run meant to write, by lead: all, or of at most so many leads behind `after`.

    Raises `UsageError` when there is no such run.
    """
    with closing(Store(settings.store)) as store:
        for name in settings.named(connections):
            if store.runs.one(name, run) is None:
                continue
            mapping = settings.connection(name).mapping
            note_another_object(settings.connection(name), last_seen(store, name))
            page = pages_of(settings, store, name)
            if most is None:
                found = sorted(store.journal.entries(name, run_id=run), key=lambda entry: entry.change.lead)
            else:
                found = list(store.journal.page(name, run, after=after, most=most))
            entries = tuple(each for entry in found for each in entries_of(name, entry, mapping, page))
            aside = store.runs.set_aside(name, run)
            names = store.facts.lead_names(name, [*(each.lead for each in entries), *(each.lead for each in aside)])
            users, labels = users_last_seen(store, name), _labels(store, name)
            return LeadHistory(entries, lead_names=names, user_names=users, set_aside=aside, labels=labels)
    where = ", ".join(settings.named(connections))
    raise UsageError(f"there is no run {run} of {where}", step=NextStep("look_at_runs", "`crmsync runs` lists them"))


def _labels(store: Store, connection: str) -> dict[tuple[str, str], str]:
    """(Field, value) → what the CRM calls it, as last seen."""
    known = last_seen(store, connection)
    fields = known.lead_fields if known else ()
    return {(one.name, choice.value): choice.label for one in fields for choice in one.choices if choice.label}


def entries_of(connection: str, entry: JournalEntry, mapping: CrmMapping, page: RecordPages) -> Iterator[Entry]:
    """One for each field that a change writes, of the lead and then of records beside it.

    Of a change whose detail was thinned, stage and owner as they are known.
    """
    change = entry.change
    stage_fields = set(mapping.stage.fields)
    written: dict[str, tuple[str | None, str | None]] = dict(change.writes)
    if not written:
        written |= {mapping.stage.field: (change.stage_before, change.stage_after)} if change.stage_changes else {}
        written |= {mapping.owner.field: (change.owner_before, change.owner_after)} if change.owner_changes else {}
    for name, (before, after) in written.items():
        part = _part(name, stage_fields, mapping)
        yield replace(_entry(connection, entry, name, before, after, part), url=page(change.lead))
    for record in change.records:
        for name, (before, after) in record.writes.items():
            told = _entry(connection, entry, name, before, after, "record")
            yield replace(told, object=record.object, record=record.id, url=page(change.lead))


def _part(field: str, stage_fields: Collection[str], mapping: CrmMapping) -> Literal["stage", "owner", "other"]:
    if field in stage_fields:
        return "stage"
    return "owner" if field == mapping.owner.field else "other"


def _entry(
    connection: str,
    entry: JournalEntry,
    field: str,
    before: str | None,
    after: str | None,
    part: Literal["stage", "owner", "other", "record"],
) -> Entry:
    return Entry(
        connection=connection,
        run=entry.run_id,
        at=entry.settled_at or entry.intended_at,
        lead=entry.change.lead,
        field=field,
        before=before,
        after=after,
        part=part,
        outcome=OUTCOME[entry.state],
        state=entry.state,
        message=entry.message,
        reasons=entry.change.reasons,
    )
