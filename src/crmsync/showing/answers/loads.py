"""`report load`: who got how many leads, and who takes some now."""

from __future__ import annotations

from typing import Literal

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
