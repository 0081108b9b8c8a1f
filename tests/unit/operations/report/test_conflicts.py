"""Who replaced a value of ours, by the CRM's history: a table of histories, newest first."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from ruamel.yaml import YAML

from crmsync.contract import Edit
from crmsync.mapping.schema import CrmMapping
from crmsync.operations.report.conflicts import actor_of
from crmsync.store import Overruled, Overruling

MAPPING = CrmMapping.model_validate(
    YAML(typ="safe").load("""
    connector: any
    lead: {object: Lead, email: Email, created_at: Created}
    owner: {field: Owner}
    stage: {field: Status, values: {mql: M, sql: S, disqualified: {Reason: [Unfit]}}}
    """)
)
DAY = date(2026, 11, 21)


def edit(value: str | None, hour: int, by: str = "person", user: str | None = "u1", **more: str) -> Edit:
    """A value of the lead's status, set on the day before `DAY`, or later."""
    at = datetime(2026, 11, 20 + hour // 24, hour % 24, tzinfo=UTC)
    return Edit(more.get("lead", "1"), more.get("field", "Status"), value, at, by, user, "WORD")  # type: ignore[arg-type]


OURS = edit("S", 1, "program", None)
PERSON = ("person", "u1")
FLOW = ("automation", None)


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ([edit("M", 2), OURS], PERSON),
        ([edit("M", 2, "automation", None), OURS, edit("M", 0)], FLOW),
        ([OURS, edit("M", 0)], None),
        ([edit("M", 2)], None),
        ([], None),
        ([edit("S", 9, "program", None), edit("M", 2), OURS], PERSON),
        ([edit("M", 60, "automation", None), OURS], None),
        ([edit("M", 60, "automation", None), edit("S", 59, "program", None), edit("X", 3), OURS], PERSON),
        ([edit("M", 2, lead="2"), OURS], None),
        ([edit("M", 2, field="Owner"), OURS], None),
        ([edit("M", 2, user="us"), edit("S", 1, user="us")], ("same_user", "us")),
        ([edit(None, 2), OURS], PERSON),
    ],
)
def test_the_newest_other_value_that_came_after_ours(edits: list[Edit], told: tuple[str, str | None] | None) -> None:
    overruled = Overruled(1, Overruling("1", "stage", "sql", "mql"), DAY, None, None)
    actor = actor_of(overruled, edits, MAPPING, "UTC")
    assert (None if actor is None else (actor["kind"], actor["user"])) == told


def test_an_owner_is_looked_for_among_owners() -> None:
    overruled = Overruled(1, Overruling("1", "owner", "ann", "bob"), DAY, None, None)
    edits = [edit("bob", 2, field="Owner"), edit("M", 2), edit("ann", 1, user=None, field="Owner")]
    actor = actor_of(overruled, edits, MAPPING, "UTC")
    assert actor == {"kind": "person", "user": "u1", "source": "WORD", "at": "2026-11-20T02:00:00+00:00"}
