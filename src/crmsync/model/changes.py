"""The small values that the hops of a run hand to each other: changes, plans, what became of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Literal

from msgspec import Struct, field


def native_values(text: str | None) -> dict[str, str | None]:
    """Native field → value as read, from the text of `stage_native` and its like; empty for null.

    The columns stay text until a row is shown or changed: decoding all of a million leads would cost more than the
    decision.
    """
    values: dict[str, str | None] = json.loads(text or "{}")
    return values


class SetAside(Struct, frozen=True):
    """A lead this run could not handle, or part of it. `reason` is words without personal data."""

    lead: str
    reason: str


Ending = Literal["written", "unchanged", "conflict", "refused", "did_not_stick"]
"""How an intended change ended."""

Outcome = Ending | Literal["not_reached"]
"""What a run that writes tells of every change. `not_reached`: not sent, or its answer was lost and nothing of it was
read back; the change stays intended, and its lead due. `Plan.in_doubt` names those that may have arrived."""


class Between(Struct, frozen=True):
    """The turn that a pool had among pools which share leads by ratio: the pool's turns in this rotation.

    `pools`: (pool, weight) of those among which the turn was shared.
    """

    rotation: str
    before: int
    after: int
    pools: tuple[tuple[str, int], ...]


class Routing(Struct, frozen=True):
    """How the owner was found: in words, by which pool's counter, and who was passed over and why.

    `pool` null = nothing was counted (a queue, or back to whom it came from). `counter_before`, `counter_after`: the
    new owner's turns in the pool. `passed_over`: (native user id, why). Words hold no personal data. `shared`: native
    user id and weight of those among whom the turn was shared; null = not told, empty = it made up for an absence.
    `between`: the turn that `pool` itself had; null = no rule shares leads between it and others.
    `hand_over`: by which of several hand-overs; null = there is one, or it is a new lead.
    """

    reason: str
    pool: str | None = None
    counter_before: int | None = None
    counter_after: int | None = None
    passed_over: tuple[tuple[str, str], ...] = ()
    shared: tuple[tuple[str, int], ...] | None = None
    between: Between | None = None
    hand_over: str | None = None


class NewRecord(Struct, frozen=True):
    """A record that a change makes in the CRM beside its lead: a task for the new owner, say. Values are native.

    `known_by`: fields of `values` by which one that is there already is recognised, so that none is made twice.
    """

    object: str
    values: Mapping[str, str]
    known_by: tuple[str, ...]


class RecordChange(Struct, frozen=True):
    """Fields of a record beside the lead that a change writes: a task that is closed, say. Values are native.

    `writes`: native field → (before, after); what no longer holds `before` is left as it is.
    """

    object: str
    id: str
    writes: Mapping[str, tuple[str | None, str | None]]


THE_HAND_OFF = "hand_off"
"""The name of a policy's only hand-over, where it has one and no list of them."""

HandOffMove = Literal["handed", "reassigned", "passed_on", "returned", "reminded", "queued"]


class HandOffStep(Struct, frozen=True):
    """What a change is in the course of a hand-off.

    `handed`: to a receiver, for the first time or again; `reassigned`: to another receiver, as the first did not
    get in touch or takes no leads any more; `passed_on`: to another, as the first gave it back; `returned`: back to
    the one who handed it off; `reminded`: the owner stays and gets a reminder; `queued`: to a queue, as the first let
    the time pass. `attempt` counts from 1;
    `bdr`: native id of who handed it off, null = unknown. `reason`: why it was returned, in the person's own words.
    `answer`: the native field that is reset for the receiver's answer; once the rest has arrived it is theirs.
    `hand_over`: which of the policy's hand-overs, null = its only one; each counts its own attempts.
    """

    move: HandOffMove
    attempt: int
    bdr: str | None = None
    reason: str | None = None
    answer: str | None = None
    hand_over: str | None = None


class Change(Struct, frozen=True):
    """One lead's change in a plan: what is written and why. Values are native; stages are the policy's names.

    `writes` maps native field → (before, after); `None` means empty. `turn` names the rotation pool whose turn
    the new owner takes, null when the owner does not come from a rotation. `beside`: the native stage and owner
    fields that this change does not write, as read; if one of them differs at the time of writing, somebody was
    faster. `creates`: records made once the lead holds what was written. `fields`: those of `writes` that crmsync
    fills for people; they are its own, and what somebody else wrote there is no conflict. `records`: what is written
    beside the lead, once it holds what was written.
    """

    lead: str
    stage_before: str | None
    stage_after: str | None
    owner_before: str | None
    owner_after: str | None
    writes: Mapping[str, tuple[str | None, str | None]]
    scores: Mapping[str, tuple[int, int]]
    reasons: tuple[str, ...]
    turn: str | None = None
    beside: Mapping[str, str | None] = field(default_factory=dict)
    routing: Routing | None = None
    hand_off: HandOffStep | None = None
    creates: tuple[NewRecord, ...] = ()
    fields: tuple[str, ...] = ()
    records: tuple[RecordChange, ...] = ()

    @property
    def fields_alone(self) -> bool:
        """Whether it writes fields for people and nothing else."""
        return bool(self.fields) and not self.guarded and not self.creates and not self.records

    @property
    def guarded(self) -> Mapping[str, tuple[str | None, str | None]]:
        """What of `writes` must still be as it was read: all but `fields`."""
        return {name: pair for name, pair in self.writes.items() if name not in self.fields}

    @property
    def stage_changes(self) -> bool:
        """Whether the stage is written."""
        return self.stage_before != self.stage_after

    @property
    def owner_changes(self) -> bool:
        """Whether the owner is written."""
        return self.owner_before != self.owner_after


class GuardReading(Struct, frozen=True):
    """One guard's value beside its limit. A breached guard stops the run before the first write.

    `words`: the two in a sentence. `leads`: those concerned, where it is about leads of the plan. `way_on`: what to
    do, for a breached one; where a run can be let through it begins with `advice` and ends with a command that has
    the `options`.
    """

    name: str
    value: float
    limit: float
    breached: bool
    way_on: str = ""
    words: str = ""
    leads: tuple[str, ...] = ()
    advice: str = ""
    options: str = ""


class Rest(Struct, frozen=True):
    """What a selection leaves out and a whole run would change: leads, by the stage after, with another owner, and
    those on which fields for people would be written.
    """

    leads: int = 0
    stages: Mapping[str, int] = field(default_factory=dict)
    owners: int = 0
    fields: int = 0


class BoundTo(Struct, frozen=True):
    """What a plan was made from: it may be carried out where all of this is still the same.

    `store`: the store's identity. `org`: the CRM account's id. `policy`, `mapping`, `roster`: digests of what they
    say. `kind`: of the run that made it, `run` its number.
    """

    store: str
    connector: str
    org: str
    policy: str
    mapping: str
    roster: str
    kind: str
    run: int


class Plan(Struct, frozen=True):
    """What one run on one connection would write. `changes` are sorted by lead; `digest` binds them.

    `outcomes`, `messages` (by lead) are there once it was carried out, or where it is known before that nothing of a
    change is to be written; `run_id` as well. `in_doubt`: of the leads not reached, those whose change may have been
    written: it was sent, and could not be read back. `rest`: null = there was no selection. `urls`: lead → the
    address of its page in the CRM, where that is known. `owner_leads`: owner (null = nobody) → leads held before, of
    those whom the changes concern. `bound_to`: what it was made from. `decided`: lead → the stage that was decided
    for it, written or not. `undo_of`: the run that it takes back.
    """

    connection: str
    as_of: date
    changes: tuple[Change, ...]
    set_aside: tuple[SetAside, ...]
    guards: tuple[GuardReading, ...]
    counts: Mapping[str, int]
    stages: Mapping[str, int]
    digest: str
    notes: tuple[str, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    in_doubt: frozenset[str] = frozenset()
    run_id: int | None = None
    rest: Rest | None = None
    urls: Mapping[str, str] = field(default_factory=dict)
    owner_leads: Mapping[str | None, int] = field(default_factory=dict)
    bound_to: BoundTo | None = None
    decided: Mapping[str, str | None] = field(default_factory=dict)
    undo_of: int | None = None

    @property
    def exit_code(self) -> int:
        """3 when a guard is breached, 4 when something was set aside or not written, else 0 (contracts)."""
        if any(guard.breached for guard in self.guards):
            return 3
        unwritten = any(outcome not in {"written", "unchanged"} for outcome in self.outcomes.values())
        return 4 if self.set_aside or unwritten else 0
