"""What was taken back of a run, and by which: compared entry by entry once all is settled, and kept with the run.

What is kept names the runs that it was made from. Where others have taken something back since, or put it back, it
is compared anew, as it is while something of it is open: of many changes, which takes seconds, from time to time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, case, select

from crmsync.store.bookkeeping import undone_runs
from crmsync.store.dialects.statements import among
from crmsync.store.entries import EntryState
from crmsync.store.journal import count_ends
from crmsync.store.lately import Lately
from crmsync.store.tables import journal, runs

LEADS_AT_ONCE = 10_000
"""So many are compared in one go: a run may have written to each lead there is."""

_ARRIVED: tuple[EntryState, ...] = ("written", "unchanged")
_WRITTEN: tuple[EntryState, ...] = ("written",)

_STAGE, _OWNER, _FIELDS = 1, 2, 4
_Parts = dict[str, int]
"""Lead → which of these a run moved, added up; fields where it moved neither stage nor owner."""

_LATELY = Lately[tuple[object, ...], "Undone | None"]()


class Undone(Struct, frozen=True):
    """`by`: run → of how many leads something that it took back stands so, oldest first. `left`: whether anything
    that the run wrote was not taken back, or was put back since.
    """

    by: Mapping[int, int]
    left: bool


class _Undoing:
    """Runs that take back others, those aside that were planned and have never intended anything."""

    def __init__(self, at: Connection, connection_id: int) -> None:
        self._of: dict[int, list[int]] = {}
        for run, of in sorted(undone_runs(at, connection_id).items()):
            self._of.setdefault(of, []).append(run)
        begun = set(_with_entries(at, [run for some in self._of.values() for run in some]))
        self._begun = {of: [run for run in some if run in begun] for of, some in self._of.items()}

    def undone(self, among_these: Collection[int] | None = None) -> list[int]:
        """Runs of which something was taken back, of these or of all."""
        return [run for run, some in self._begun.items() if some and (among_these is None or run in among_these)]

    def of(self, run: int) -> Sequence[int]:
        """Runs that take it back, oldest first."""
        return self._begun.get(run, ())

    def all_of(self, run: int) -> list[int]:
        """The same, and those that take back these, and so on."""
        found = list(self.of(run))
        for each in found:
            found.extend(self.of(each))
        return sorted(found)


def _with_entries(at: Connection, asked: Iterable[int]) -> Iterator[int]:
    for run in asked:
        if at.execute(select(journal.c.id).where(journal.c.run_id == run).limit(1)).first() is not None:
            yield run


def read_undone(at: Connection, connection_id: int, asked: Collection[int]) -> dict[int, Undone]:
    """Of these runs those of which something was taken back."""
    undoing = _Undoing(at, connection_id)
    those = undoing.undone(asked)
    kept = _kept(at, those, undoing)
    found = {run: kept[run] if run in kept else _compared_lately(at, run, undoing) for run in those}
    return {run: undone for run, undone in found.items() if undone is not None}


def to_keep(at: Connection, connection_id: int) -> dict[int, str]:
    """Run → what is to be kept of it, where that is not kept yet and all is settled."""
    undoing = _Undoing(at, connection_id)
    kept = _kept(at, undoing.undone(), undoing)
    texts = {}
    for run in undoing.undone():
        of = undoing.all_of(run)
        if run in kept or any("intended" in ends for ends in count_ends(at, [run, *of]).values()):
            continue
        found = _compared(at, run, undoing)
        told = None if found is None else {"by": list(found.by.items()), "left": found.left}
        texts[run] = json.dumps({"of": of, "told": told})
    return texts


def keep_undone(at: Connection, texts: Mapping[int, str]) -> None:
    """See `to_keep`."""
    for run, text in texts.items():
        at.execute(runs.update().where(runs.c.id == run).values(undone=text))


def _kept(at: Connection, asked: Sequence[int], undoing: _Undoing) -> dict[int, Undone | None]:
    """Without what can no longer be read, or was made from other runs. Null: nothing had arrived."""
    if not asked:
        return {}
    found: dict[int, Undone | None] = {}
    for run, text in at.execute(select(runs.c.id, runs.c.undone).where(among(runs.c.id, asked))):
        try:
            kept = json.loads(text or "null")
            if kept is not None and kept["of"] == undoing.all_of(run):
                found[run] = _told(kept["told"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return found


def _told(told: Any) -> Undone | None:
    return None if told is None else Undone({int(run): int(leads) for run, leads in told["by"]}, bool(told["left"]))


def _compared_lately(at: Connection, run: int, undoing: _Undoing) -> Undone | None:
    """While many changes are being taken back each page asks for it."""
    key = (str(at.engine.url), run, *undoing.all_of(run))
    return _LATELY.told(key, lambda: _compared(at, run, undoing))


def _compared(at: Connection, run: int, undoing: _Undoing) -> Undone | None:
    """Null where nothing has arrived of what was to take it back."""
    direct, below = undoing.of(run), undoing.all_of(run)
    arrived = select(journal.c.id).where(among(journal.c.run_id, direct), journal.c.state.in_(_ARRIVED))
    if at.execute(arrived.limit(1)).first() is None:
        return None
    leads, left = dict.fromkeys(direct, 0), False
    for some in _by_leads(at, run):
        rest = _moved(at, [run], some, _WRITTEN).get(run, {})
        undid = _moved(at, below, some, _ARRIVED)
        back = {each: _stands(each, undid, undoing) for each in direct}
        own = dict(rest)
        for each, parts in back.items():
            for lead, part in parts.items():
                if own.get(lead, 0) & part:
                    leads[each] += 1
                    rest[lead] &= ~part
        left = left or any(rest.values())
    return Undone({each: number for each, number in leads.items() if number}, left)


def _stands(run: int, undid: Mapping[int, _Parts], undoing: _Undoing) -> _Parts:
    """What this run did and nobody has put back."""
    did = dict(undid.get(run, {}))
    for each in undoing.of(run):
        for lead, parts in _stands(each, undid, undoing).items():
            if lead in did:
                did[lead] &= ~parts
    return did


def _by_leads(at: Connection, run: int) -> Iterator[list[ColumnElement[bool]]]:
    """Conditions that part the run's leads, in their order, into some at a time."""
    lead = journal.c.lead
    behind: list[ColumnElement[bool]] = []
    while True:
        ends = select(lead).where(journal.c.run_id == run, *behind).order_by(lead).offset(LEADS_AT_ONCE - 1).limit(1)
        last = at.execute(ends).scalar()
        if last is None:
            yield behind
            return
        yield [*behind, lead <= last]
        behind = [lead > last]


def _moved(
    at: Connection, asked: Sequence[int], some: Sequence[ColumnElement[bool]], states: Sequence[EntryState]
) -> dict[int, _Parts]:
    c, found = journal.c, dict[int, _Parts]()
    stage = case((c.stage_before.is_distinct_from(c.stage_after), _STAGE), else_=0)
    owner = case((c.owner_before.is_distinct_from(c.owner_after), _OWNER), else_=0)
    for run in asked:
        parts = found.setdefault(run, {})
        query = select(c.lead, stage + owner).where(c.run_id == run, *some, c.state.in_(states))
        for lead, moved in at.execute(query):
            parts[lead] = parts.get(lead, 0) | (moved or _FIELDS)
    return found
