"""`report sales`: how hand-offs go, load, leads that nobody nurtures, and what others replace."""

from __future__ import annotations

from typing import Literal

from crmsync.showing.answers.funnels import Estimated
from crmsync.showing.answers.loads import ConnectionLoad
from crmsync.showing.answers.shape import Format, Instant, Shape


class CountedShare(Shape):
    """A share of hand-offs."""

    part: int
    """How many."""
    of: int
    """Of how many of which it is known."""
    share: Estimated | None
    """The share; null = of none."""
    few: bool
    """There are so few that the share says little."""


class ReasonCount(Shape):
    """Why hand-offs came back."""

    reason: str | None
    """In the receivers' words; null = none was given."""
    hand_offs: int
    """How many came back for it."""


class HandOffFigures(Shape):
    """What became of hand-offs."""

    handed: int
    """Hand-offs."""
    waiting: int
    """Those without contact so far."""
    in_time: CountedShare
    """Touched in time, of those of which it is known."""
    accepted: CountedShare
    """Accepted, of those that the receiver answered."""
    returned: CountedShare
    """Given back, of the same."""
    reasons: list[ReasonCount]
    """Why, the most usual first."""
    half_touched_hours: Estimated | None
    """Working hours until half were touched; null = more than half are not."""
    few_times: bool
    """There are so few with a time that this says little."""


class HandOffGroup(HandOffFigures):
    """The same of one group."""

    name: str | None
    """The receiver's id in the CRM, the team, pool or hand-over; null = none."""
    label: str | None
    """The same as people call it."""


class HandOffGroups(Shape):
    """Hand-offs parted by one thing."""

    name: Literal["receiver", "team", "pool", "hand_over"]
    """What they are parted by."""
    groups: list[HandOffGroup]
    """The largest first."""


class Untouched(Shape):
    """An owner's leads that nobody nurtures."""

    owner: str | None
    """The owner's id in the CRM; null = nobody."""
    name: str | None
    """The name there; null = not known."""
    open: int
    """Leads above the foot of the ladder."""
    untouched: int
    """Those of them without contact for the days of the report."""
    never: int
    """Those of these that nobody was ever in contact with."""
    longest_days: int | None
    """The longest time since the last contact, or since the lead was made; null = there is none."""


class Replaced(Shape):
    """Values that crmsync wrote and somebody replaced."""

    part: Literal["stage", "owner"]
    """What."""
    by: Literal["person", "program", "automation", "same_user"] | None
    """By what kind of actor; null = `report conflicts` has not asked, or the CRM does not tell."""
    values: int
    """How many times."""
    leads: int
    """Of how many leads."""
    stopped: int
    """Of how many of these crmsync leaves the value alone now."""


class SalesReport(Shape):
    """One connection."""

    connection: str
    """Its name in crmsync.yaml."""
    at: Instant
    """When it was computed."""
    days: int
    """How far it looks back."""
    quiet_days: int
    """Without contact for so many days a lead is one that nobody nurtures."""
    watched: bool
    """Whether the policy watches hand-offs."""
    all: HandOffFigures
    """All hand-offs of the time."""
    by: list[HandOffGroups]
    """The same by receiver, team, pool and, where there are several, hand-over."""
    load: ConnectionLoad
    """As in `report load`."""
    untouched: list[Untouched]
    """Leads that nobody nurtures, by owner."""
    replaced: list[Replaced]
    """What people and other programs replaced."""


class SalesReports(Shape):
    """How hand-offs go, and who is loaded how."""

    format: Format
    report: Literal["sales"]
    """Which report this is."""
    connections: list[SalesReport]
    """One report for each."""
