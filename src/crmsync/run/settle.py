"""What became of changes that an earlier run intended and did not see the end of (a crash, a stop, a lost answer)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field

from crmsync.contract import Connector
from crmsync.enumeration import first_few
from crmsync.mapping import CrmMapping
from crmsync.model import Change, SetAside
from crmsync.run.beside import write_records
from crmsync.run.create import create_records, without_record
from crmsync.run.held import (
    Values,
    batches,
    conflict_of,
    gone_words,
    moved_beside,
    on_the_way,
    read_held,
    unread,
)
from crmsync.run.overruled import with_overrulings
from crmsync.run.verified import arrival
from crmsync.store import JournalEntry, Settlement, Store
from crmsync.values import replace

_DAMAGED = (
    "what was stored of a change under way is damaged: whether it had arrived is not known, and the lead is decided "
    "anew"
)
_OUTSIDE = "no longer a lead of this connection"


class SettleReport(Struct, frozen=True):
    """What an earlier run's open changes turned out to be.

    `written`: had arrived. `reserved`: had not; the lead is due, its rotation turn waits for it. `conflicts`: the
    CRM holds something else. `set_aside`: gone from the CRM. `open`: entries that stay intended; nobody closes them
    before this run intends anew. `waiting`: had arrived but for records beside the lead, and this run writes nothing,
    or leaves the lead alone. `unread`: is there and could not be read; treated like `reserved`, as it may not have
    arrived, and told as what it is. `waited`: seconds that changes of the CRM had waited for what had arrived.
    """

    written: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    open: tuple[JournalEntry, ...] = ()
    waiting: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    waited: tuple[float, ...] = ()

    @property
    def notes(self) -> Iterator[str]:
        """What became of changes that an earlier run had intended and not finished."""
        for leads, one, several in (
            (self.written, "had arrived in the CRM", "had arrived in the CRM"),
            (
                self.waiting,
                "had arrived but for its task, which waits for a run that writes and may touch the lead",
                "had arrived but for their tasks, which wait for a run that writes and may touch the leads",
            ),
            (self.reserved, "had not arrived and is decided anew", "had not arrived and are decided anew"),
            (self.unread, "could not be read and is decided anew", "could not be read and are decided anew"),
            (
                self.conflicts,
                "was overtaken by somebody else's change and is left to it",
                "were overtaken by somebody else's changes and are left to them",
            ),
        ):
            if leads:
                words = one if len(leads) == 1 else several
                yield f"of an earlier run's open changes {len(leads):,} {words} ({first_few(leads)})"


def settle_open(
    connector: Connector,
    store: Store,
    connection: str,
    object_name: str,
    *,
    writes: bool = True,
    now: datetime,
    today: date,
    mapping: CrmMapping | None = None,
    alone: Collection[str] = (),
) -> SettleReport:
    """Look in the CRM what became of changes that are still intended: after a crash, a stop or a lost answer.

    `writes`: records that such a change makes beside its lead may be made now; else it waits for a run that may.
    `alone`: leads that are left alone by now: nothing is made beside them until that ends.
    `mapping`: tells what of a lead somebody else has replaced; without it nothing of that is noted.
    """
    if not store.journal.any_open(connection):
        return SettleReport()
    looked = _Looked(writes, alone)
    aside = [SetAside(lead, _DAMAGED) for lead in store.journal.close_damaged(connection, now=now)]
    entries = store.journal.pending(connection)
    waited: list[float] = []
    for batch in batches([entry.change for entry in entries], connector.capabilities.write_batch_size):
        held, gone = read_held(connector, object_name, batch)
        ended, arrived = looked.sorted_out(batch, held, gone)
        aside += [SetAside(end.lead, end.message) for end in ended if end.outcome == "gone"]
        persons = store.facts.lead_persons(connection, [change.lead for change, _ in arrived])
        store.still_held()
        made = create_records(connector, object_name, arrived, last_try=True, persons=persons)
        changes = {change.lead: change for change, _ in arrived}
        ended += write_records(connector, [(changes[end.lead], end) for end in made], last_try=True)
        aside += without_record(ended)
        noted = with_overrulings(ended, batch, mapping)
        waited += store.journal.record_outcomes(connection, noted, now=now, today=today)
    anew = {*looked.reserved, *looked.unread}
    if anew:
        store.facts.mark_due(connection, anew)
    still_open = tuple(entry for entry in entries if entry.change.lead in anew)
    return SettleReport(
        tuple(looked.written),
        tuple(looked.reserved),
        tuple(looked.conflicts),
        tuple(aside),
        still_open,
        tuple(looked.waiting),
        tuple(looked.unread),
        tuple(waited),
    )


class _Looked(Struct, frozen=True):
    """Which leads turned out to be what; see `SettleReport`. `writes`, `alone`: see `settle_open`."""

    writes: bool
    alone: Collection[str]
    written: list[str] = field(default_factory=list)
    reserved: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def sorted_out(
        self, batch: Sequence[Change], held: Mapping[str, Values], gone: Mapping[str, str]
    ) -> tuple[list[Settlement], list[tuple[Change, Settlement]]]:
        """How changes ended; and those that have arrived but for what is made or written beside their lead."""
        ended: list[Settlement] = []
        arrived: list[tuple[Change, Settlement]] = []
        for change in batch:
            if unread(gone.get(change.lead)):
                self.unread.append(change.lead)
                continue
            if change.lead not in held:
                ended.append(Settlement(change.lead, "gone", gone_words(gone.get(change.lead, ""))))
                continue
            values = held[change.lead]
            end = arrival(change, values)
            if end and (change.writes or not moved_beside(change, values)):
                waits = change.creates and (not self.writes or change.lead in self.alone)
                if waits or (change.records and not self.writes):
                    self.waiting.append(change.lead)
                    continue
                self.written.append(change.lead)
                arrived.append((change, end))
            elif on_the_way(values, change.guarded):
                self.reserved.append(change.lead)
            else:
                self.conflicts.append(change.lead)
                ended.append(conflict_of(change, values))
        return ended, arrived


def close_outside(
    store: Store, connection: str, settled: SettleReport, *, now: datetime, today: date
) -> SettleReport:
    """The same when the CRM has been read: an open change of a lead that is no longer the connection's is given up.

    Its turn is given back; nothing of it had arrived.
    """
    if not settled.open:
        return settled
    stored = store.facts.lead_names(connection, [entry.change.lead for entry in settled.open])
    outside = [entry.change.lead for entry in settled.open if entry.change.lead not in stored]
    if not outside:
        return settled
    store.journal.record_outcomes(
        connection, [Settlement(lead, "gone", _OUTSIDE) for lead in outside], now=now, today=today
    )
    return replace(
        settled,
        reserved=tuple(lead for lead in settled.reserved if lead in stored),
        unread=tuple(lead for lead in settled.unread if lead in stored),
        open=tuple(entry for entry in settled.open if entry.change.lead in stored),
    )
