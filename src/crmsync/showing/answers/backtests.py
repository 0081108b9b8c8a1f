"""`backtest`, `tune`: a policy held against what became of leads."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crmsync.showing.answers.shape import Day, Format, Shape, left_out
from crmsync.showing.answers.trying import Wording

Interval = Annotated[tuple[float, float], Field(description="`[low, high]`, the 95 % interval.")]


class Group(Shape):
    """Leads that stand together."""

    name: str
    """What they have in common."""
    leads: int
    """How many."""
    winners: int
    """Those that came out as asked."""
    conversion: float | None
    """Their share, 0…1; null = no lead."""
    interval: Interval
    lift: float | None
    """The share over that of all leads; null = there is none."""


class Line(Shape):
    """Everybody at a stage or above it, as if each were called a winner."""

    stage: str
    """The stage."""
    leads: int
    """How many."""
    precision: float | None
    """Winners among them, 0…1."""
    precision_interval: Interval
    recall: float | None
    """The share of all winners, 0…1."""
    recall_interval: Interval
    lift: float | None
    """The precision over the share of winners in all leads."""
    missed: int
    """Winners below."""
    false_alarms: int
    """Leads at or above it that did not win."""
    hand_over: str | None = left_out()
    """The hand-over whose line it is; it counts from the stage on, and where its criteria are met."""


class Ranking(Shape):
    """An order of the leads."""

    name: str
    """By what."""
    auc: float | None
    """How often a winner stands before another lead, 0…1."""
    auc_interval: Interval | None
    """`[low, high]`, the 95 % interval."""
    top_lift: float | None
    """The lift among its best tenth."""
    top_lift_interval: Interval | None
    """`[low, high]`, the 95 % interval."""


class SuggestedPoints(Shape):
    """One rule of a score."""

    place: str
    """Where it stands in the policy."""
    words: str
    """The rule in words."""
    points: float
    """The policy's points."""
    suggested: float
    """The fitted points."""
    log_odds: float
    """What they come from."""
    leads: int
    """Leads that it certainly speaks of."""
    winners: int
    """Winners among them."""


class Threshold(Shape):
    """As many leads as the policy puts at a stage or above it, taken by fitted points instead."""

    stage: str
    """The stage."""
    leads: int
    """How many."""
    at_least: float
    """The fitted points that take so many."""
    conversion_by_policy: float
    """Winners among those that the policy takes, 0…1."""
    conversion_by_points: float
    """Winners among those that fitted points take, out of sample, 0…1."""


class Suggestion(Shape):
    """Points that would have told winners better; with `--suggest`."""

    leads: int
    """Leads fitted on."""
    winners: int
    """Winners among them."""
    strength: float
    """The penalty that was chosen."""
    points: list[SuggestedPoints]
    """Every rule."""
    thresholds: list[Threshold]
    """Every stage."""
    rankings: list[Ranking]
    """Orders of the leads, out of sample."""
    worth_it: bool
    """Whether the fit is surely better than chance."""
    left_out: list[str]
    """Parts of the policy that were not weighed, and why."""


class Moment(Shape):
    """What the replay shows at one moment."""

    at: str
    """The moment in words, such as `created+30`."""
    days: int
    """Days after a lead was created."""
    leads: int
    """Leads that are old enough."""
    winners: int
    """Those that came out as asked."""
    left_out: dict[str, int]
    """Why → leads that were left out."""
    stages: list[Group]
    """Leads by stage."""
    lines: list[Line]
    """Every stage as a line."""
    scores: dict[str, list[Group]]
    """Score → leads by band, or by points."""
    rankings: list[Ranking]
    """Orders of the leads."""
    missed: list[str]
    """The CRM's ids of winners below the line."""
    false_alarms: list[str]
    """The CRM's ids of others at or above it."""
    suggestion: Suggestion | None
    """Null = not asked for, or not to be had."""
    hand_overs: list[Line] | None = Field(default=None)
    """With several hand-overs: a line for each; above it stands whom it takes, or a later one."""


class Backtest(Shape):
    """One connection's replay."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day up to which is known what became of the leads."""
    policy: Wording
    """The policy that is held against them."""
    outcome: str
    """What counts as won."""
    line: str
    """The stage from which on a lead counts as called a winner."""
    hand_over: str | None = left_out()
    """Of several hand-overs: the one whose line it is."""
    present_values: list[str]
    """Facts of which only the present value is known."""
    hidden: list[str]
    """Facts that were made unknown, as they tell the outcome."""
    cautions: list[str]
    """What a reader should know."""
    moments: list[Moment]
    """Every moment that was asked for."""


class Backtests(Shape):
    """A policy held against what became of the leads, with only what was known then."""

    format: Format
    backtests: list[Backtest]
    """One for each connection."""
