"""A replay sees nothing that came after the moment: not later evidence, not a changed stage, not a hidden fact."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from crmsync.configuration import read_document
from crmsync.model import ACTIVITIES, LEADS, Batch
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets
from crmsync.tune.replay import moments, replay

FIRST = date(2026, 1, 1)
FACTS = {"budget": ["available", "none", None], "authority": ["decision_maker", "none", None]}
KINDS = ["demo_request", "form_submission", "webinar", "call", "page_view"]
OUTCOMES = ["connected", "completed", "no_show", None]


def _compiled() -> CompiledPolicy:
    policy = policy_from(read_document("format: 1\nname: small\nextends: saas\n", "policy.yaml"), presets())
    return compile_policy(policy, mapped_facts=frozenset(FACTS))


COMPILED = _compiled()
ACTIVITY = st.tuples(st.sampled_from(KINDS), st.integers(0, 60), st.sampled_from(OUTCOMES))
PERSON = st.fixed_dictionaries(
    {
        "created": st.integers(0, 20),
        "stage": st.sampled_from([None, "lead", "sqo", "disqualified"]),
        **{name: st.sampled_from(values) for name, values in FACTS.items()},
        "activities": st.lists(ACTIVITY, max_size=5),
    }
)
PEOPLE = st.lists(PERSON, min_size=1, max_size=6)


def batch(people: list[dict[str, Any]]) -> Batch:
    names = [f"L{number}" for number in range(len(people))]
    created = [datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=one["created"]) for one in people]
    told = {name: [None] * len(people) for name in LEADS}
    told |= {"lead": names, "created_at": created, "stage": [one["stage"] for one in people]}
    told |= {"managed": [one["stage"] is not None for one in people]}
    leads = pl.DataFrame(told, schema=dict(LEADS)).with_columns(
        *(pl.Series(f"fact.{name}", [one[name] for one in people], dtype=pl.String) for name in FACTS),
        *(pl.lit(FIRST).alias(name) for name in ("stage_edited_on", "owner_edited_on", "stage_since")),
    )
    acts = [
        {
            "activity": f"{row}-{index}",
            "lead": names[row],
            "kind": kind,
            "day": FIRST + timedelta(days=day),
            "outcome": outcome,
            "row": row,
        }
        for row, one in enumerate(people)
        for index, (kind, day, outcome) in enumerate(one["activities"])
    ]
    return Batch(
        leads.with_row_index("row"),
        pl.DataFrame(acts, schema={**ACTIVITIES, "row": pl.UInt32(), "by_role": pl.String()}),
    )


def replayed(people: list[dict[str, Any]], days: int, hidden: tuple[str, ...] = ()) -> pl.DataFrame:
    whole = batch(people)
    return replay(COMPILED, whole, moments(whole.leads, days, "UTC"), hidden).sort("lead").drop("row")


@settings(max_examples=20, deadline=None)
@given(PEOPLE, st.integers(0, 30), st.lists(ACTIVITY, max_size=4))
def test_later_evidence_changes_nothing(people: list[dict[str, Any]], days: int, later: list[Any]) -> None:
    after = [
        {
            **one,
            "stage": "sqo",
            "activities": [
                *one["activities"],
                *((kind, one["created"] + days + 1 + extra, outcome) for kind, extra, outcome in later),
            ],
        }
        for one in people
    ]
    assert replayed(people, days).equals(replayed(after, days), null_equal=True)


@settings(max_examples=12, deadline=None)
@given(PEOPLE, st.integers(0, 30))
def test_a_hidden_fact_is_never_read(people: list[dict[str, Any]], days: int) -> None:
    without = [{**one, "budget": None} for one in people]
    assert replayed(people, days, ("budget",)).equals(replayed(without, days), null_equal=True)


@settings(max_examples=12, deadline=None)
@given(PEOPLE, st.integers(0, 30))
def test_it_is_what_deciding_on_that_day_would_have_said(people: list[dict[str, Any]], days: int) -> None:
    told = {row["lead"]: row for row in replayed(people, days).to_dicts()}
    for number, one in enumerate(people):
        end = one["created"] + days
        past = {**one, "stage": "lead", "activities": [act for act in one["activities"] if act[1] <= end]}
        day = FIRST + timedelta(days=end)
        then = decide(COMPILED, batch([past]), day).to_dicts()[0]
        found = told[f"L{number}"]
        assert found["as_of"] == day
        for column in ("earned_stage", "reason", "priority", "score.fit.low", "score.engagement.high"):
            assert found[column] == then[column]
        assert found["standing"] == ("disqualified" if then["reason"] else then["earned_stage"])
