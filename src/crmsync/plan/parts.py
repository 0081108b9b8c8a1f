"""A change cut down to one part of it, for a run that is to write no more than that. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from crmsync.model import Change

Part = Literal["stage", "owner"]


def narrowed(change: Change, part: Part, stage_fields: Collection[str]) -> Change:
    """The stage's part, or the owner's with all that a hand-off brings.

    `stage_fields`: the native fields of a stage. A field that is no longer written stands beside, as it was read: if
    it differs at the time of writing, somebody was faster.
    """
    kept = {name: pair for name, pair in change.writes.items() if (name in stage_fields) == (part == "stage")}
    left = {name: before for name, (before, _) in change.writes.items() if name not in kept}
    narrow = replace(change, writes=kept, beside={**change.beside, **left})
    if part == "owner":
        return replace(narrow, stage_after=change.stage_before)
    return replace(narrow, owner_after=change.owner_before, turn=None, routing=None, hand_off=None, creates=())
