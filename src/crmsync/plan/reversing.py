"""What a change has written, taken back where the CRM still holds it: the other changes of an undo. Pure.

Stage, owner and each field that crmsync fills are looked at by themselves. The native fields of a stage go together,
and so does what was written with an owner: it tells of that owner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from msgspec import Struct, field

from crmsync.mapping import CrmMapping, same_value, stage_of
from crmsync.model import Change
from crmsync.plan.parts import Part, part_of

Held = Mapping[str, str | None]
"""Native field → value, as the CRM holds it now."""
Pairs = Mapping[str, tuple[str | None, str | None]]
_State = Literal["ours", "back", "other"]

THINNED = "which fields the run wrote is no longer kept (`retention` in crmsync.yaml)"


class Taker(Struct, frozen=True):
    """What taking back needs to know. `owner_fields`: those for people that tell of an owner's move.

    `only`: the part that is taken back; null = all. `never_empty`: fields that the CRM never leaves empty.
    `inactive`: native users who own nothing any more, with their names.
    """

    mapping: CrmMapping
    owner_fields: Collection[str]
    only: Part | None
    never_empty: Collection[str] = ()
    inactive: Mapping[str, str] = field(default_factory=dict)


class Reversal(Struct, frozen=True):
    """`writes`: native field → (what the CRM holds, what it held before). `kept`: why other parts stay, in words.

    `owner`: how the owner stands: ours and to be given back, given back already, or another's; null = it was not
    written, or is not asked for.
    """

    writes: Pairs
    kept: tuple[str, ...] = ()
    owner: _State | None = None


def reversal(
    done: Change, held: Held, taker: Taker, *, half: bool = False, since: Mapping[str, int] | None = None
) -> Reversal:
    """Look at what `done` has written.

    `half`: a write of the lead was cut off, so that a field of it that is empty was emptied on the way. `since`:
    field → a later run that has written it, and whose value it is by now.
    """
    if _thinned(done):
        return Reversal({}, (THINNED,))
    looked = _Looked(done, held, taker, half, since or {})
    writes: dict[str, tuple[str | None, str | None]] = {}
    kept: list[str] = []
    owner: _State | None = None
    parts = looked.parts()
    if stage := parts["stage"]:
        others = [*looked.others(stage), *looked.moved_beside()]
        if others and any(looked.state(name) != "back" for name in stage):
            kept.append(looked.words(others))
        elif not others:
            writes |= looked.back(stage)
    if with_owner := parts["owner"]:
        owner = _owner_state(looked, with_owner)
        if owner == "other":
            kept.append(looked.words([taker.mapping.owner.field]))
        else:
            writes |= looked.back(name for name in with_owner if looked.state(name) == "ours")
            kept += [looked.words([name]) for name in looked.others(with_owner)]
    for name in parts["fields"]:
        if looked.state(name) == "other":
            kept.append(looked.words([name]))
        else:
            writes |= looked.back([name])
    return Reversal(writes, tuple(kept), owner)


def taken_back(done: Change, held: Held, reversed_: Reversal, taker: Taker, reason: str) -> Change:
    """The change that writes this."""
    mapping, writes = taker.mapping, reversed_.writes
    after = {**held, **{name: value for name, (_, value) in writes.items()}}
    beside = [*mapping.stage.fields, mapping.owner.field]
    return Change(
        lead=done.lead,
        stage_before=stage_of(mapping, held),
        stage_after=stage_of(mapping, after),
        owner_before=held.get(mapping.owner.field) or None,
        owner_after=after.get(mapping.owner.field) or None,
        writes=writes,
        scores={},
        reasons=(reason,),
        beside={name: held.get(name) for name in beside if name not in writes},
        fields=tuple(name for name in done.fields if name in writes),
    )


def _thinned(done: Change) -> bool:
    """Whether the entry has lost its detail: one that is whole says why."""
    return not (done.writes or done.reasons or done.creates or done.records)


def _owner_state(looked: _Looked, with_owner: Collection[str]) -> _State:
    field = looked.taker.mapping.owner.field
    return looked.state(field) if field in with_owner else "ours"


class _Looked(Struct, frozen=True):
    done: Change
    held: Held
    taker: Taker
    half: bool
    since: Mapping[str, int]

    def parts(self) -> dict[Part, list[str]]:
        """The fields that were written, by the part of the lead that they belong to, as far as it is asked for."""
        found: dict[Part, list[str]] = {"stage": [], "owner": [], "fields": []}
        fields, told_with_owner = self.taker.mapping.stage.fields, self.taker.owner_fields
        for name in self.done.writes:
            part = part_of(self.done, name, fields, told_with_owner if self.done.owner_changes else ())
            if self.taker.only in (None, part):
                found[part].append(name)
        return found

    def state(self, name: str) -> _State:
        """Whether the field holds what it held before, what was written, or something else."""
        before, after = self.done.writes[name]
        held = self.held.get(name)
        if self._same(name, held, before):
            return "back"
        if name in self.since or self.fixed(name):
            return "other"
        return "ours" if self._same(name, held, after) or (self.half and not held) else "other"

    def fixed(self, name: str) -> str:
        """Why the CRM does not take what the field held before; empty where it may."""
        before = self.done.writes[name][0]
        if not before and name in self.taker.never_empty:
            return f"{name} was empty, which the CRM does not take"
        if name == self.taker.mapping.owner.field and before and before in self.taker.inactive:
            return f"{name} was {self.taker.inactive[before] or before}, who is not active in the CRM any more"
        return ""

    def others(self, names: Collection[str]) -> list[str]:
        """Those of the fields that hold something else."""
        return [name for name in names if self.state(name) == "other"]

    def moved_beside(self) -> list[str]:
        """Other fields of the stage that somebody has changed: it is not the one that was written any more."""
        stage = self.taker.mapping.stage.fields
        return [
            name
            for name, value in self.done.beside.items()
            if name in stage and name in self.held and (self.held[name] or None) != (value or None)
        ]

    def back(self, names: Collection[str] | Iterator[str]) -> Pairs:
        """What is to be written to these fields."""
        pairs = {name: (self.held.get(name), self.done.writes[name][0]) for name in names}
        return {name: pair for name, pair in pairs.items() if not self._same(name, *pair)}

    def words(self, names: Collection[str]) -> str:
        """Why these fields are left as they are: what stands there, but for fields that may hold a person's words."""
        return ", ".join(self._words(name) for name in names)

    def _words(self, name: str) -> str:
        if name in self.since:
            return f"run {self.since[name]} has written {name} since"
        if self._still_written(name) and (fixed := self.fixed(name)):
            return fixed
        if name in self.done.fields:
            return f"{name} holds something else by now"
        written = self.done.writes[name][1] if name in self.done.writes else self.done.beside.get(name)
        return f"{name} is {self.held.get(name) or 'empty'} by now, not {written or 'empty'}"

    def _still_written(self, name: str) -> bool:
        return name in self.done.writes and self._same(name, self.held.get(name), self.done.writes[name][1])

    def _same(self, name: str, held: str | None, value: str | None) -> bool:
        if name in self.done.fields:
            return same_value(held, value)
        return (held or None) == (value or None)
