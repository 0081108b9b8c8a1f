"""Values of ours that somebody replaced while they were written: what of a lead, by what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from crmsync.mapping import CrmMapping, stage_of
from crmsync.model import Change
from crmsync.run.held import value_of
from crmsync.store import Overruling, Settlement
from crmsync.values import replace


def with_overrulings(
    ends: Iterable[Settlement], changes: Sequence[Change], mapping: CrmMapping | None
) -> list[Settlement]:
    """The same ends, each with what of it was replaced. `mapping` null: nothing is told apart."""
    by_lead = {change.lead: change for change in changes}
    if mapping is None:
        return list(ends)
    return [
        replace(end, overruled=tuple(_overrulings(by_lead[end.lead], end, mapping))) if end.found else end
        for end in ends
    ]


def _overrulings(change: Change, end: Settlement, mapping: CrmMapping) -> Iterator[Overruling]:
    """Stage and owner where something else stands than what was written, or was about to be."""
    contested = {
        name
        for name, (_, after) in change.writes.items()
        if name in end.found and value_of(end.found[name]) != value_of(after)
    }
    if change.stage_changes and contested.intersection(mapping.stage.fields):
        held = {**_as_read(change), **end.found}
        yield Overruling(change.lead, "stage", change.stage_after, stage_of(mapping, held))
    if change.owner_changes and mapping.owner.field in contested:
        theirs = value_of(end.found[mapping.owner.field])
        yield Overruling(change.lead, "owner", change.owner_after, theirs)


def _as_read(change: Change) -> Mapping[str, str | None]:
    return {**change.beside, **{name: before for name, (before, _) in change.writes.items()}}
