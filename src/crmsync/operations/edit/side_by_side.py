"""Facts on the left, the CRM's fields on the right, and value beside value: which of the CRM's nobody has named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from crmsync.connection.snapshot import Snapshot
from crmsync.operations.edit.activities import ActivityLine, activities_of
from crmsync.operations.edit.facts import MappedFact, mapped_facts
from crmsync.operations.edit.offers import MOST_OPTIONS, Offer
from crmsync.operations.edit.stages import Stages, stages_of
from crmsync.operations.fields.listing import ListedField
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.suggest.shapes import FieldCandidate

_FIGURES = ("integer", "number", "money")
_TAKEN_FROM = 0.5
"""Confidence from which another field than the mapped one is worth telling."""


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value of the CRM's field and what the mapping says of it: a word of the policy, `null`, or nothing.

    `leads`: records of the sample with it; null = not counted. `covered`: whether crmsync knows what it means.
    `there`: whether it is among those that the CRM offers, or stands in the file alone.
    """

    native: str
    label: str
    leads: int | None
    word: str | None
    covered: bool
    there: bool


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact and its field. `field`: null where nothing is known of it. `missing`: the CRM has no such field.

    `suggested`: the best other field, where there is one worth a look.
    """

    fact: MappedFact
    field: ListedField | None
    missing: bool
    values: tuple[ValueLine, ...]
    suggested: FieldCandidate | None

    @property
    def uncovered(self) -> int:
        """How many values nobody has named."""
        return sum(not each.covered for each in self.values)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """`records`: of how many leads counts and fill tell; null = the CRM was not asked, and its set-up is that of the
    last run (none where there was no run).
    """

    lines: tuple[FactLine, ...]
    records: int | None
    known: bool
    stages: Stages
    activities: tuple[ActivityLine, ...]

    @property
    def unmapped(self) -> int:
        """Facts without a field, of those that the policy asks for."""
        return sum(line.fact.mapped is None and line.fact.wanted for line in self.lines)

    @property
    def uncovered(self) -> int:
        """Values nobody has named, in all."""
        return sum(line.uncovered for line in self.lines)


def side_by_side(settings: Settings, connection: str, offer: Offer | None) -> SideBySide:
    """`offer`: what the CRM was seen to have; null = it was not asked."""
    known = offer if offer is not None else _as_last_seen(settings, connection)
    lines = tuple(_line(fact, known, asked=offer is not None) for fact in mapped_facts(settings, connection))
    stages, activities = stages_of(settings, connection, known), activities_of(settings, connection, known)
    return SideBySide(lines, offer.records if offer else None, known is not None, stages, activities)


def _as_last_seen(settings: Settings, connection: str) -> Offer | None:
    """The fields of the last run: those that the mapping named then."""
    with closing(Store(settings.store)) as store:
        text = store.runs.snapshot(connection)
    snapshot = Snapshot.from_text(text) if text else None
    if snapshot is None:
        return None
    fields = {
        each.name: ListedField(
            snapshot.lead_object or "", each.name, each.label, each.type, each.kind, each.writable, (), None, (), ()
        )
        for each in snapshot.lead_fields
    }
    options = {
        each.name: tuple((it.value, it.label, None) for it in each.choices[:MOST_OPTIONS])
        for each in snapshot.lead_fields
        if each.choices
    }
    return Offer(snapshot.lead_object or "", 0, False, fields, options, {}, ())


def _line(fact: MappedFact, known: Offer | None, *, asked: bool) -> FactLine:
    field = known.fields.get(fact.field) if known and fact.field else None
    missing = asked and fact.field is not None and field is None
    values = tuple(_values(fact, known)) if fact.mapped else ()
    suggestion = known.suggestions.get(fact.asked.name) if known else None
    best = suggestion.candidates[0] if suggestion and suggestion.candidates else None
    worth = best is not None and best.confidence >= _TAKEN_FROM and (fact.mapped is None or missing)
    return FactLine(fact, field, missing, values, best if worth else None)


def _values(fact: MappedFact, known: Offer | None) -> Iterator[ValueLine]:
    offered = known.options.get(fact.field or "", ()) if known else ()
    seen = set()
    for native, label, leads in offered:
        seen.add(native.strip().casefold())
        word = fact.word_for(native)
        yield ValueLine(native, label, leads, word, word is not None or _means_itself(fact, native), True)
    for native, told in fact.values.items():
        if native.strip().casefold() not in seen:
            yield ValueLine(native, native, None, "null" if told is None else told, True, False)


def _means_itself(fact: MappedFact, native: str) -> bool:
    """Whether a value that the mapping does not name is understood all the same."""
    if fact.values:
        return False  # `values` names all that is understood
    if fact.asked.type == "choice":
        return native in fact.asked.values
    if fact.asked.type in _FIGURES:
        return native.replace(".", "", 1).isdigit()
    return True
