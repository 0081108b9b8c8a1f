"""Example leads with what is expected of them: the cases of the presets, and an admin's own tests of a policy.

```yaml
examples:
  - name: downloaded the e-book
    stage: lead                    # where the CRM has it; left out = empty
    facts: {budget: available}
    activities: [{kind: content_download, days_ago: 10}, {kind: call, outcome: connected, days_ago: 3, by_role: bdr}]
    expect: {stage: sal, conditions: {has_budget: met}, scores: {fit: 25, engagement: [0, 10]}}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from crmsync.model import ACTIVITIES, FACT_DTYPES, FACT_PREFIX, LEADS, STAYS, Batch, FactType
from crmsync.qualify.engine.compile import CompiledPolicy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.telling.explanation import verdict_word
from crmsync.qualify.terms.facts import BUILT_IN_FACTS
from crmsync.qualify.terms.points import milli
from crmsync.qualify.terms.shape import Day, Name, Points, PolicyPart, Words

Ago = Annotated[int, Field(strict=True, ge=-36_500, le=36_500)]
FactValue = StrictBool | StrictInt | StrictFloat | Day | StrictStr
Verdict = Literal["met", "not_met", "unknown"]


class ExampleActivity(PolicyPart):
    """One activity (or `times` of them on that day). `days_ago` is negative for a planned one."""

    kind: Words
    days_ago: Ago = 1
    outcome: Words | None = None
    direction: Words | None = None
    by: Words | None = None
    by_role: Words | None = None
    about: Words | None = None
    times: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1


class ExampleStay(PolicyPart):
    """A stage that the lead came to, and how many days ago crmsync saw it come."""

    stage: Name
    days_ago: Ago


class Expectation(PolicyPart):
    """What must come out; what is not named may be anything. Points in `scores`, one value or [low, high]."""

    stage: Name | None = None
    not_stage: Name | None = None
    earned_stage: Name | None = None
    stage_why: Words | None = None
    reason: Words | None = None
    policy: Words | None = None
    conditions: dict[Words, Verdict] = Field(default_factory=dict)
    scores: dict[Name, Points | tuple[Points, Points]] = Field(default_factory=dict)
    bands: dict[Name, Words | None] = Field(default_factory=dict)
    review_in_days: Ago | Literal["never"] | None = None


class Example(PolicyPart):
    """One lead and what is expected. Days count back from the day of the test.

    `history`: the stages that it came to, one after the other; the last is where it stands.
    """

    name: Words
    stage: Words | None = None
    managed: StrictBool = True
    facts: dict[Name, FactValue] = Field(default_factory=dict)
    activities: tuple[ExampleActivity, ...] = ()
    stage_edited_days_ago: Ago | None = None
    stage_since_days_ago: Ago | None = None
    history: tuple[ExampleStay, ...] = ()
    created_days_ago: Ago | None = None
    expect: Expectation

    @model_validator(mode="after")
    def _stands_where_it_came(self) -> Example:
        days = [stay.days_ago for stay in self.history]
        if self.history and self.model_fields_set & {"stage", "stage_since_days_ago"}:
            raise ValueError("`history` ends with the present stage\n→ leave out `stage` and `stage_since_days_ago`")
        if days != sorted(days, reverse=True):
            raise ValueError("`history` goes on in time\n→ begin with the stage that the lead came to first")
        return self

    @property
    def stays(self) -> Sequence[tuple[str | None, int | None, int | None, bool]]:
        """Stage, days since it came and since it left, and whether it was seen to come."""
        if not self.history:
            return [(self.stage, self.stage_since_days_ago, None, False)]
        left = [stay.days_ago for stay in self.history[1:]]
        return [
            (stay.stage, stay.days_ago, until, True) for stay, until in zip(self.history, [*left, None], strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise than expected."""

    example: str
    what: str
    expected: object
    actual: object

    def __str__(self) -> str:
        return f"{self.example}: {self.what} is {self.actual}, expected {self.expected}"


def differences(compiled: CompiledPolicy, examples: Sequence[Example], as_of: date) -> list[Difference]:
    """Decides all examples in one batch and compares; empty when all is as expected."""
    decisions = decide(compiled, batch_of(compiled.policy, examples, as_of), as_of).to_dicts()
    return [
        difference
        for example, decision in zip(examples, decisions, strict=True)
        for difference in _compared(example, decision, as_of)
    ]


def batch_of(policy: Policy, examples: Sequence[Example], as_of: date) -> Batch:
    """The examples as a batch; leads are named by their place."""
    types = {name: fact.type for name, fact in policy.all_facts.items()}
    declared: dict[str, FactType] = {**BUILT_IN_FACTS, **types}
    leads = [_lead(row, example, as_of) for row, example in enumerate(examples)]
    for row, example in enumerate(examples):
        for name, value in example.facts.items():
            leads[row][name if name in BUILT_IN_FACTS else FACT_PREFIX + name] = _fact(value, declared.get(name))
    schema: dict[str, pl.DataType] = {"row": pl.UInt32(), **LEADS, "leads_at_company": pl.Int64()}
    schema |= dict.fromkeys(("stage_edited_on", "owner_edited_on", "stage_since"), pl.Date())
    schema |= {FACT_PREFIX + name: FACT_DTYPES[kind] for name, kind in types.items()}
    activities = [
        activity for row, example in enumerate(examples) for activity in _activities(row, example.activities, as_of)
    ]
    stays = [
        (row, stage, _day(as_of, since), _day(as_of, until), seen)
        for row, example in enumerate(examples)
        for stage, since, until, seen in example.stays
    ]
    return Batch(
        leads=pl.DataFrame(leads, schema=schema),
        stays=pl.DataFrame(stays, schema=STAYS, orient="row"),
        activities=pl.DataFrame(activities, schema={"row": pl.UInt32(), **ACTIVITIES, "by_role": pl.String()}),
    )


def _lead(row: int, example: Example, as_of: date) -> dict[str, Any]:
    created = _day(as_of, example.created_days_ago)
    stage, since, _, _ = example.stays[-1]
    return {
        "row": row,
        "lead": f"lead-{row}",
        "stage": stage,
        "managed": example.managed,
        "stage_native": "{}",
        "created_at": None if created is None else datetime.combine(created, time(12), UTC),
        "stage_edited_on": _day(as_of, example.stage_edited_days_ago),
        "stage_since": _day(as_of, since),
    }


def _day(as_of: date, ago: int | None) -> date | None:
    return None if ago is None else as_of - timedelta(days=ago)


def _fact(value: Any, kind: str | None) -> Any:
    if kind in ("number", "money"):
        return float(value)
    if kind == "datetime" and not isinstance(value, datetime):
        return datetime.combine(value, time(12), UTC)
    return value


def _activities(row: int, activities: Sequence[ExampleActivity], as_of: date) -> Iterator[dict[str, Any]]:
    for number, activity in enumerate(activities):
        for copy in range(activity.times):
            yield {
                "row": row,
                "activity": f"example:{row}.{number}.{copy}",
                "lead": f"lead-{row}",
                "kind": activity.kind,
                "day": as_of - timedelta(days=activity.days_ago),
                "direction": activity.direction,
                "outcome": activity.outcome,
                "by": activity.by,
                "by_role": activity.by_role,
                "about": activity.about,
            }


def _compared(example: Example, decision: dict[str, Any], as_of: date) -> Iterator[Difference]:
    expect = example.expect
    for what in ("stage", "earned_stage", "stage_why", "reason", "policy"):
        wanted = getattr(expect, what)
        if wanted is not None and wanted != decision[what]:
            yield Difference(example.name, what, wanted, decision[what])
    if expect.not_stage is not None and expect.not_stage == decision["stage"]:
        yield Difference(example.name, "stage", f"not {expect.not_stage}", decision["stage"])
    for condition, verdict in expect.conditions.items():
        column = f"verdict.{condition}"
        actual = verdict_word(decision[column]) if column in decision else "no condition of the policy"
        if actual != verdict:
            yield Difference(example.name, condition, verdict, actual)
    for score, points in expect.scores.items():
        low, high = points if isinstance(points, tuple) else (points, points)
        ends = (decision.get(f"score.{score}.low"), decision.get(f"score.{score}.high"))
        if ends != (milli(low), milli(high)):
            yield Difference(example.name, f"score {score}", (milli(low), milli(high)), ends)
    for name, label in expect.bands.items():
        if decision.get(f"band.{name}") != label:
            yield Difference(example.name, f"band {name}", label, decision.get(f"band.{name}"))
    if expect.review_in_days is not None:
        day: date | None = decision["review_day"]
        days: object = "never" if day is None else (day - as_of).days
        if days != expect.review_in_days:
            yield Difference(example.name, "days to the review", expect.review_in_days, days)
