"""`report hand-offs`: hand-offs with their clocks."""

from __future__ import annotations

from typing import Literal

from crmsync.hand_off import Standing
from crmsync.operations.report.hand_offs import State
from crmsync.showing.answers.shape import Format, Instant, Shape, left_out


class ClockStory(Shape):
    """One of the policy's `clocks` of a hand-off."""

    name: str
    """Its name."""
    standing: Standing
    """Running, stopped in time, late (running or not), ended with the hand-off before its time, or unknown."""
    zone: str | None
    """The time zone in which it counts; null = not known."""
    started_at: Instant | None
    """When it started; null = not known."""
    due_at: Instant | None
    """When its time is over; null = not known, or not within 400 days."""
    waited_hours: float | None
    """Working hours from its start until it stopped, else until now; null = not known."""


class HandOffStory(Shape):
    """One hand-off. Instants are in UTC, null where it has not happened; hours are the receiver's working hours."""

    lead: str
    """The CRM's id of the lead."""
    hand_over: str = left_out()
    """Which of the policy's `hand_overs`; left out where it has only one `hand_off`."""
    url: str | None
    """The address of its page in the CRM, where that is known."""
    attempt: int
    """Its number among the hand-offs of this lead (by the same hand-over), from 1."""
    state: State
    """How it stands, or ended."""
    bdr: str | None
    """The CRM's id of who handed it off; null = not known."""
    receiver: str
    """The CRM's id of who got it."""
    pool: str | None
    """The pool that the turn came from; null = none."""
    handed_at: Instant
    """When it was handed off."""
    touched_at: Instant | None
    """The receiver's first contact."""
    accepted_at: Instant | None
    """When the receiver took it."""
    reminded_at: Instant | None
    """When the receiver was reminded."""
    returned_at: Instant | None
    """When the receiver gave it back."""
    reason: str | None
    """Why, in the receiver's words."""
    ended_at: Instant | None
    """When it ended."""
    ended_by: str | None
    """By what; null = it is under way."""
    due_at: Instant | None
    """Until when the first contact was due; null = no time is set, or the receiver has left the roster."""
    waited_hours: float | None
    """Until the first contact, the answer or the end; else until now."""
    late: bool | None
    """Whether that was more than is allowed."""
    queued_at: Instant | None = left_out()
    """When a timeout sent the lead to a queue; left out where none did."""
    queue: str | None = left_out()
    """The CRM's id of that queue."""
    clocks: list[ClockStory] = left_out()
    """Its clocks, in the policy's order; left out where there are none."""


class Receiver(Shape):
    """What one receiver made of the hand-offs of the time."""

    receiver: str
    """The CRM's id."""
    name: str | None
    """The name in the CRM; null = not there any more."""
    handed: int
    """Hand-offs."""
    waiting: int
    """Those without contact so far."""
    in_time: int
    """Those touched or accepted before they were due."""
    late: int
    """Those touched, or still waiting, after that."""
    returned: int
    """Those given back."""
    median_hours: float | None
    """Until the first contact, of those that had one."""
    hand_over: str = left_out()
    """Which of the policy's `hand_overs` the figures are of; left out where it has only one `hand_off`."""


class ClockLine(Shape):
    """What became of one of the policy's `clocks` in all hand-offs of the time."""

    name: str
    """Its name."""
    label: str
    """How people call it."""
    starts: Literal["created", "assigned", "stage"]
    """Where it starts."""
    zone: Literal["receiver", "lead"]
    """Whose hours it counts."""
    until: Literal["touched", "accepted"]
    """What stops it."""
    within_hours: float | None
    """Its time in working hours; null = it is told in days."""
    within_days: int | None
    """Its time in working days; null = it is told in hours."""
    running: int
    """Those that run and are not late."""
    in_time: int
    """Those that the receiver stopped in time."""
    late: int
    """Those whose time was over first, whether they run or not."""
    ended: int
    """Those whose hand-off was over before."""
    unknown: int
    """Those of which the start or the hours are not known."""
    median_hours: float | None
    """Working hours, of those that a receiver stopped."""
    hand_over: str = left_out()
    """Which of the policy's `hand_overs` it belongs to; left out where it has only one `hand_off`."""


class ReportedHandOver(Shape):
    """One of the policy's hand-overs."""

    name: str
    """Its name."""
    label: str
    """How people call it."""
    watched: bool
    """Whether anything is watched after the owner has moved."""
    within_hours: float | None
    """The time for the first contact; null = none is set."""


class ConnectionHandOffs(Shape):
    """One connection's hand-offs."""

    connection: str
    """Its name in crmsync.yaml."""
    hand_overs: list[ReportedHandOver] = left_out()
    """The policy's `hand_overs`, in their order; left out where it has only one `hand_off`."""
    at: Instant
    """The instant that clocks are told for."""
    days: int
    """How far back the report goes."""
    watched: bool
    """Whether the policy watches hand-offs."""
    within_hours: float | None
    """The time for the first contact; null = none is set."""
    queued: int = left_out()
    """Leads that timeouts sent to a queue; left out where none was."""
    clocks: list[ClockLine] = left_out()
    """One line for each of the policy's clocks; left out where it has none."""
    hand_offs: list[HandOffStory]
    """Those of the time and all under way (with `--late` only late ones), the longest wait first."""
    receivers: list[Receiver]
    """Figures of each receiver, over all hand-offs of the time."""


class HandOffs(Shape):
    """Hand-offs, and what each receiver made of them."""

    format: Format
    report: Literal["hand-offs"]
    """The report's name."""
    connections: list[ConnectionHandOffs]
    """One for each connection."""
