"""Where answers turn: the edge of a band, a kind that nobody maps, a line that may apply, points that fade away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, Expectation, batch_of
from crmsync.qualify.language.reading import policy_from

AS_OF = date(2026, 11, 21)
HEAD = """
name: edges
facts: {n: {type: integer}, town: {type: text}, closes_at: {type: datetime}}
ladder: [{stage: lead}]
"""


def decided(
    text: str,
    as_of: date = AS_OF,
    kinds: frozenset[str] | None = None,
    zone: str = "UTC",
    **lead: Any,
) -> dict[str, Any]:
    """The decision on one lead. `kinds`: activity kinds that the mapping provides, null = all."""
    policy = policy_from(read_document(HEAD + text, "policy.yaml"), {})
    example = Example(name="x", expect=Expectation(), **lead)
    batch = batch_of(policy, [example], AS_OF)
    mapped = frozenset({"n", "town", "closes_at"})
    compiled = compile_policy(policy, provided_kinds=kinds, mapped_facts=mapped, time_zone=zone)
    return decide(compiled, batch, as_of).row(0, named=True)


SCORE = """
scores:
  fit:
    rules:
      - first:
          - {when: {fact: town, is: Rome}, points: 30}
          - {when: {fact: n, at_least: 5}, points: 10}
          - {when: {fact: n, at_least: 0}, points: 50}
        otherwise: 1
    bands: {a: 30, b: 10, c: 1}
"""


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({"town": "Rome", "n": 5}, (30, 30)),
        ({"town": "Oslo", "n": 5}, (10, 10)),
        ({"n": 5}, (10, 30)),
        ({"town": "Oslo"}, (1, 50)),
        ({}, (1, 50)),
        ({"town": "Rome"}, (30, 30)),
        ({"town": "Oslo", "n": -1}, (1, 1)),
    ],
)
def test_an_unknown_line_may_be_the_first_that_is_met(facts: dict[str, Any], points: tuple[int, int]) -> None:
    row = decided(SCORE, facts=facts)
    assert (row["score.fit.low"] / 1000, row["score.fit.high"] / 1000) == points


@pytest.mark.parametrize(("facts", "band"), [({"town": "Rome"}, "a"), ({"town": "Oslo", "n": 5}, "b"), ({}, "c")])
def test_a_band_begins_at_its_number(facts: dict[str, Any], band: str) -> None:
    assert decided(SCORE, facts=facts)["band.fit"] == band


KINDS = "criteria: {any_talk: {activities: {kind: [call, webinar]}}}\n"


@pytest.mark.parametrize(
    ("kinds", "activities", "verdict"),
    [
        ({"call", "webinar"}, [], False),
        ({"call"}, [], None),
        ({"call"}, [{"kind": "call"}], True),
        (set(), [], None),
    ],
)
def test_a_kind_that_no_mapping_brings_leaves_open_whether_it_happened(
    kinds: set[str], activities: list[dict[str, Any]], verdict: bool | None
) -> None:
    assert decided(KINDS, kinds=frozenset(kinds), activities=activities)["verdict.any_talk"] is verdict


@pytest.mark.parametrize("points", [0, 0.0004, -0.0004])
def test_points_that_are_none_leave_nothing_open_where_no_mapping_brings_the_kind(points: float) -> None:
    rules = f"scores: {{fit: {{rules: [{{activities: {{kind: call}}, points: {points}, cap: 5}}]}}}}"
    row = decided(rules, kinds=frozenset())
    assert (row["score.fit.low"], row["score.fit.high"]) == (0, 0)


def test_an_example_may_say_on_which_day_its_lead_was_made() -> None:
    old = "criteria: {old: {fact: created_at, before: 2026-01-02}}"
    assert [decided(old, facts={"created_at": date(2026, 1, day)})["verdict.old"] for day in (1, 2)] == [True, False]


WINDOWS = """
scores: {recent: {rules: [{activities: {kind: call, within_days: 10}, points: 1}]}}
criteria:
  twice: {activities: {kind: call, within_days: 10}, at_least: 2}
  twice_old: {activities: {kind: call, older_than_days: 10}, at_least: 2}
  once: {activities: {kind: call, within_days: 10}}
  once_old: {activities: {kind: call, older_than_days: 10}}
"""


@pytest.mark.parametrize(
    ("age", "inside", "older"),
    [(0, True, False), (9, True, False), (10, True, False), (11, False, True), (-1, False, False)],
)
def test_a_window_ends_with_its_last_day(age: int, inside: bool, older: bool) -> None:
    row = decided(WINDOWS, activities=[{"kind": "call", "days_ago": age, "times": 2}])
    assert (row["verdict.twice"], row["verdict.once"], row["score.recent.low"]) == (inside, inside, 2000 * inside)
    assert (row["verdict.twice_old"], row["verdict.once_old"]) == (older, older)


CAPPED = """
scores:
  harm: {rules: [{activities: {kind: complaint}, points: -20, cap: 50}]}
  good: {rules: [{activities: {kind: call}, points: 20, cap: 50}]}
"""


def test_a_cap_holds_in_both_directions() -> None:
    row = decided(CAPPED, activities=[{"kind": "complaint", "times": 4}, {"kind": "call", "times": 4}])
    assert (row["score.harm.low"], row["score.harm.high"]) == (-50_000, -50_000)
    assert (row["score.good.low"], row["score.good.high"]) == (50_000, 50_000)


FADING = """
scores:
  mood:
    rules:
      - {when: {fact: n, at_least: 1}, points: 10}
      - {activities: {kind: complaint}, points: -20, linear_days: 20}
criteria: {content: {score: mood, at_least: 5}}
"""


def test_a_threshold_is_reviewed_when_negative_points_have_faded() -> None:
    lead: dict[str, Any] = {"facts": {"n": 1}, "activities": [{"kind": "complaint", "days_ago": 0}]}
    first = next(days for days in range(30) if decided(FADING, AS_OF + timedelta(days), **lead)["verdict.content"])
    assert first == 15, "10 − 20·(20 − 15)/20 = 5"
    review = decided(FADING, **lead)["review_day"]
    assert review is not None
    assert AS_OF < review <= AS_OF + timedelta(days=first), "a review never comes late"


DAYS = "criteria: {soon: {fact: closes_at, within_days: 1}, late: {fact: closes_at, before: 2026-11-22}}\n"


@pytest.mark.parametrize(
    ("zone", "soon", "late"),
    [("UTC", True, False), ("America/New_York", True, True), ("Pacific/Kiritimati", True, False)],
)
def test_an_instant_is_of_its_local_day(zone: str, soon: bool, late: bool) -> None:
    """02:30 UTC on the 22nd is still the 21st in New York."""
    policy = policy_from(read_document(HEAD + DAYS, "policy.yaml"), {})
    batch = batch_of(policy, [Example(name="x", expect=Expectation())], AS_OF)
    instant = pl.lit(datetime(2026, 11, 22, 2, 30, tzinfo=UTC)).cast(pl.Datetime("us", "UTC"))
    batch = type(batch)(batch.leads.with_columns(instant.alias("fact.closes_at")), batch.activities)
    compiled = compile_policy(policy, mapped_facts=frozenset({"closes_at"}), time_zone=zone)
    row = decide(compiled, batch, AS_OF).row(0, named=True)
    assert (row["verdict.soon"], row["verdict.late"]) == (soon, late)
