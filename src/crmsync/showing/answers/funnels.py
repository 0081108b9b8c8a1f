"""`report funnel`: from stage to stage."""

from __future__ import annotations

from typing import Literal

from crmsync.showing.answers.shape import Day, Format, Shape


class Estimated(Shape):
    """An estimate with its 95 % interval."""

    value: float
    """The estimate."""
    low: float
    """The lower end of its interval."""
    high: float | None
    """The upper end; null = it lies beyond what was seen."""


class Ended(Shape):
    """How many ended without moving on, by how."""

    disqualified: int
    """Came to the stage of the disqualified."""
    sent_back: int
    """Went back to a stage at or below this one; another attempt began."""
    off_ladder: int
    """Came to a stage that is not managed."""
    left: int
    """Left the CRM (deleted, merged, converted) or the mapping's scope."""


class FunnelStage(Shape):
    """One stage of the policy."""

    stage: str
    """Its name."""
    reached: int
    """Attempts or people that came here, or past it."""
    stood: int
    """Those that came here."""
    moved_on: int
    """Those of them that moved on to a higher stage."""
    ended: Ended
    """Those of them that ended otherwise."""
    open: int
    """Those of them that stand here."""
    dated: int
    """Those of them whose days are known: the estimates are of these."""
    within: Estimated | None
    """The share that moves on within the days of the report; null = nobody was seen so long."""
    median_days: Estimated | None
    """Days until half have left, by whatever way; null = more than half are still here."""
    few: bool
    """There are so few that the estimates say little."""


class FunnelPart(Shape):
    """The funnel of one part of the leads."""

    name: str | None
    """The cohort's first day, segment, owner's id, team, or the fact's value; null = not known, or nobody."""
    label: str | None
    """The same as people call it."""
    entered: int
    """Attempts or people that began below the last stage."""
    arrived: int
    """Those of them that have come to the last stage."""
    overall: Estimated | None
    """The share that comes there within the days of the report; null = nobody was seen so long."""
    few: bool
    """There are so few that the estimate says little."""
    stages: list[FunnelStage]
    """Every stage, from the bottom of the ladder."""


class FunnelParts(Shape):
    """Leads parted by one thing."""

    name: str
    """What they are parted by, as it was asked for."""
    parts: list[FunnelPart]
    """The largest first; cohorts by time."""


class FunnelReport(Shape):
    """One connection."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day up to which everything is known."""
    per: Literal["attempt", "person"]
    """What is counted."""
    since: Day | None
    """Only who came from this day on; null = everybody."""
    within_days: int
    """The days of the shares."""
    cohort: Literal["week", "month", "quarter"]
    """How long the time is in which a cohort came."""
    entered: int
    """Attempts or people that began below the last stage."""
    arrived: int
    """Those of them that have come to the last stage."""
    overall: Estimated | None
    """The share that comes there within the days of the report; null = nobody was seen so long."""
    few: bool
    """There are so few that the estimate says little."""
    stages: list[FunnelStage]
    """Every stage, from the bottom of the ladder."""
    by: list[FunnelParts]
    """The same by what was asked for, in that order."""


class Funnels(Shape):
    """How many come to each stage, how many move on, and how long it takes."""

    format: Format
    report: Literal["funnel"]
    """Which report this is."""
    connections: list[FunnelReport]
    """One report for each."""
