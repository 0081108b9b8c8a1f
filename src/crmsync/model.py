"""The frames and small values that the hops of a run hand to each other.

Frames are polars; their schemas stand here, so that every hop can say what it takes and gives.

`NATIVE` frames come from connectors: every column is String, null where the CRM holds nothing, one row per
record (per record *and lead* for activities). Columns are the CRM's own field names, and `@id` (the record's
id), and for activities `@lead` (id of the lead record it belongs to).

`LEADS` (what mapping makes of lead records), one row per lead:

| column         | type              | meaning                                                            |
|----------------|-------------------|--------------------------------------------------------------------|
| `lead`         | String            | native id                                                          |
| `email`        | String            | trimmed, lower case; null when unknown                             |
| `name`         | String            | for people's eyes in tables; never in a log                        |
| `company`      | String            |                                                                    |
| `created_at`   | Datetime us UTC   | whole seconds; null when the CRM does not say                      |
| `owner`        | String            | native user or queue id; null = nobody                             |
| `stage`        | String            | the policy's stage name; null when empty or unmanaged              |
| `managed`      | Boolean           | false: the CRM holds a stage value that the mapping does not name  |
| `stage_native` | String            | JSON object of the native stage fields as read, sorted keys        |
| `hand_off_native` | String         | likewise of the fields that carry the hand-off; null when none is mapped |
| `fact.<name>`  | by the fact's type | one column per mapped fact; null = unknown                        |

Fact types: text, choice → String; integer → Int64; number, money → Float64 (never NaN or infinite);
boolean → Boolean; date → Date; datetime → Datetime us UTC.

`ACTIVITIES`, one row per activity and lead:

| column      | type            | meaning                                                                   |
|-------------|-----------------|---------------------------------------------------------------------------|
| `activity`  | String          | `<object>:<native id>`                                                    |
| `lead`      | String          | native id of its lead                                                     |
| `kind`      | String          | e.g. `demo_request`; any word                                             |
| `day`       | Date            | the local day in the org's zone                                           |
| `at`        | Datetime us UTC | the instant, null when the CRM knows only the day                         |
| `direction` | String          | `inbound`, `outbound` or null = unknown                                   |
| `outcome`   | String          | e.g. `connected`; null = unknown                                          |
| `by`        | String          | native id of the user who did it; null = unknown                          |
| `subject`   | String          | for people's eyes in `explain`; never in a log                            |

`ACCOUNTS`, one row per account, customer or open opportunity of the CRM that has an owner:

| column    | type   | meaning                                                                                   |
|-----------|--------|-------------------------------------------------------------------------------------------|
| `account` | String | `<object>:<native id>`                                                                    |
| `name`    | String | the company's name                                                                        |
| `domain`  | String | the company's domain: lower case, without `www.`; null when the CRM holds none            |
| `owner`   | String | native user id                                                                            |
| `rank`    | Int32  | place of its entry in the mapping file, from 0: owners of the first entry come first      |

Inside a run leads carry a small integer key: `row` (UInt32), the lead's position in its batch; activities of a
batch carry the same `row` and are sorted by it. Points are Int64 milli-points, ages are whole days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

UTC_MICROSECONDS = pl.Datetime("us", "UTC")

LEADS: Mapping[str, pl.DataType] = {
    "lead": pl.String(),
    "email": pl.String(),
    "name": pl.String(),
    "company": pl.String(),
    "created_at": UTC_MICROSECONDS,
    "owner": pl.String(),
    "stage": pl.String(),
    "managed": pl.Boolean(),
    "stage_native": pl.String(),
    "hand_off_native": pl.String(),
}

ACTIVITIES: Mapping[str, pl.DataType] = {
    "activity": pl.String(),
    "lead": pl.String(),
    "kind": pl.String(),
    "day": pl.Date(),
    "at": UTC_MICROSECONDS,
    "direction": pl.String(),
    "outcome": pl.String(),
    "by": pl.String(),
    "subject": pl.String(),
}

ACCOUNTS: Mapping[str, pl.DataType] = {
    "account": pl.String(),
    "name": pl.String(),
    "domain": pl.String(),
    "owner": pl.String(),
    "rank": pl.Int32(),
}

FactType = Literal["text", "choice", "integer", "number", "money", "boolean", "date", "datetime"]

FACT_DTYPES: Mapping[FactType, pl.DataType] = {
    "text": pl.String(),
    "choice": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "money": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": UTC_MICROSECONDS,
}

FACT_PREFIX = "fact."


@dataclass(frozen=True, slots=True)
class Batch:
    """Up to 100,000 leads with their activities, as the pure hops take them.

    `leads`: LEADS columns plus `row` (UInt32, 0…n-1 in order), `fact.*`, and what the store remembers:
    `stage_edited_on`, `owner_edited_on`, `stage_since` (Date or null: the day a person or another automation
    was seen changing the value; the day the present stage was first seen).
    `activities`: ACTIVITIES columns plus `row` (sorted ascending) and `by_role` (String: the roster role of
    `by`; null when `by` is unknown or not in the roster).
    """

    leads: pl.DataFrame
    activities: pl.DataFrame


@dataclass(frozen=True, slots=True)
class SetAside:
    """A lead this run could not handle, or part of it. `reason` is words without personal data."""

    lead: str
    reason: str


Outcome = Literal["written", "unchanged", "conflict", "refused", "did_not_stick"]


@dataclass(frozen=True, slots=True)
class Routing:
    """How the owner was found: in words, by which pool's counter, and who was passed over and why.

    `pool` null = nothing was counted (a queue, or back to whom it came from). `counter_before`, `counter_after`: the
    new owner's turns in the pool. `passed_over`: (native user id, why). Words hold no personal data.
    """

    reason: str
    pool: str | None = None
    counter_before: int | None = None
    counter_after: int | None = None
    passed_over: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that a change makes in the CRM beside its lead: a task for the new owner, say. Values are native.

    `known_by`: fields of `values` by which one that is there already is recognised, so that none is made twice.
    """

    object: str
    values: Mapping[str, str]
    known_by: tuple[str, ...]


HandOffMove = Literal["handed", "reassigned", "passed_on", "returned", "reminded"]


@dataclass(frozen=True, slots=True)
class HandOffStep:
    """What a change is in the course of a hand-off.

    `handed`: to a receiver, for the first time or again; `reassigned`: to another receiver, as the first did not
    get in touch or takes no leads any more; `passed_on`: to another, as the first gave it back; `returned`: back to
    the one who handed it off; `reminded`: the owner stays and gets a reminder. `attempt` counts from 1;
    `bdr`: native id of who handed it off, null = unknown. `reason`: why it was returned, in the person's own words.
    `answer`: the native field that is reset for the receiver's answer; once the rest has arrived it is theirs.
    """

    move: HandOffMove
    attempt: int
    bdr: str | None = None
    reason: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One lead's change in a plan: what is written and why. Values are native; stages are the policy's names.

    `writes` maps native field → (before, after); `None` means empty. `turn` names the rotation pool whose turn
    the new owner takes, null when the owner does not come from a rotation. `beside`: the native stage and owner
    fields that this change does not write, as read; if one of them differs at the time of writing, somebody was
    faster. `creates`: records made once the lead holds what was written.
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

    @property
    def stage_changes(self) -> bool:
        """Whether the stage is written."""
        return self.stage_before != self.stage_after

    @property
    def owner_changes(self) -> bool:
        """Whether the owner is written."""
        return self.owner_before != self.owner_after


@dataclass(frozen=True, slots=True)
class GuardReading:
    """One guard's value beside its limit. A breached guard stops the run before the first write."""

    name: str
    value: float
    limit: float
    breached: bool
    way_on: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run on one connection would write. `changes` are sorted by lead; `digest` binds them.

    `outcomes`, `messages` (by lead) and `run_id` are there once it was carried out.
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
    run_id: int | None = None

    @property
    def exit_code(self) -> int:
        """3 when a guard is breached, 4 when something was set aside or not written, else 0 (contracts)."""
        if any(guard.breached for guard in self.guards):
            return 3
        unwritten = any(outcome not in {"written", "unchanged"} for outcome in self.outcomes.values())
        return 4 if self.set_aside or unwritten else 0
