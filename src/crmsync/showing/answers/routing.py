"""`simulate routing`: who would get how many leads, and how long these would wait."""

from __future__ import annotations

from crmsync.operations.simulate.routing import OutsideHours, Rejoin
from crmsync.showing.answers.shape import Day, Format, Shape


class Quantiles(Shape):
    """Minutes; null = no lead, or not within a year."""

    p50: float | None
    """Half of the leads waited at most so long."""
    p90: float | None
    """Nine of ten leads waited at most so long."""
    p99: float | None
    """Of a hundred leads 99 waited at most so long."""


class Waits(Shape):
    """How long leads waited for the first contact."""

    leads: int
    """Leads handed to people."""
    within_sla: int
    """Those touched within the limit."""
    within_sla_share: float | None
    """Their share; null = no lead."""
    working_minutes: Quantiles
    """In the owner's working time, as the limit counts."""
    elapsed_minutes: Quantiles
    """In all time."""


class Share(Shape):
    """One person in one simulated rotation."""

    person: str
    """The key in the roster."""
    weight: float
    """The weight in the roster."""
    turns: int
    """Turns had."""
    target: float
    """Turns that fell to the person by weight."""
    deviation: float
    """Turns minus target, at the end."""
    largest_deviation: float
    """At any moment."""
    within_bound: bool
    """Whether the deviation kept to the bound at every moment."""


class PoolShares(Shape):
    """One simulated rotation."""

    pool: str
    """Its name."""
    turns: int
    """Turns given."""
    everybody_could_take_every_turn: bool
    """Whether the bound is one turn."""
    bound: float
    """In turns."""
    bound_is_strict: bool
    """Strict: deviations stay below it; else they may reach it."""
    largest_deviation: float
    """Of anybody at any moment."""
    within_bound: bool
    """Whether everybody kept to the bound at every moment."""
    people: list[Share]
    """Everybody in it."""


class PersonWaits(Shape):
    """One simulated person."""

    person: str
    """The key in the roster."""
    time_zone: str
    """The person's zone."""
    leads: int
    """Leads got."""
    busiest_day_leads: int
    """Leads of the busiest day (UTC)."""
    days_away: int
    """Days without work."""
    waits: Waits
    """How long these leads waited."""


class Unassigned(Shape):
    """Leads without an owner at the end."""

    reason: str
    """Why, when they were last tried."""
    leads: int
    """How many."""


class BusiestDay(Shape):
    """The day on which most leads were given."""

    day: Day
    """In UTC."""
    leads: int
    """Leads given."""


class RoutingSimulation(Shape):
    """Months of leads through the roster: what was simulated, and what came of it."""

    roster: str
    """The roster's file, or what stands for it."""
    start: Day
    """The first day."""
    days: int
    """How many days."""
    leads: int
    """How many leads."""
    seed: int
    """The same seed gives the same leads."""
    absences: bool
    """Whether people are away now and then."""
    every_minutes: float
    """Time between runs."""
    sla_minutes: float
    """The limit for the first contact."""
    minutes_per_lead: float
    """Working time that a lead takes its owner."""
    open_days: int
    """How long a lead counts as open."""
    rejoin: Rejoin
    """The rule for those who come back."""
    outside_hours: OutsideHours
    """The rule outside working hours."""
    batches: int
    """Runs that had a lead to place."""
    given: int
    """Leads that people got."""
    queued: int
    """Leads that went to a queue."""
    kept: int
    """Leads that stayed with their owner."""
    given_later: int
    """Leads that found nobody in their first run and got an owner in a later one."""
    unassigned: list[Unassigned]
    """Leads without an owner at the end, the most first."""
    busiest_day: BusiestDay | None
    """Null = no lead was given."""
    within_bound: bool
    """Whether every rotation kept its bound at every moment."""
    pools: list[PoolShares]
    """Every rotation."""
    people: list[PersonWaits]
    """Everybody."""
    waits: Waits
    """All leads together."""


class SimulatedRouting(Shape):
    """A simulation of the roster."""

    format: Format
    simulation: RoutingSimulation
    """What was simulated, and what came of it."""
