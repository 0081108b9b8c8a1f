"""`report load`, `simulate routing`, `counters export`: who got, or would get, how many leads."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crmsync.operations.simulate.routing import OutsideHours, Rejoin
from crmsync.showing.answers.shape import Day, Format, Instant, Shape, Used, left_out


class Turns(Shape):
    """One person in one rotation; turns have up to six decimals."""

    person: str
    """The key in the counters."""
    turns: int
    """Turns had."""
    share: float
    """Turns that fell to the person by weight."""
    deviation: float
    """Turns minus share."""
    within_bound: bool
    """Whether the deviation keeps to the bound."""
    owed: float
    """Turns that the rejoin rule still makes up for."""


class PoolLoad(Shape):
    """One rotation."""

    pool: str
    """Its name."""
    turns: int
    """Turns given in all."""
    took_part: int
    """People who ever took part."""
    bound: float
    """Turns that no deviation exceeds, whatever happened."""
    largest_deviation: float
    """Of all its people, now."""
    within_bound: bool
    """Whether everybody keeps to the bound."""
    people: list[Turns]
    """Everybody in it."""


class UsedInDays(Used):
    """A limit of so many days in a row, the present one included."""

    days: int
    """How many."""


class PersonLoad(Shape):
    """One person. Somebody who is only in the counters is named by the CRM's id."""

    person: str
    """The key in the counters."""
    user: str | None
    """The CRM's id; null = not in the roster here."""
    name: str | None
    """The name in the CRM."""
    in_roster: bool
    """Whether the roster has the person."""
    active: bool
    """By roster and CRM."""
    available: bool
    """Whether the person takes leads at `at`."""
    why_not: str | None
    """Why not; null = the person does."""
    weight: float | None
    """The weight in the roster."""
    time_zone: str | None
    """The person's zone."""
    day: Day | None
    """The person's local day."""
    today: Used
    """Leads of this day."""
    this_week: Used
    """Leads of this ISO week."""
    this_month: Used
    """Leads of this calendar month."""
    in_days: list[UsedInDays]
    """Of each limit under `per_days`."""
    open_leads: Used
    """Open leads."""
    outside_rotation: int
    """Leads got without a turn: by account owner, partner, duplicates, least loaded or capacity."""


class Leaver(Shape):
    """Somebody who has left and still owns leads."""

    user: str
    """The CRM's id."""
    name: str | None
    """The name in the CRM."""
    open_leads: int
    """Leads still owned."""


class ConnectionLoad(Shape):
    """One connection's people."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day, in the org's zone."""
    at: Instant
    """The instant that people's availability is told for."""
    rejoin: str
    """The roster's rule for those who come back."""
    outside_hours: str
    """The roster's rule outside working hours."""
    nobody_yet: int = left_out()
    """Leads that have no owner yet, or lie in a raw queue, as it should be; left out where none may."""
    pools: list[PoolLoad]
    """Rotations that a rule uses or that have a count, by name."""
    people: list[PersonLoad]
    """The roster in its order, then who is only in the counters, then who has no user on this connection."""
    leavers: list[Leaver]
    """People who have left and still own leads."""


class Load(Shape):
    """Who got how many leads, and who takes some now."""

    format: Format
    report: Literal["load"]
    """The report's name."""
    connections: list[ConnectionLoad]
    """One for each connection."""


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


Fraction = Annotated[tuple[int, int], Field(description="`[numerator, denominator]`, exact.")]


class CounterState(Shape):
    """One person in one pool. What there is nothing of is left out."""

    turns: int
    """Turns had; the number to edit."""
    share: Fraction = left_out()
    """Turns that fell to the person by weight."""
    lag: Fraction = left_out()
    """Share minus turns."""
    day: Day = left_out()
    """The person's local day that `today` counts."""
    today: int = left_out()
    """Leads of that day."""
    week: str = left_out()
    """The ISO week that `this_week` counts."""
    this_week: int = left_out()
    """Leads of that week."""
    earlier: dict[str, int] = left_out()
    """Day before `day` → leads of it, as far as limits may ask for it."""
    owed: int = left_out()
    """Turns that the rejoin rule still makes up for."""


class Counters(Shape):
    """Rotation counters, as `crmsync counters import` reads them."""

    format: Format
    counters: dict[str, dict[str, dict[str, CounterState]]]
    """Connection → pool → roster key → state."""
