"""The frames that the hops of a run hand to each other, as polars schemas: every hop can say what it takes and gives.

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
| `written_native` | String          | likewise of the fields that crmsync fills for people; null when none is    |
| `pinned`    | Boolean           | true: the CRM says to leave it alone; null when no such field is mapped |
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
| `outcome`   | String          | e.g. `connected`; null = none told; see `NOT_DONE`, `UNKNOWN_OUTCOME`     |
| `by`        | String          | native id of the user who did it; null = unknown                          |
| `subject`   | String          | for people's eyes in `explain`; never in a log                            |
| `about`     | String          | the thing it is about: an asset, a campaign, a mail; null = unknown       |

`ACCOUNTS`, one row per account, customer or open opportunity of the CRM that has an owner:

| column    | type   | meaning                                                                                   |
|-----------|--------|-------------------------------------------------------------------------------------------|
| `account` | String | `<object>:<native id>`                                                                    |
| `name`    | String | the company's name                                                                        |
| `domain`  | String | the company's domain: lower case, without `www.`; null when the CRM holds none            |
| `owner`   | String | native user id                                                                            |
| `rank`    | Int32  | place of its entry in the mapping file, from 0: owners of the first entry come first      |
| `created_at` | Datetime us UTC | since when it is there, whole seconds; null = the mapping does not say            |
| `facts`   | String | JSON object: what it tells of leads' facts, as text; null = nothing                       |

Inside a run leads carry a small integer key: `row` (UInt32), the lead's position in its batch; activities of a
batch carry the same `row` and are sorted by it. Points are Int64 milli-points, ages are whole days.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import polars as pl
from msgspec import Struct

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
    "written_native": pl.String(),
    "pinned": pl.Boolean(),
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
    "about": pl.String(),
}

NOT_DONE = ("open", "planned", "scheduled", "rescheduled", "canceled", "cancelled", "no_show", "failed", "bounced")
"""Outcomes of what is to be done, was called off or did not come about: no evidence, unless it is asked for."""

UNKNOWN_OUTCOME = "unknown"
"""The outcome of what nobody can tell whether it happened: the CRM has a word for it that no rule names."""

NO_EVIDENCE = (*NOT_DONE, UNKNOWN_OUTCOME)
"""Outcomes of what did not happen for certain."""

ACCOUNTS: Mapping[str, pl.DataType] = {
    "account": pl.String(),
    "name": pl.String(),
    "domain": pl.String(),
    "owner": pl.String(),
    "rank": pl.Int32(),
    "created_at": UTC_MICROSECONDS,
    "facts": pl.String(),
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


STAYS: Mapping[str, pl.DataType] = {
    "row": pl.UInt32(),
    "stage": pl.String(),
    "since": pl.Date(),
    "until": pl.Date(),
    "exact": pl.Boolean(),
}
"""One row for each time that a lead stood in a stage, the present one included.

`stage`: null = an empty one, or one that is not managed. `since`: the day on which it was first seen there; null =
not known. `until`: the day on which it was seen to leave; null = it stands there. `exact`: false = it stood there
already when crmsync first saw it, so it came on that day or before.
"""


class Batch(Struct, frozen=True):
    """Up to 100,000 leads with their activities, as the pure hops take them.

    `leads`: LEADS columns plus `row` (UInt32, 0…n-1 in order), `fact.*`, and what the store remembers:
    `stage_edited_on`, `owner_edited_on`, `stage_since` (Date or null: the day a person or another automation
    was seen changing the value; the day the present stage was first seen), `written_on` (the day on which crmsync
    last wrote the fields that it fills).
    `activities`: ACTIVITIES columns plus `row` (sorted ascending) and `by_role` (String: the roster role of
    `by`; null when `by` is unknown or not in the roster). `damaged`: leads that belong here, and of which what is
    stored can no longer be read. `stays`: STAYS, each lead's way through the stages, in any order; null = nobody
    asked for it, or it is not known.
    """

    leads: pl.DataFrame
    activities: pl.DataFrame
    damaged: tuple[str, ...] = ()
    stays: pl.DataFrame | None = None


DECIDED: Mapping[str, pl.DataType] = {
    "row": pl.UInt32(),
    "lead": pl.String(),
    "policy": pl.String(),
    "earned_stage": pl.String(),
    "stage": pl.String(),
    "stage_why": pl.String(),
    "reason": pl.String(),
    "priority": pl.Int64(),
    "review_day": pl.Date(),
    "as_of": pl.Date(),
}
"""What qualification makes of a batch: one row per lead, in the batch's order. DECIDED_BY_NAME has the rest.

`policy`: the policy's name, or the segment's whose policy applied. `earned_stage`: the highest rung whose conditions
the evidence meets. `stage`: the decided one; null when unmanaged. `stage_why`: the code of the rule of movement that
applied. `reason`: the first disqualification reason met, `other` without one; null when none applies. `priority`: low
end of the policy's priority score in milli-points; 0 without one. `review_day`: the earliest day on which time alone
could change a verdict, a band or the stage; null = never.
"""

DECIDED_BY_NAME: Mapping[str, pl.DataType] = {
    "score.": pl.Int64(),
    "band.": pl.String(),
    "verdict.": pl.Boolean(),
    "ages.": pl.Date(),
}
"""Columns that the policy names, by prefix: `score.<name>.low` and `.high` in milli-points, `band.<name>` (null below
the lowest band), `verdict.<condition>` (null = unknown). `ages.<name>`, of scores that are written into the CRM and
age: the first day on which ageing may give other whole points; null = not before the review day."""

ROUTED: Mapping[str, pl.DataType] = {
    "row": pl.UInt32(),
    "lead": pl.String(),
    "owner": pl.String(),
    "hand_over": pl.String(),
    "reason": pl.String(),
    "pool": pl.String(),
    "counter_before": pl.Int64(),
    "counter_after": pl.Int64(),
    "share_before": pl.Float64(),
    "share_after": pl.Float64(),
    "sharing": pl.Int64(),
    "shared": pl.List(pl.Struct({"person": pl.String(), "weight": pl.Int64()})),
    "passed_over": pl.List(pl.Struct({"person": pl.String(), "why": pl.String()})),
    "between": pl.Struct(
        {
            "rotation": pl.String(),
            "before": pl.Int64(),
            "after": pl.Int64(),
            "share_before": pl.Float64(),
            "share_after": pl.Float64(),
            "pools": pl.List(pl.Struct({"pool": pl.String(), "weight": pl.Int64()})),
        }
    ),
}
"""What routing makes of a decided batch: one row per lead that gets another owner, in the order of the turns.

`hand_over`: the name of the hand-over by which it gets there; null = it is a new lead. `person` is a native user id.
`pool` null = nothing was counted (a queue). A re-used turn has the same number before and after. Turns
of a rotation also tell the owner's share, and among how many people the turn was shared, by which weights. `between`:
of a rule that shares leads between pools, the same of the pool's own turn; else null.
"""


def checked(
    frame: pl.DataFrame, schema: Mapping[str, pl.DataType], by_name: Mapping[str, pl.DataType] = MappingProxyType({})
) -> pl.DataFrame:
    """The frame itself, if it has exactly the columns of `schema` and others that start with a key of `by_name`.

    Raises `TypeError` naming what differs: a hop that hands on something else is wrong, whatever the data.
    """
    there = dict(frame.schema)
    wanted: dict[str, pl.DataType | None] = dict(schema)
    for name in there:
        prefix = next((prefix for prefix in by_name if name.startswith(prefix)), None)
        wanted.setdefault(name, by_name[prefix] if prefix else None)
    wrong = [f"{name}: {there.get(name)}, not {kind}" for name, kind in wanted.items() if there.get(name) != kind]
    if wrong:
        raise TypeError("; ".join(wrong))
    return frame
