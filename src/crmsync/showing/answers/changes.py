"""One lead's change in a plan: its moves, what is written and made beside it, and why."""

from __future__ import annotations

from crmsync.model import HandOffMove, Outcome
from crmsync.showing.answers.shape import (
    Counter,
    PassedOver,
    Points,
    PoolsTurn,
    Shape,
    left_out,
)


class StageMove(Shape):
    """A stage that changes, in the policy's names."""

    before: str | None
    """Before; null = the CRM holds none."""
    after: str | None
    """After."""


class OwnerMove(Shape):
    """An owner who changes."""

    before: str | None
    """The CRM's id of the owner before; null = nobody."""
    after: str | None
    """The CRM's id of the new owner; null = nobody."""


class Held(Shape):
    """What the CRM held when the plan was made."""

    stage: str | None
    """In the policy's names."""
    owner: str | None
    """The CRM's id of the owner; null = nobody."""


class Write(Shape):
    """A native value that is written; null = empty."""

    before: str | None
    """What the field held."""
    after: str | None
    """What is written."""


class TurnShare(Shape):
    """Somebody among whom a turn was shared."""

    user: str
    """The CRM's id of the user."""
    weight: int
    """The part that fell to them, beside the weights of the others."""


class Routing(Shape):
    """How the new owner was found."""

    hand_over: str = left_out()
    """By which of the policy's `hand_overs`; left out where it has only one `hand_off`."""
    reason: str
    """In words, without personal data."""
    pool: str | None
    """The pool that it was a turn of; null = nothing was counted."""
    counter: Counter | None
    """The new owner's turns in the pool."""
    passed_over: list[PassedOver]
    """Everybody who did not get the lead."""
    shared: list[TurnShare] | None
    """Among whom the turn was shared; empty = it made up for an absence, null = nothing was counted."""
    between: PoolsTurn | None
    """The turn that the pool itself had among pools that share leads; null = no rule shares with it."""


class HandOff(Shape):
    """What the change is in the course of a hand-off."""

    move: HandOffMove
    """The step."""
    attempt: int
    """The hand-off's number for this lead, from 1."""
    bdr: str | None
    """The CRM's id of who handed it off; null = not known."""
    reason: str | None
    """Why it was returned, in the receiver's words."""
    answer: str | None
    """The native field that is emptied for the receiver's answer."""
    hand_over: str = left_out()
    """Which of the policy's `hand_overs`; left out where it has only one `hand_off`."""


class NewRecord(Shape):
    """A record made beside the lead, a task for instance."""

    object: str
    """The CRM's object."""
    values: dict[str, str]
    """Native field → value."""
    known_by: list[str]
    """Fields by which one that is there already is recognised."""


class BesideWrite(Shape):
    """A record beside the lead that is written, a task that is closed for instance."""

    object: str
    """The CRM's object."""
    id: str
    """The CRM's id of the record."""
    writes: dict[str, Write]
    """Native field → before and after."""


class Change(Shape):
    """One lead that changes."""

    lead: str
    """The CRM's id of the lead."""
    url: str | None
    """The address of its page in the CRM, where that is known."""
    stage: StageMove | None
    """Null = the stage stays."""
    owner: OwnerMove | None
    """Null = the owner stays."""
    holds: Held
    """Stage and owner as they were read."""
    decided: str | None
    """The stage that was decided, written or not; null = none was."""
    writes: dict[str, Write]
    """Every native field that is written → before and after."""
    fields: list[str]
    """Those of `writes` that crmsync fills for people."""
    scores: dict[str, Points]
    """Score → its interval."""
    reasons: list[str]
    """Why, in sentences."""
    routing: Routing | None
    """How the owner was found; null = no new owner."""
    hand_off: HandOff | None
    """Its step in a hand-off; null = none."""
    turn: str | None
    """The pool whose turn the new owner takes; null = no turn."""
    beside: dict[str, str | None]
    """Native fields of stage and owner that are not written, as read: one that differs later is a conflict."""
    creates: list[NewRecord]
    """Records made once the lead holds what was written."""
    records: list[BesideWrite]
    """Records written once the lead holds what was written."""
    outcome: Outcome = left_out()
    """What became of it; there in a run that writes, and where it is known before that nothing is written."""
    may_be_written: bool = left_out()
    """Beside `outcome`: it was sent and could not be read back, so it may have arrived."""
    message: str = left_out()
    """What the CRM said, without personal data."""
