"""`report capacity`: expected hand-offs against what receivers can take."""

from __future__ import annotations

from typing import Literal

from crmsync.showing.answers.shape import Day, Format, Shape


class CapacityMonth(Shape):
    """All hand-offs of one month that are yet to come."""

    month: Day
    """Its first day."""
    expected: float
    """So many."""
    low: int
    """The lower end of the 80 % interval."""
    high: int
    """Its upper end."""
    for_nobody: float
    """Those of them for which no rule finds anybody, or nobody is there."""
    too_many: float
    """Those of them that are more than receivers take by their limits."""


class ReceiverMonth(Shape):
    """What one receiver is expected to get in one month."""

    person: str
    """Their key in the roster."""
    name: str
    """Their name in the CRM, else the key."""
    month: Day
    """Its first day."""
    every_day: bool
    """Whether every day is one, as the roster names no working hours for them."""
    days_at_work: int
    """Days that are yet to come on which they work and are not away."""
    expected: float
    """So many leads."""
    low: int
    """The lower end of the 80 % interval."""
    high: int
    """Its upper end."""
    most: float | None
    """The most new leads that they take in these days; null = no limit."""
    open_at_end: float
    """Leads that they have at the end of the month, if nobody is turned away."""
    most_open: int | None
    """The most they may have; null = no limit."""
    state: Literal["away", "over", "may_be_over", "idle", "fits", "no_limit"]
    """What that means: `over` = more than they take, `may_be_over` = the upper end is, `idle` = not half of it."""


class HandOverCapacity(Shape):
    """One hand-over of one connection."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day up to which everything is known."""
    hand_over: str
    """Its name in the policy."""
    stage: str
    """The stage from which on it counts."""
    arrived: int
    """Came to the stage so far."""
    history_days: int
    """Days since the first attempt of which it is known when it began."""
    too_short: bool
    """Nothing is forecast: fewer came, or there are fewer days, than it takes."""
    least_arrived: int
    """So many must have come to say anything."""
    least_history_days: int
    """So many days it takes."""
    placed_on_trial: int
    """Leads that were placed by the roster's rules, to see who gets which part."""
    leave_per_day: float | None
    """How likely a lead at the stage or above is to leave the ladder on one day; null = nothing is forecast."""
    months: list[CapacityMonth]
    """This month, where it is not over, and those after it; none where the history is too short."""
    receivers: list[ReceiverMonth]
    """Each receiver's months, in the roster's order."""


class Capacities(Shape):
    """Expected hand-offs against what receivers can take, by month."""

    format: Format
    report: Literal["capacity"]
    """Which report this is."""
    hand_overs: list[HandOverCapacity]
    """One for each hand-over that begins at a stage and goes to people, of each connection."""
