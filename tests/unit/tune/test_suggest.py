"""A fit finds the signal that is there, none where there is none, and its table is on the policy's own scale."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random
from typing import Any

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.errors import UsageError
from crmsync.operations.backtest.suggestion import suggestion
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.language.policy import Policy, Segment
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.language.scores import Score
from crmsync.settings import presets
from crmsync.tune.fit import fit, out_of_fold
from crmsync.tune.measures import auc
from crmsync.tune.probe import features_of, left_out_of, probe_of
from crmsync.tune.suggest import hits_of, scaled

DAY = date(2026, 3, 1)
POLICY = """
format: 1
name: small
extends: saas
scores:
  fit: null
  engagement: null
  total: null
  worth:
    cap: 15
    rules:
      - {when: {fact: employees, at_least: 100}, points: 10}
      - {activities: {kind: demo_request}, points: 20, half_life_days: 10, cap: 30}
      - {fact: industry, values: {software: 5, retail: -5}}
      - first:
          - {when: {fact: employees, at_least: 1000}, points: 8}
          - {when: {fact: employees, at_least: 10}, points: 4}
priority: worth
grades: {grade: null}
criteria: {sql_evidence: {score: worth, at_least: 10}}
"""


def policy() -> Policy:
    return policy_from(read_document(POLICY, "policy.yaml"), presets())


def batch(people: list[dict[str, Any]]) -> Any:
    from crmsync.model import ACTIVITIES, LEADS, Batch

    created = datetime(2026, 1, 1, tzinfo=UTC)
    names = [f"L{number:04}" for number in range(len(people))]
    blank = {name: [None] * len(people) for name in LEADS}
    told = blank | {"lead": names, "managed": [True] * len(people), "created_at": [created] * len(people)}
    leads = pl.DataFrame(told, schema=dict(LEADS)).with_columns(
        pl.Series("fact.employees", [one.get("employees") for one in people], dtype=pl.Int64),
        pl.Series("fact.industry", [one.get("industry") for one in people], dtype=pl.String),
        *(pl.lit(None, dtype=pl.Date).alias(name) for name in ("stage_edited_on", "owner_edited_on", "stage_since")),
    )
    acts = [
        {"activity": f"{names[row]}-{index}", "lead": names[row], "kind": "demo_request", "day": day, "row": row}
        for row, one in enumerate(people)
        for index, day in enumerate(one.get("demos", ()))
    ]
    schema = {**ACTIVITIES, "row": pl.UInt32(), "by_role": pl.String()}
    return Batch(leads.with_row_index("row"), pl.DataFrame(acts, schema=schema))


def test_every_rule_becomes_one_unit_and_every_line_a_feature_of_its_own() -> None:
    features = features_of(policy())
    assert [(one.place, one.points) for one in features] == [
        ("scores.worth.rules.0", 10),
        ("scores.worth.rules.1", 20),
        ("scores.worth.rules.2.software", 5),
        ("scores.worth.rules.2.retail", -5),
        ("scores.worth.rules.3.line 1", 8),
        ("scores.worth.rules.3.line 2", 4),
    ]
    compiled = compile_policy(probe_of(policy(), features), mapped_facts=frozenset({"employees", "industry"}))
    people = [
        {"employees": 2000, "industry": "Software", "demos": [DAY]},
        {"employees": 50, "industry": "retail", "demos": [date(2026, 2, 19), DAY, DAY]},
        {"industry": "farming"},
    ]
    frame = decide(compiled, batch(people), DAY)
    assert hits_of(frame, features) == [
        [1, 1, 1, 0, 1, 0],
        [0, 1.5, 0, 1, 0, 1],  # half + 1 + 1 demos, cut at the cap of one and a half
        [0, 0, 0, 0, 0, 0],
    ]


def test_points_have_the_policys_scale() -> None:
    features = features_of(policy())
    assert scaled(features, [0.1, -0.4, 0.0, 0.2, 0.0, 0.0]) == [5.0, -20.0, 0.0, 10.0, 0.0, 0.0]
    assert scaled(features, [0.0] * 6) == [0.0] * 6


def world(signal: float, leads: int = 400) -> tuple[list[list[float]], list[bool], list[str]]:
    random = Random(7)
    hits = [[float(random.random() < 0.5), float(random.random() < 0.5)] for _ in range(leads)]
    won = [random.random() < 0.25 + signal * (one[0] - 0.5) for one in hits]
    return hits, won, [random.choice("abc") for _ in hits]


@pytest.mark.breadth
def test_signal_is_found_and_the_rule_without_any_stays_small() -> None:
    hits, won, sources = world(0.4)
    first, second = fit(hits, won).log_odds
    assert first > 1
    assert abs(second) < first / 3
    unseen = out_of_fold(hits, won, sources)
    found = auc(pl.DataFrame({"points": unseen.fitted[0], "won": won}))
    assert found is not None
    assert found > 0.65
    assert fit(hits, won) == fit(hits, won)


@pytest.mark.breadth
def test_noise_is_not_taken_for_signal() -> None:
    hits, won, sources = world(0.0)
    unseen = out_of_fold(hits, won, sources)
    for ranks in (*unseen.fitted, *unseen.by_source):
        found = auc(pl.DataFrame({"points": ranks, "won": won}))
        assert found is not None
        assert 0.4 < found < 0.6


def replayed(leads: int = 300) -> pl.DataFrame:
    random = Random(3)
    people = [{"employees": random.choice([5, 50, 500]), "industry": "farming"} for _ in range(leads)]
    won = [random.random() < (0.5 if one["employees"] == 500 else 0.15) for one in people]
    features = features_of(policy())
    compiled = compile_policy(probe_of(policy(), features), mapped_facts=frozenset({"employees", "industry"}))
    frame = decide(compiled, batch(people), DAY)
    return frame.with_columns(
        pl.col("earned_stage").alias("standing"), pl.Series("won", won), pl.lit("web").alias("#source")
    )


@pytest.mark.breadth
def test_the_table_stands_beside_the_hand_made_one() -> None:
    features = features_of(policy())
    ladder = [rung.stage for rung in policy().ladder]
    found = suggestion(replayed(), features, ladder, policy())
    by_place = {one.place: one for one in found.points}
    assert found.worth_it
    assert by_place["scores.worth.rules.0"].suggested == max(one.suggested for one in found.points) == 20
    assert by_place["scores.worth.rules.1"].leads == 0
    assert by_place["scores.worth.rules.1"].suggested == 0
    assert [one.name for one in found.rankings] == ["stage", "score worth", "fitted points", "source only"]
    assert found.rankings[-1].auc == 0.5
    threshold = found.thresholds[0]
    assert threshold.leads == by_place["scores.worth.rules.0"].leads
    assert threshold.conversion_by_points == pytest.approx(threshold.conversion_by_policy, abs=0.05)


def test_what_a_fit_cannot_weigh_is_said() -> None:
    limits, *others = left_out_of(policy())
    assert limits.startswith("caps and floors of worth ")
    assert not others
    combined = {"total": Score.model_validate({"combine": {"worth": 1}, "label": "All"})}
    segment = Segment.model_construct(name="big_ones", when="has_budget", policy=policy())
    more = policy().model_copy(update={"scores": {**policy().scores, **combined}, "segments": (segment,)})
    assert [words.split(":")[0] for words in left_out_of(more)[1:]] == [
        "the weights of All",
        "the policies of big ones",
    ]
    assert left_out_of(policy().model_copy(update={"scores": {}})) == ()


@pytest.mark.breadth
def test_each_fit_is_told_to_whom_it_may_concern() -> None:
    heard: list[tuple[int, int]] = []
    hits = [[float(number % 2)] for number in range(100)]
    won = [number % 3 == 0 for number in range(100)]
    out_of_fold(hits, won, ["web"] * 100, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(number, 25) for number in range(1, 26)]


def test_too_few_winners_are_refused_in_words() -> None:
    frame = replayed().with_columns(pl.lit(False).alias("won"))
    with pytest.raises(UsageError, match="0 winners and 300 others are too few"):
        suggestion(frame, features_of(policy()), ["lead"], policy())


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(UsageError, match=r"scikit-learn(.|\n)*crmsync\[tune\]"):
        suggestion(replayed(), features_of(policy()), ["lead"], policy())
