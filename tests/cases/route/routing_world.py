"""Small worlds for routing tests: a roster in YAML, the CRM's users that fit it, leads, and one call of `assign`.

Users are made from the roster: `alice@firm.example` has the native id `alice`. Leads start at stage `mql`, belong to
the BDR `bert` unless told, and have an e-mail and company of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from crmsync.configuration import read_document
from crmsync.contract import CrmUser
from crmsync.route.placing.assignment import Assignments, assign
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.placing.hand_overs import one_hand_off
from crmsync.route.roster.resolution import resolve
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.roster.roster import Roster, roster_from
from crmsync.values import field_names

LADDER = ("mql", "sal", "sql", "sqo")
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
TODAY = date(2026, 11, 18)

LEAD_COLUMNS: Mapping[str, pl.DataType] = {
    "row": pl.UInt32(),
    "lead": pl.String(),
    "email": pl.String(),
    "company": pl.String(),
    "created_at": pl.Datetime("us", "UTC"),
    "owner": pl.String(),
    "stage": pl.String(),
    "priority": pl.Int64(),
    "owner_edited_on": pl.Date(),
}


def roster(text: str) -> Roster:
    """The roster that a YAML text says."""
    return roster_from(read_document(text, "roster.yaml"))


def roster_of(people: Sequence[Mapping[str, Any]] = (), **rest: Any) -> Roster:
    """The roster with these people, without the way through YAML."""
    return Roster.model_validate({"people": list(people), **rest})


def native(written: str) -> str:
    """The native id that `users_of` gives to a person."""
    return written.partition("@")[0].lower()


def users_of(roster: Roster, inactive: Sequence[str] = (), queues: Sequence[str] = ()) -> tuple[CrmUser, ...]:
    """A CRM that knows everybody of the roster."""
    people = [
        CrmUser(
            native(person.person_key), person.person_key, person.person_key, native(person.person_key) not in inactive
        )
        for person in roster.people
    ]
    return (*people, *(CrmUser(f"queue-{name}", name, None, True, kind="queue") for name in queues))


def resolved(roster: Roster, inactive: Sequence[str] = (), queues: Sequence[str] = ()) -> ResolvedRoster:
    """The roster in such a CRM."""
    found = resolve(roster, users_of(roster, inactive, queues), "salesforce")
    assert not found.findings, found.findings
    return found


def leads(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A batch. Keys beside LEAD_COLUMNS are `fact.*` and `verdict.*` columns."""
    filled = [
        {
            "row": index,
            "email": f"p-{row.get('lead', index)}@{row.get('lead', index)}.example",
            "company": None,
            "created_at": datetime(2026, 11, 1, tzinfo=UTC),
            "owner": "bert",
            "stage": "mql",
            "priority": 0,
            "owner_edited_on": None,
            **row,
        }
        for index, row in enumerate(rows)
    ]
    extra = sorted({key for row in filled for key in row} - set(LEAD_COLUMNS))
    schema = dict(LEAD_COLUMNS) | {key: pl.Boolean() if key.startswith("verdict.") else pl.String() for key in extra}
    return pl.DataFrame(filled, schema=schema)


def route(found: ResolvedRoster, frame: pl.DataFrame, **options: Any) -> Assignments:
    """`assign` on the usual ladder, noon of the usual day, no history. `options`: of either value, or its own."""
    usual: dict[str, Any] = {
        "as_of": TODAY,
        "now": NOW,
        "hand_overs": one_hand_off("sql", LADDER),
        "ladder": LADDER,
    }
    told = usual | options
    circumstances, standing = (
        {name: told.pop(name) for name in field_names(kind) if name in told}
        for kind in (RoutingCircumstances, RoutingStanding)
    )
    return assign(frame, RoutingCircumstances(resolved=found, **circumstances), RoutingStanding(**standing), **told)


def owners(result: Assignments) -> dict[str, str]:
    """Lead → new owner."""
    return dict(result.assigned.select("lead", "owner").iter_rows())


def applied(frame: pl.DataFrame, result: Assignments) -> pl.DataFrame:
    """The batch after the assignment was written."""
    new = result.assigned.select("lead", pl.col("owner").alias("new_owner"))
    joined = frame.join(new, on="lead", how="left", maintain_order="left")
    return joined.with_columns(owner=pl.coalesce("new_owner", "owner")).drop("new_owner")


ROLES = roster_of(
    [
        {"user": "ann@firm.example", "role": "ae"},
        {"user": "ben@firm.example", "role": "ae"},
        {"user": "bert@firm.example", "role": "bdr"},
        {"user": "bea@firm.example", "role": "bdr"},
    ]
)
"""Two AEs and two BDRs, and nothing else said."""


def one(stage: str = "sql", **row: Any) -> pl.DataFrame:
    """A batch of one lead, `a`."""
    return leads([{"lead": "a", "stage": stage, **row}])
