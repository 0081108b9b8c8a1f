"""`explain`: why a lead stands where it stands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crmsync.qualify.telling.explanation import Word
from crmsync.run.left_alone import Cause
from crmsync.showing.answers.hand_offs import HandOffStory
from crmsync.showing.answers.shape import (
    Counter,
    Day,
    Format,
    Instant,
    PassedOver,
    Points,
    PoolsTurn,
    Shape,
    left_out,
)


class FactEvidence(Shape):
    """A fact that a condition looked at."""

    fact: str
    """The fact's name."""
    value: str | int | float | bool | None
    """Its value; null = not known."""


class ScoreEvidence(Shape):
    """A score that a condition looked at."""

    score: str
    """The score's name."""
    points: Points


class ActivityEvidence(Shape):
    """An activity that a condition counted. What is not known of it is left out."""

    activity: str
    """Object and id in the CRM."""
    kind: str = left_out()
    """The kind of activity, in crmsync's words."""
    day: Day = left_out()
    """When it happened, in the org's zone."""
    outcome: str = left_out()
    """How it ended."""
    direction: str = left_out()
    """`inbound` or `outbound`."""
    by: str = left_out()
    """The CRM's id of the person."""
    by_role: str = left_out()
    """That person's role in the roster."""
    about: str = left_out()
    """The thing it is about, in the CRM's words."""
    certain: Literal[False] = left_out()
    """There where it counts only perhaps, as something of it is not known."""


class CountedActivity(ActivityEvidence):
    """An activity that gave points."""

    age_days: int
    """Whole days up to the day of the decision."""
    points: int
    """What it gave, thousandths of a point."""


Evidence = FactEvidence | ScoreEvidence | ActivityEvidence


class ToldCondition(Shape):
    """A condition with its verdict. Lists are left out where they are empty."""

    sentence: str
    """The condition in words."""
    verdict: Word
    """Whether it is met."""
    evidence: list[Evidence] = left_out()
    """What it looked at; of activities the ten latest."""
    more_evidence: int = left_out()
    """How many more there are."""
    parts: list[Condition] = left_out()
    """The conditions that it consists of."""


class NamedCondition(Shape):
    """A named criterion: `criteria` tells it once, `conditions` its verdict."""

    name: str
    """Its name."""


Condition = Annotated[NamedCondition | ToldCondition, Field(description="A condition: told in full, or by its name.")]


class Step(Shape):
    """A stage, and whether the evidence gives it."""

    stage: str
    """Its name in the policy."""
    label: str
    """Its words in the policy."""
    verdict: Word
    """With the stages below it that it includes."""
    condition: Condition | None
    """Its own; null for the lowest."""


class Rule(Shape):
    """What a rule of a score gave. Those that gave nothing and count no activity are left out."""

    rule: str
    """In words."""
    points: Points
    points_each: int = left_out()
    """What a fresh activity gives, thousandths of a point; not of a rule for silence."""
    activities: list[CountedActivity] = left_out()
    """The activities that it counted; of a rule for silence those that may be the latest, each with its points."""
    cut_by_cap: int = left_out()
    """What the rule's cap took, thousandths of a point."""


class ScoreStory(Shape):
    """How a score came about."""

    points: Points
    band: str | None
    """Its band; null = there are none, or it is not known."""
    rules: list[Rule]
    """In the policy's order."""
    cut_by_limits: int = left_out()
    """What caps and floors changed, thousandths of a point."""


class PolicyCandidate(Shape):
    """A policy that could apply where the segment is not known."""

    policy: str
    """Its name."""
    earned_stage: str
    """What the evidence gives under it."""
    reason: str | None
    """Why it would disqualify the lead; null = it would not."""
    sentence: str
    """The same in words."""


class Question(Shape):
    """A fact that nobody knows."""

    fact: str
    """Its name."""
    ask: str
    """What to ask."""
    conditions: list[str]
    """The conditions that wait for the answer."""


class WayUp(Shape):
    """A cheapest way to a higher stage."""

    stage: str
    """The stage that it leads to."""
    steps: list[str]
    """What would have to happen, all together."""


class Stage(Shape):
    """A stage that the lead left."""

    attempt: int
    """Its way up the ladder, from 1: one ends where the lead comes to a stage that it had already."""
    stage_before: str | None
    """Where it stood."""
    stage_after: str | None
    """Where it came."""
    since: Day | None
    """When it was first seen where it stood."""
    day: Day
    """When it came on."""
    cause: str
    """`crmsync`; `crm`: somebody there; `undone`: crmsync, taking back a step of its own."""
    run_id: int | None
    """The run."""


class GivenOwner(Shape):
    """The last owner that crmsync gave."""

    owner: str
    """The CRM's id."""
    at: Instant
    """When it was written."""
    reason: str
    """How the owner was found."""
    pool: str | None
    """The pool that it was a turn of; null = nothing was counted."""
    counter: Counter
    """The owner's turns in the pool."""
    between: PoolsTurn | None
    """The turn that the pool itself had among pools that share leads; null = no rule shares with it."""
    passed_over: list[PassedOver]
    """Everybody who did not get the lead."""


class WhyLeftAlone(Shape):
    """Why nothing of the lead is changed, whatever is decided."""

    cause: Cause
    """Held by a person, pinned by a field, stopped after being overruled, or undone."""
    until: Day | None
    """The last such day; null = until somebody says otherwise."""
    why: str
    """In words."""


class Explanation(Shape):
    """One lead's decision, with all that led to it. One object a line; keys are never left out."""

    format: Format
    lead: str
    """The CRM's id of the lead."""
    as_of: Day
    """The day of the decision, in the org's zone."""
    stage: str | None
    """The decided stage; null = not managed."""
    crm_stage: str | None
    """The stage that the CRM holds, in the policy's names; null = none of them."""
    scores: dict[str, Points]
    """Score → its interval."""
    review_day: Day | None
    """The earliest day on which time alone could change the answer; null = never."""
    conditions: dict[str, Word]
    """Condition → verdict: each named criterion, `segment.…`, `ladder.…`, `reason.…`."""
    policy: str
    """The policy that decided."""
    policy_why: str | None
    """Why it was this one of the `candidates`."""
    candidates: list[PolicyCandidate]
    """Policies that could apply where the segment is not known; empty where it is."""
    earned_stage: str
    """What the evidence gives."""
    stage_why: str
    """The rule of movement that applied, as a word."""
    why: str
    """The same in a sentence."""
    reason: str | None
    """Why the lead is disqualified; null = it is not."""
    ladder: list[Step]
    """Stages from the bottom."""
    disqualification: Step | None
    """The stage beside the ladder; null = the policy has none."""
    criteria: dict[str, ToldCondition]
    """Every named criterion."""
    points: dict[str, ScoreStory]
    """Every score."""
    questions: list[Question]
    """What nobody knows, in the order to ask."""
    next_action: str | None
    """What to do next."""
    ways_up: list[WayUp]
    """The cheapest ways to a higher stage; only of leads that were named, not with `--all`."""
    url: str | None
    """The address of its page in the CRM, where that is known."""
    managed: bool
    """Whether crmsync manages the stage that the CRM holds."""
    stage_native: dict[str, str | None]
    """The native fields of the stage → their values."""
    owner: str | None
    """The CRM's id of the owner; null = nobody."""
    history: list[Stage]
    """The stages that it left, oldest first."""
    hand_over: str | None = left_out()
    """Which of the policy's `hand_overs` counts for it, null = none; left out where it has only one `hand_off`."""
    nobody_yet: bool = left_out()
    """Whether it has no owner yet, or lies in a raw queue, as it should be; left out where none may."""
    owner_move: GivenOwner | None
    """The last owner that crmsync gave; null = none."""
    owner_set_on: Day | None
    """The day on which somebody else was seen to set the owner."""
    owner_stays_until: Day | None
    """As long crmsync leaves that owner."""
    hand_offs: list[HandOffStory]
    """Its hand-offs, oldest first."""
    left_alone: WhyLeftAlone | None
    """Null = it is not left alone."""
