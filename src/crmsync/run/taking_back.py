"""One lead of an undo: what of its journal entry is given back, and what stays and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from crmsync.connection.prepared import Prepared
from crmsync.enumeration import first_few
from crmsync.model import Change, RecordChange, SetAside
from crmsync.plan import Part, Reversal, Taker, reversal, taken_back
from crmsync.run.held import Values, gone_words
from crmsync.run.left_alone import LeftAlone
from crmsync.run.looked import Looked
from crmsync.store import JournalEntry
from crmsync.values import replace

_WRITTEN = {"written", "did_not_stick", "intended"}
_OUTSIDE = "no longer a lead of this connection"
_UNREAD = "{record} could not be read and stays as it is: `crmsync undo {run}` looks at it again"
_CANCELLED = "run {run} meant to write to it and was cut off: it is not written any more"


@dataclass(frozen=True, slots=True)
class EntryTakenBack:
    """What becomes of one entry. `back`: the lead holds what it held before. `arrived`: the run had written to it."""

    lead: str
    change: Change | None = None
    aside: SetAside | None = None
    arrived: bool = True

    @property
    def back(self) -> bool:
        """Whether nothing is left to do, and nothing stays."""
        return self.arrived and self.change is None and self.aside is None

    @staticmethod
    def records_of(entry: JournalEntry) -> Iterator[tuple[str, str, Sequence[str]]]:
        """(object, id, fields) of the records that a change made or wrote beside its lead."""
        for made in entry.made:
            object_name, _, number = made.rpartition(":")
            yield object_name, number, ()
        for record in entry.change.records:
            yield record.object, record.id, tuple(record.writes)


def may_have_arrived(entry: JournalEntry) -> bool:
    """Whether there may be something of it in the CRM that nobody else has written."""
    return entry.state in _WRITTEN or bool(entry.made)


@dataclass(frozen=True)
class TakingBack:
    """What all entries of an undo have in common.

    `stored`: leads in the working set. `alone`: those that people keep for themselves. `open_leads`: those with a
    change that is still open, which may have been cut off midway. `since`: lead → field → a later run that has
    written it. `before`: where an undo is undone, lead → the entry that it had taken back. `puts_back`: an undo
    of an undo.
    """

    prepared: Prepared
    run: int
    only: Part | None
    looked: Looked
    stored: frozenset[str]
    alone: Mapping[str, LeftAlone]
    open_leads: frozenset[str]
    since: Mapping[str, Mapping[str, int]]
    before: Mapping[str, JournalEntry]
    puts_back: bool

    def of(self, entry: JournalEntry) -> EntryTakenBack:
        """What becomes of this entry."""
        lead = entry.change.lead
        if not may_have_arrived(entry):
            return EntryTakenBack(lead, arrived=False)
        if why := self._out_of_reach(lead):
            return EntryTakenBack(lead, aside=SetAside(lead, why))
        held = self.looked.leads[lead]
        done = entry.change if entry.state in _WRITTEN else replace(entry.change, writes={})
        found = reversal(done, held, self._taker, half=lead in self.open_leads, since=self.since.get(lead))
        records = tuple(self._records(entry)) if self._owner_goes(done, found) else ()
        change: Change | None = self._change(entry, done, found, records)
        nothing = not (found.writes or records)
        if nothing and entry.state == "intended" and self.only is None and not found.kept:
            change = replace(change, reasons=(_CANCELLED.format(run=self.run),)) if change else None
        elif nothing:
            change = None
        kept = [*found.kept, *(self._unread(entry) if self._owner_goes(done, found) else ())]
        aside = SetAside(lead, "; ".join(kept)) if kept else None
        return EntryTakenBack(lead, change, aside)

    def _change(
        self, entry: JournalEntry, done: Change, found: Reversal, records: tuple[RecordChange, ...]
    ) -> Change:
        change = taken_back(done, self.looked.leads[done.lead], found, self._taker, self._reason())
        turn = self._turn(entry, change)
        routing = self.before[done.lead].change.routing if turn else None
        return replace(change, records=records, turn=turn, routing=routing)

    @cached_property
    def _taker(self) -> Taker:
        filled = self.prepared.filled
        told = frozenset(it.written.field for it in filled if it.written.content == "previous_owner")
        fixed = frozenset(name for name, field in self.prepared.fields.items() if not field.clearable)
        inactive = {user.id: user.name for user in self.prepared.users if not user.active}
        return Taker(self.prepared.mapping, told, self.only, fixed, inactive)

    def _out_of_reach(self, lead: str) -> str:
        """Why nothing of the lead is written; empty where it may be."""
        if lead not in self.looked.leads:
            return gone_words(self.looked.gone.get(lead, ""))
        if lead not in self.stored:
            return _OUTSIDE
        kept = self.alone.get(lead)
        return f"left alone: {kept.words}" if kept else ""

    def _reason(self) -> str:
        if self.puts_back:
            return f"run {self.run} had taken it back: it is put back"
        return f"run {self.run} had written it: it is given back"

    def _owner_goes(self, done: Change, found: Reversal) -> bool:
        """Whether what was made for the owner is not needed any more."""
        if self.only not in (None, "owner"):
            return False
        return found.owner != "other" if done.owner_changes else True

    def _records(self, entry: JournalEntry) -> Iterator[RecordChange]:
        """Tasks that the run made are closed; those that an undo has closed are opened again."""
        for made in entry.made:
            object_name, _, number = made.rpartition(":")
            how, held = self.looked.closing.get(object_name), self.looked.records.get((object_name, number))
            if how is not None and held is not None and held.get(how.field) not in how.closed:
                yield RecordChange(object_name, number, {how.field: (held.get(how.field), how.value)})
        for record in entry.change.records:
            held = self.looked.records.get((record.object, record.id))
            if held is not None and _holds(held, record):
                back = {name: (after, before) for name, (before, after) in record.writes.items()}
                yield RecordChange(record.object, record.id, back)

    def _unread(self, entry: JournalEntry) -> Iterator[str]:
        """Those that stay as they are because nobody knows how they are."""
        for object_name, number, _ in EntryTakenBack.records_of(entry):
            if (object_name, number) in self.looked.unread:
                yield _UNREAD.format(record=f"{object_name} {number}", run=self.run)

    def _turn(self, entry: JournalEntry, change: Change) -> str | None:
        """The pool whose turn the owner has again, where giving it back is undone."""
        earlier = self.before.get(entry.change.lead)
        if earlier is None or earlier.turn_held or not change.owner_changes:
            return None
        same = change.owner_after == earlier.change.owner_after
        known = change.owner_after in self.prepared.roster.by_user
        return earlier.change.turn if same and known else None


def _holds(held: Values, record: RecordChange) -> bool:
    return all((held.get(name) or None) == (after or None) for name, (_, after) in record.writes.items())


def written_since(
    run: int, entries: Iterable[JournalEntry], undo_of: Mapping[int, int]
) -> Mapping[str, Mapping[str, int]]:
    """Lead → field → a run after this one whose value stands there. `entries`: those that arrived, oldest first."""
    writers: dict[tuple[str, str], list[int]] = {}
    for entry in entries:
        for name in entry.change.writes:
            those = writers.setdefault((entry.change.lead, name), [])
            if those and undo_of.get(entry.run_id) == those[-1]:
                those.pop()
            else:
                those.append(entry.run_id)
    since: dict[str, dict[str, int]] = {}
    for (lead, name), those in writers.items():
        if those and those[-1] > run:
            since.setdefault(lead, {})[name] = those[-1]
    return since


def told_of(results: Sequence[EntryTakenBack], run: int) -> Iterator[str]:
    """What of a run's entries neither changes nor is set aside."""
    if not results:
        yield f"run {run} wrote nothing: there is nothing to take back"
    back = [it.lead for it in results if it.back]
    if back:
        leads = "1 lead holds" if len(back) == 1 else f"{len(back):,} leads hold"
        yield f"{leads} already what was there before ({first_few(sorted(back))})"
    never = [it.lead for it in results if not it.arrived]
    if never:
        leads = "on 1 lead" if len(never) == 1 else f"on {len(never):,} leads"
        yield f"{leads} nothing of run {run} had arrived ({first_few(sorted(never))})"
