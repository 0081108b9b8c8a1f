"""Leads decided as of moments in their past: what a moment sees, and what only the present knows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.model import Batch
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.examples import Example, Expectation, batch_of
from crmsync.qualify.language.reading import policy_from
from crmsync.tune.replay import moments, replay

AS_OF = date(2026, 11, 21)
POLICY = policy_from(
    read_document(
        """
name: past
facts: {budget: {type: boolean}, lost: {type: boolean}}
criteria:
  called: {activities: {kind: call, within_days: 10}}
  budget: {fact: budget, is: true}
  crowd: {fact: leads_at_company, at_least: 2}
ladder:
  - {stage: lead}
  - {stage: mql, when: called}
  - {stage: sql, when: {all: [called, budget]}}
disqualified: {stage: out, reasons: [{name: lost, when: {fact: lost, is: true}}]}
movement: {hands_off_days: 30}
""",
        "policy.yaml",
    ),
    {},
)
COMPILED = compile_policy(POLICY, mapped_facts=frozenset({"budget", "lost"}))


def batch(**lead: Any) -> Batch:
    """One lead that was called on the 11th, and has budget."""
    usual: dict[str, Any] = {
        "facts": {"budget": True},
        "activities": [{"kind": "call", "days_ago": 10}],
        "stage": "sql",
        "stage_edited_days_ago": 1,
    }
    made = batch_of(POLICY, [Example(name="x", expect=Expectation(), **{**usual, **lead})], AS_OF)
    crowded = made.leads.with_columns(pl.lit(5, pl.Int64).alias("leads_at_company"))
    return Batch(crowded, made.activities)


def standing(made: Batch, *days: int, hidden: Collection[str] = ()) -> list[tuple[date, str]]:
    """(moment, stage) on these days of November."""
    at = pl.DataFrame({"row": [0] * len(days), "moment": [date(2026, 11, day) for day in days]}).cast(
        {"row": pl.UInt32}
    )
    decided = replay(COMPILED, made, at, hidden).sort("as_of")
    return list(decided.select("as_of", "standing").iter_rows())


def test_a_moment_sees_its_own_day_and_nothing_later() -> None:
    stages = [stage for _, stage in standing(batch(), 10, 11, 12, 21, 22)]
    assert stages == ["lead", "sql", "sql", "sql", "lead"], "called on the 11th, and in sight for ten days"


def test_a_fact_that_is_hidden_is_unknown() -> None:
    assert standing(batch(), 11, hidden=["budget"]) == [(date(2026, 11, 11), "mql")]


def test_a_reason_stands_before_what_was_earned() -> None:
    lost = batch(facts={"budget": True, "lost": True})
    assert standing(lost, 11) == [(date(2026, 11, 11), "out")]
    assert standing(lost, 11, hidden=["lost"]) == [(date(2026, 11, 11), "sql")]


def test_what_only_the_present_knows_is_unknown() -> None:
    at = pl.DataFrame({"row": [0], "moment": [AS_OF]}, schema={"row": pl.UInt32, "moment": pl.Date})
    row = replay(COMPILED, batch(), at, ()).row(0, named=True)
    assert row["verdict.crowd"] is None, "leads that came later are counted in it"
    assert (row["stage"], row["stage_why"]) == ("sql", "earned"), "nobody had edited anything, the lead began below"


def test_nobody_at_no_moment_is_a_frame_like_any_other() -> None:
    nothing = pl.DataFrame(schema={"row": pl.UInt32, "moment": pl.Date})
    empty = replay(COMPILED, batch(), nothing, ())
    assert empty.is_empty()
    assert {"standing", "as_of", "verdict.called"} <= set(empty.columns)


@pytest.mark.parametrize(
    ("zone", "moment"),
    [("UTC", date(2026, 11, 9)), ("Asia/Tokyo", date(2026, 11, 10)), ("America/New_York", date(2026, 11, 9))],
)
def test_a_moment_is_so_many_days_after_the_local_day_of_creation(zone: str, moment: date) -> None:
    """20:00 UTC on the 2nd is the 3rd in Tokyo."""
    leads = pl.DataFrame(
        {"row": [0, 1], "lead": ["a", "b"], "created_at": [datetime(2026, 11, 2, 20, tzinfo=UTC), None]}
    )
    assert moments(leads, 7, zone)["moment"].to_list() == [moment, None]
