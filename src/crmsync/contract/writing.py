"""Values and records that are written, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct
from msgspec import field as struct_field


@dataclass(frozen=True, slots=True)
class Write:
    """New native values for one record. `None` = make empty (only sent when the mapping says so).

    `expected`: what the fields held when they were last read (`None` = empty), and perhaps other fields of the same
    change; the connector may use it to compare-and-set, and to know a step backward where the CRM needs a clear
    before the set. `personal`: what else is known of whom the record is about (name, company, e-mail): it is never
    sent, and taken out of the CRM's words.
    """

    id: str
    values: Mapping[str, str | None]
    expected: Mapping[str, str | None]
    personal: tuple[str, ...] = field(default=(), compare=False, repr=False)


class Replaced(Struct, frozen=True):
    """Who has put another value in the place of one that was just written. `source`: the CRM's own word for it."""

    by: Literal["person", "program", "automation"]
    source: str = ""


class Seen(Struct, frozen=True):
    """What a record held right before and right after a write, as the CRM itself tells it.

    `before`: native values that the write met, of every field of `Write.expected`; one that the CRM tells nothing of
    is left out. With it the core sees what a person wrote between the last reading and the write, and gives it back.
    `after`: every field of `Write.expected`, read after the write. `replaced`: of the fields that held what was
    written and do so no more, by whom, where the CRM tells.
    """

    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    replaced: Mapping[str, Replaced] = struct_field(default_factory=dict)


class WriteResult(Struct, frozen=True):
    """What became of one write, in the order of the writes.

    `accepted`: the CRM said yes (not yet verified). `refused`: it said no for this record; `message` is its own
    words, freed of personal data. `gone`: deleted, merged or converted meanwhile. `uncertain`: the answer was
    lost; the core reads back to find out. `conflict`: somebody else changed the record before the write got through,
    and nothing was sent over it. `seen`: from a connector that can tell; without it the core reads back by itself.
    """

    id: str
    outcome: Literal["accepted", "refused", "gone", "uncertain", "conflict"]
    message: str = ""
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Creation:
    """A record to make that belongs to a lead (a task, say), once.

    `lead`: id of the lead record. `values`: native field -> value (text, as everywhere). `known_by`: fields of
    `values`: a record of this lead that holds the same in them is this one, and no second is made. `personal`: as in
    a `Write`.
    """

    lead: str
    values: Mapping[str, str]
    known_by: tuple[str, ...]
    personal: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.known_by or not set(self.known_by) <= self.values.keys():
            raise ValueError("`known_by` must name at least one of the values, and nothing else")


class CreationResult(Struct, frozen=True):
    """What became of one creation, in the order of the creations. `id` is the record's, where it is there.

    `made`: made and there. `there`: was there already (an earlier call whose answer was lost, say). `refused`:
    the CRM said no, `message` in its words without personal data. `gone`: the lead is. `uncertain`: the answer
    was lost and the record is not (yet) to be seen; the same creation again, later, makes it or finds it.
    """

    lead: str
    outcome: Literal["made", "there", "refused", "gone", "uncertain"]
    id: str | None = None
    message: str = ""


class Closing(Struct, frozen=True):
    """How records of an object are closed: `value` in `field` says that nothing is left to do, and so does any of
    `closed`. Native values.
    """

    field: str
    value: str
    closed: frozenset[str]
