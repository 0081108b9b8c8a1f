"""A change cut down to one part of it, for a run that is to write no more than that. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from crmsync.model import Change
from crmsync.values import replace

Part = Literal["stage", "owner", "fields"]


def narrowed(change: Change, part: Part, stage_fields: Collection[str], owner_fields: Collection[str] = ()) -> Change:
    """The stage's part, the owner's with all that a hand-off brings, or the fields that crmsync fills for people.

    `stage_fields`: the native fields of a stage. `owner_fields`: those for people that tell of the owner's move and
    are written with it. A field that is no longer written stands beside, as it was read: if it differs at the time
    of writing, somebody was faster. Fields for people tell of the stage that the whole change gives: where it moves,
    nothing is left of this part.
    """
    with_owner = owner_fields if change.owner_changes else ()
    kept = {
        name: pair for name, pair in change.writes.items() if part_of(change, name, stage_fields, with_owner) == part
    }
    if part == "fields" and change.stage_changes:
        kept = {}
    left = {name: before for name, (before, _) in change.guarded.items() if name not in kept}
    fields = tuple(name for name in change.fields if name in kept)
    narrow = replace(change, writes=kept, beside={**change.beside, **left}, fields=fields)
    if part != "stage":
        narrow = replace(narrow, stage_after=change.stage_before)
    if part != "owner":
        narrow = replace(narrow, owner_after=change.owner_before, turn=None, routing=None, hand_off=None)
        narrow = replace(narrow, creates=(), records=())
    return narrow


def part_of(change: Change, name: str, stage_fields: Collection[str], owner_fields: Collection[str]) -> Part:
    """The part that a written field belongs to; arguments as those of `narrowed`."""
    if name in change.fields and name not in owner_fields:
        return "fields"
    return "stage" if name in stage_fields else "owner"
