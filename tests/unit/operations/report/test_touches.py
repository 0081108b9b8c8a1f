"""What counts as a touch, and for how long an owner's leads went without one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from crmsync.errors import UsageError
from crmsync.model import ACTIVITIES, Batch
from crmsync.operations.report.touches import chosen, touches_in

CREATED = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
DAY = date(2026, 11, 5)


def prepared(about: bool = True, **facts: str) -> Any:
    activity = SimpleNamespace(about="Subject" if about else None)
    return SimpleNamespace(mapping=SimpleNamespace(fact_types=facts, activities=(activity,)))


def batch(*activities: dict[str, Any], **facts: Any) -> Batch:
    leads = {"row": [0], "lead": ["a"], "email": ["p@x.example"], "created_at": [CREATED]}
    told = pl.DataFrame({**leads, **{f"fact.{name}": [value] for name, value in facts.items()}})
    rows = [{"row": 0, "day": DAY, "kind": "webinar", "direction": "inbound", **each} for each in activities]
    schema = {"row": pl.Int64(), **ACTIVITIES}
    return Batch(told, pl.DataFrame(rows, schema=schema))


def names(found: pl.DataFrame) -> list[tuple[str, date, str]]:
    return sorted(found.rows())


def test_a_fact_is_a_touch_of_the_day_on_which_the_lead_came_in_the_orgs_zone() -> None:
    there = prepared(lead_source="text")
    assert names(touches_in(batch(lead_source="Web"), "source", there, "Europe/Berlin")) == [
        ("p@x.example", date(2026, 11, 2), "Web")
    ]
    assert names(touches_in(batch(lead_source=None), "source", there, "UTC")) == []


def test_activities_count_where_they_took_place_and_are_not_the_firms_own() -> None:
    done = batch(
        {"about": "Fair"},
        {"about": "No show", "outcome": "no_show"},
        {"about": "Mail", "direction": "outbound"},
        {"about": "Unknown", "direction": None},
        {"about": ""},
    )
    assert [name for _, _, name in names(touches_in(done, "campaign", prepared(), "UTC"))] == ["Fair", "Unknown"]
    kinds = names(touches_in(done, "kind", prepared(), "UTC"))
    assert kinds == [("p@x.example", DAY, "webinar")] * 2, "of unknown direction none is taken for theirs"


@pytest.mark.parametrize(
    ("facts", "about", "found"),
    [
        ({"campaign": "text", "lead_source": "text"}, False, ("campaign", "source")),
        ({"lead_source": "choice"}, True, ("campaign", "source")),
        ({"lead_source": "choice"}, False, ("source",)),
        ({"budget": "number"}, False, ()),
    ],
)
def test_without_a_wish_it_is_what_the_mapping_knows(
    facts: dict[str, str], about: bool, found: tuple[str, ...]
) -> None:
    assert chosen((), prepared(about, **facts)) == found


def test_what_nobody_knows_is_refused() -> None:
    assert chosen(("kind", "kind", "segment"), prepared(segment="choice")) == ("kind", "segment")
    with pytest.raises(UsageError, match="no touches by `budget`"):
        chosen(("budget",), prepared(budget="number"))
