"""A hand-off as the store remembers it, and what is learnt of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field

EndedBy = Literal[
    "reassigned", "returned", "taken_over", "left_ladder", "again", "switched_off", "undone", "handed_on"
]


class HandOffRecord(Struct, frozen=True):
    """One hand-off. People are native ids; `reason` is the receiver's own words. `ended_at` null = under way.

    `hand_over`: which of the policy's, null = its only one. `queued_at`: when a timeout sent the lead to the `queue`
    (native id), where it stays. `created_at`, `staged_on`: when the lead was made, and the day on which it came to
    the stage at which it was handed off, as they were known then; null = not known. `told`: what the lead says now of
    the facts that were asked for.
    """

    id: int
    lead: str
    attempt: int
    bdr: str | None
    receiver: str
    pool: str | None
    handed_at: datetime
    touched_at: datetime | None
    accepted_at: datetime | None
    reminded_at: datetime | None
    returned_at: datetime | None
    reason: str | None
    ended_at: datetime | None
    ended_by: EndedBy | None
    hand_over: str | None = None
    queued_at: datetime | None = None
    queue: str | None = None
    created_at: datetime | None = None
    staged_on: date | None = None
    told: Mapping[str, str] = field(default_factory=dict)


class LiveHandOff(Struct, frozen=True):
    """One under way, with what the CRM holds by now.

    `returns`: how often the lead was returned in this hand-over so far; `had_it`: receivers who then gave it back or
    did not get in touch.
    `native`: the mapped hand-off fields as read. `touch`: the receiver's first activity of the kinds asked for, if
    there is one (an activity without a time of day counts from the end of its day). `task_outcomes`: outcomes of the
    tasks made for this hand-off.
    """

    hand_off: HandOffRecord
    owner: str | None
    stage: str | None
    managed: bool
    returns: int
    had_it: tuple[str, ...]
    native: Mapping[str, str | None]
    touch: datetime | None
    task_outcomes: tuple[str, ...]


class HandOffEvent(Struct, frozen=True):
    """What was learnt of the hand-off with this id; null = nothing new."""

    id: int
    touched_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
