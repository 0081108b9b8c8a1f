"""`report worklist`, `report near-miss`, `report conflicts`: lists of leads for people at work."""

from __future__ import annotations

from typing import Literal

from crmsync.showing.answers.shape import Day, Format, Instant, Shape, left_out
from crmsync.store import Part


class ListedLead(Shape):
    """One lead of a list."""

    lead: str
    """The CRM's id of the lead."""
    name: str
    """Who it is; empty = not known."""
    company: str
    """Where; empty = not known."""
    stage: str | None
    """The present stage, in the policy's names; null = none of them."""
    stage_label: str
    """The same in words."""
    owner: str | None
    """The CRM's id of the owner; null = nobody."""
    owner_name: str
    """Who that is."""
    priority_milli: int
    """The policy's priority, thousandths of a point."""
    days_since_touch: int | None
    """Days since one of us was in contact; null = never."""
    url: str | None
    """The address of its page in the CRM, where that is known."""


class Due(ListedLead):
    """A lead to contact."""

    next_action: str
    """What to do next."""
    reasons: list[str]
    """Why, in sentences."""
    hand_over: str | None = left_out()
    """With several hand-overs: the one that counts; null = none does."""


class Short(ListedLead):
    """A lead that is short of the next stage."""

    next_stage: str
    """The stage that it is short of."""
    next_stage_label: str
    """The same in words."""
    lacks: list[str]
    """The conditions that it lacks."""
    ask: list[str]
    """What to ask."""
    points_short_milli: int | None
    """Thousandths of a point that it lacks; null = it is not about points."""


class Quiet(ListedLead):
    """A lead that nobody was in contact with."""

    quiet_days: int | None
    """For so long; null = not known."""
    ever_touched: bool
    """Whether anybody ever was."""
    next_action: str
    """What to do next."""


class Returning(ListedLead):
    """A disqualified lead that was active since."""

    disqualified_since: Day
    """When it was first seen there."""
    engaged_on: Day
    """When it last did something."""
    engagement: list[str]
    """What it did: kinds of activities."""
    by_evidence: str
    """The stage that the evidence gives."""


class Won(ListedLead):
    """A lead that was won though the evidence puts it below the line."""

    by_evidence: str
    """The stage that the evidence gives."""
    by_evidence_label: str
    """The same in words."""


class DueList(Shape):
    """A list to work off."""

    title: str
    """What the list holds."""
    total: int
    """Leads in all; those listed are the first ones."""
    note: str
    """What a reader should know."""
    leads: list[Due]
    """The first leads."""


class ShortList(DueList):
    """Leads that are short of the next stage."""

    leads: list[Short]  # type: ignore[assignment]
    """The first leads."""


class QuietList(DueList):
    """Leads that nobody was in contact with."""

    leads: list[Quiet]  # type: ignore[assignment]
    """The first leads."""


class ReturningList(DueList):
    """Disqualified leads that were active since."""

    leads: list[Returning]  # type: ignore[assignment]
    """The first leads."""


class WonList(DueList):
    """Leads that were won though the evidence puts them below the line."""

    leads: list[Won]  # type: ignore[assignment]
    """The first leads."""


class WorkLists(Shape):
    """The lists of this report."""

    worklist: DueList
    """Whom to contact first."""


class ConnectionWorklist(Shape):
    """One connection's list."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day, in the org's zone."""
    lists: WorkLists
    """The list."""


class Worklist(Shape):
    """Whom to contact first."""

    format: Format
    report: Literal["worklist"]
    """The report's name."""
    connections: list[ConnectionWorklist]
    """One for each connection."""


class NearMissLists(Shape):
    """The lists that were asked for: those of `--only`, else all."""

    short: ShortList = left_out()
    """One condition, or a few points, short of the next stage."""
    quiet: QuietList = left_out()
    """Nobody was in contact for long."""
    returning: ReturningList = left_out()
    """Disqualified, and active since."""
    won: WonList = left_out()
    """Below the line by evidence, yet won."""


class ConnectionNearMiss(Shape):
    """One connection's lists."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day, in the org's zone."""
    lists: NearMissLists
    """The lists."""


class NearMiss(Shape):
    """Whom rigid criteria would overlook."""

    format: Format
    report: Literal["near-miss"]
    """The report's name."""
    connections: list[ConnectionNearMiss]
    """One for each connection."""


class Actor(Shape):
    """Who replaced a value, by the CRM's own history."""

    user: str | None
    """The CRM's id of the person; null = not told."""
    kind: str | None
    """A person, a program …"""
    source: str | None
    """The CRM's own word for it."""
    at: Instant | None
    """When."""


class Time(Shape):
    """One time that a value of ours was replaced."""

    day: Day
    """When it was seen."""
    ours: str | None
    """What crmsync had written."""
    theirs: str | None
    """What stands there instead; null = a stage that the mapping does not name, nobody."""
    actor: Actor | None
    """Who did it; null = not asked, or not told."""
    released_at: Instant | None
    """When a person let crmsync go on; null = it counts."""


class Conflict(Shape):
    """One value of one lead that is replaced again and again."""

    lead: str
    """The CRM's id of the lead."""
    part: Part
    """What is replaced."""
    stopped: bool
    """Whether crmsync gave in."""
    times: list[Time]
    """Every time, oldest first."""
    url: str | None
    """The address of the lead's page in the CRM; null = it has none."""


class ConnectionConflicts(Shape):
    """One connection's conflicts."""

    connection: str
    """Its name in crmsync.yaml."""
    total: int
    """Conflicts in all; those listed are the latest ones."""
    conflicts: list[Conflict]
    """The latest first."""
    note: str | None
    """Why nobody was asked who it was."""


class Conflicts(Shape):
    """Who replaces what crmsync writes."""

    format: Format
    report: Literal["conflicts"]
    """The report's name."""
    connections: list[ConnectionConflicts]
    """One for each connection."""
