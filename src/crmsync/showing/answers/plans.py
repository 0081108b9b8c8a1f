"""`run`, `apply`, `undo`, `redistribute`: plans, and what became of them."""

from __future__ import annotations

from typing import Literal

from crmsync.model import HandOffMove, Outcome
from crmsync.showing.answers.shape import (
    Counter,
    Day,
    Finding,
    Format,
    PassedOver,
    Points,
    PoolsTurn,
    Shape,
    left_out,
)


class Reading(Shape):
    """A guard that was asked."""

    name: str
    """Its name, as in the table of guards."""
    value: float
    """What was counted, or a share 0…1."""
    limit: float
    """What is allowed."""
    breached: bool
    """Whether it stops the run before its first write."""
    words: str
    """Value and limit in a sentence."""
    leads: list[str]
    """The first ten of the leads concerned, where it is about leads of the plan."""
    way_on: str
    """What to do; empty where nothing is breached."""


class Numbers(Shape):
    """How many of what."""

    read: int
    """Records read from the CRM."""
    activities_read: int
    """Activities among them."""
    decided: int
    """Leads decided."""
    changes: int
    """Leads that change."""
    set_aside: int
    """Leads that could not be handled."""
    calls: int
    """Calls to the CRM."""
    leads: int
    """Leads of the connection in all."""
    unmanaged: int
    """Leads in a stage that the mapping does not name."""
    left_scope: int
    """Leads that left the mapping's scope."""
    left_alone: int
    """Leads that would change and are held, pinned, stopped or undone."""


class BoundTo(Shape):
    """What the plan was made from: it can be applied where all of this is still so."""

    store: str
    """The store's identity."""
    connector: str
    """The connector's name."""
    org: str
    """The CRM account's id."""
    policy: str
    """Digest of what the policy says."""
    mapping: str
    """Digest of what the mapping says."""
    roster: str
    """Digest of what the roster says."""
    kind: Literal["run", "redistribute", "apply", "undo"]
    """Of the run that made the plan."""
    run: int
    """Its number."""


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


class OwnerLeads(Shape):
    """An owner whom the plan gives leads to, or takes them from. All leads held count."""

    owner: str | None
    """The CRM's id; null = nobody."""
    before: int
    """Leads before."""
    after: int
    """Leads after."""
    gains: int
    """Leads that come."""
    losses: int
    """Leads that go."""


class Aside(Shape):
    """A lead that could not be handled, or a part of it."""

    lead: str
    """The CRM's id of the lead."""
    reason: str
    """Why, without personal data."""
    url: str | None
    """The address of its page in the CRM, where that is known."""


class Rest(Shape):
    """What a selection leaves out and a whole run would change."""

    leads: int
    """Leads."""
    stages: dict[str, int]
    """Stage after → leads whose stage would change."""
    owners: int
    """Leads whose owner would change."""
    fields: int
    """Leads on which fields for people would be written."""


class ConnectionPlan(Shape):
    """One connection's plan."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day that was decided for, in the org's zone."""
    digest: str
    """Binds the changes: another plan has another digest."""
    bound_to: BoundTo | None
    """What it was made from."""
    undo_of: int | None
    """The run that it takes back; null = it is no undo."""
    guards: list[Reading]
    """Guards that were asked; of what was read, only the breached ones."""
    counts: Numbers
    """How many of what."""
    stages: dict[str, int]
    """Stage after → leads whose stage changes."""
    changes: list[Change]
    """Leads that change, by id."""
    owners: list[OwnerLeads]
    """Owners who gain or lose leads."""
    set_aside: list[Aside]
    """Leads that could not be handled."""
    notes: list[str]
    """What a reader should know, in sentences."""
    rest: Rest | None
    """What a selection leaves out; null = nothing was selected."""


class Stopped(Shape):
    """A connection whose run stopped."""

    connection: str | None
    """Its name in crmsync.yaml; null where the command did not begin, as of a file that is wrong."""
    exit_code: int
    """What this connection alone would end with."""
    error: str
    """The kind of error, as in the table of errors."""
    message: str
    """What happened."""
    hint: str | None
    """What to do."""
    findings: list[Finding]
    """What is wrong in files, each with its place; empty where no file is."""


class Plans(Shape):
    """The plan of each connection, and what became of it.

    A dry run's answer in a file is what `crmsync apply` takes. A run that stopped midway still tells its plan, beside
    the error.
    """

    format: Format
    dry_run: bool
    """Whether nothing was to be written."""
    as_of: Day
    """The day that was asked for."""
    plans: list[ConnectionPlan]
    """One for each connection that came so far."""
    errors: list[Stopped]
    """Connections whose run stopped."""
    seal: str
    """A fingerprint of all the rest: `apply` refuses a plan that was changed by hand."""
