"""`report scorecard`: what each campaign and source has brought."""

from __future__ import annotations

from typing import Literal

from crmsync.figures.attribution import Way
from crmsync.showing.answers.funnels import Estimated
from crmsync.showing.answers.shape import Day, Format, Shape


class StageCredit(Shape):
    """How much of those who came to a stage is put down to a name."""

    stage: str
    """Its name."""
    credit: float
    """Credits: 1 for each who came there, parted among touches."""


class StageYield(Shape):
    """Of those who came to a stage at least so many days ago as the report says, who came to another in that time."""

    stage: str
    """Where they came to."""
    to: str
    """And where some of them went on to, or past."""
    of: float
    """Credits that the share is of."""
    share: Estimated | None
    """The share; null = of nobody."""
    few: bool
    """There are so few that the share says little."""


class ReturnedShare(Shape):
    """How many hand-offs came back."""

    of: float
    """Credits of hand-offs that were accepted, returned, or are over."""
    share: Estimated | None
    """The share that was returned; null = of none."""
    few: bool
    """There are so few that the share says little."""


class ReturnReason(Shape):
    """Why hand-offs came back."""

    reason: str | None
    """In the receivers' words; null = none was given."""
    credit: float
    """Credits of these hand-offs."""


class ScorecardLine(Shape):
    """One campaign, source, kind of activity or value of a fact."""

    name: str | None
    """What it is called; null = no touch is known."""
    stages: list[StageCredit]
    """Every stage above the foot of the ladder."""
    yields: list[StageYield]
    """From each stage to the next; and the whole way, where there are more than two."""
    handed: float
    """Credits of hand-offs."""
    returned: ReturnedShare
    """What sales sent back."""
    reasons: list[ReturnReason]
    """Why, the most usual first."""


class ScorecardWay(Shape):
    """One way of giving credit."""

    way: Way
    """To the first touch, the last one, each of them, or the first since the attempt before ended."""
    lines: list[ScorecardLine]
    """Who brought most to the last stage first."""


class Card(Shape):
    """Credits parted by one thing."""

    by: str
    """What they are parted by."""
    ways: list[ScorecardWay]
    """Each way of giving credit."""


class StageCame(Shape):
    """How many came to a stage."""

    stage: str
    """Its name."""
    came: int
    """Attempts that came there, or past it."""


class ScorecardReport(Shape):
    """One connection."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day up to which everything is known."""
    since: Day | None
    """Only attempts and hand-offs from this day on; null = all."""
    within_days: int
    """The days of the shares."""
    stages: list[StageCame]
    """Every stage above the foot of the ladder."""
    handed: int
    """Hand-offs."""
    cards: list[Card]
    """One for each thing that was asked for."""


class Scorecards(Shape):
    """What each campaign and source has brought."""

    format: Format
    report: Literal["scorecard"]
    """Which report this is."""
    connections: list[ScorecardReport]
    """One report for each."""
