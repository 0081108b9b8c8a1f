"""Hand-offs as people ask for them: `crmsync report hand-offs`, and a lead's own in `explain`. Reads the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from crmsync.connection.prepared import Prepared
from crmsync.connection.record_pages import record_pages
from crmsync.hand_off import Clock, ClockReading, ClockRoom, HandOffRecord, clock_of, stopped_by_receiver
from crmsync.operations.report.hand_off_clocks import ClockFigures, by_names, clock_figures, reading_told
from crmsync.operations.run.ready import every_stored
from crmsync.run.under_way import facts_of_place
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.values import field_names

State = Literal[
    "waiting",
    "in_touch",
    "accepted",
    "returned",
    "passed_on",
    "reassigned",
    "taken_over",
    "over",
    "not_watched",
    "undone",
    "handed_on",
    "queued",
]
_ENDS: Mapping[str, State] = {
    "returned": "passed_on",
    "reassigned": "reassigned",
    "taken_over": "taken_over",
    "left_ladder": "over",
    "again": "returned",
    "switched_off": "not_watched",
    "undone": "undone",
    "handed_on": "handed_on",
}


class HandOffLine(Struct, frozen=True):
    """One hand-off with its clock (null: the policy sets no time, or the receiver has left the roster).

    `url`: the address of the lead's page in the CRM, where that is known.
    """

    hand_off: HandOffRecord
    clock: Clock | None
    lead_name: str
    names: Mapping[str, str]
    url: str | None = None
    clocks: tuple[ClockReading, ...] = ()

    @property
    def state(self) -> State:
        """How it stands, or how it ended."""
        it = self.hand_off
        if it.ended_by is not None:
            return _ENDS[it.ended_by]
        if it.returned_at is not None or it.queued_at is not None:
            return "returned" if it.queued_at is None else "queued"
        if it.accepted_at is not None:
            return "accepted"
        return "in_touch" if it.touched_at is not None else "waiting"

    @property
    def late(self) -> bool:
        """Whether the first touch came, or still is, too late."""
        return self.clock is not None and self.clock.late

    @property
    def any_late(self) -> bool:
        """Whether that is so, or one of the clocks is late."""
        return self.late or any(each.late for each in self.clocks)

    @property
    def late_now(self) -> bool:
        """Whether it is under way, nobody was in touch, and the time is over; or a clock that runs still is late."""
        it = self.hand_off
        if it.ended_at or it.returned_at or it.queued_at:
            return False
        over = any(each.late and not stopped_by_receiver(each.clock, it) for each in self.clocks)
        return over or (self.late and self.state == "waiting")

    def name(self, user: str | None) -> str:
        """A person's name in the CRM, else the id."""
        return "" if user is None else self.names.get(user, user)

    def to_json(self) -> dict[str, Any]:
        """Instants in UTC; working hours to two decimals."""
        it, clock = self.hand_off, self.clock

        def told(instant: datetime | None) -> str | None:
            return None if instant is None else instant.isoformat(timespec="seconds")

        return {
            "lead": it.lead,
            **({} if it.hand_over is None else {"hand_over": it.hand_over}),
            "url": self.url,
            "attempt": it.attempt,
            "state": self.state,
            "bdr": it.bdr,
            "receiver": it.receiver,
            "pool": it.pool,
            "handed_at": told(it.handed_at),
            "touched_at": told(it.touched_at),
            "accepted_at": told(it.accepted_at),
            "reminded_at": told(it.reminded_at),
            "returned_at": told(it.returned_at),
            "reason": it.reason,
            "ended_at": told(it.ended_at),
            "ended_by": it.ended_by,
            "due_at": told(clock.due_at) if clock else None,
            "waited_hours": round(clock.waited / timedelta(hours=1), 2) if clock else None,
            "late": clock.late if clock else None,
            **({"queued_at": told(it.queued_at), "queue": it.queue} if it.queued_at is not None else {}),
            **({"clocks": [reading_told(each) for each in self.clocks]} if self.clocks else {}),
        }


class ReceiverFigures(Struct, frozen=True):
    """What one receiver made of the hand-offs. `in_time` counts those touched or accepted before they were due.

    `hand_over`: of which of the policy's, null = its only one.
    """

    receiver: str
    handed: int
    waiting: int
    in_time: int
    late: int
    returned: int
    median_hours: float | None
    hand_over: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The figures by their names; `hand_over` where there are several."""
        return by_names(self)


class WatchedHandOver(Struct, frozen=True):
    """One of the policy's `hand_overs`, as people call it, and whether and how it is watched."""

    name: str
    label: str
    watched: bool
    within_hours: float | None

    def to_json(self) -> dict[str, Any]:
        """By its names."""
        return {name: getattr(self, name) for name in field_names(self)}


class HandOffReport(Struct, frozen=True):
    """One connection. `lines`: those asked for, the longest wait first; `receivers`: of all hand-offs in the time.

    `hand_overs`: where the policy has several.
    """

    connection: str
    at: datetime
    days: int
    watched: bool
    within_hours: float | None
    lines: tuple[HandOffLine, ...]
    receivers: tuple[ReceiverFigures, ...]
    names: Mapping[str, str]
    hand_overs: tuple[WatchedHandOver, ...] = ()
    clocks: tuple[ClockFigures, ...] = ()
    queued: int = 0

    def called(self, hand_over: str | None) -> str:
        """How people call it; one that the policy does not have any more by its name."""
        return next((each.label for each in self.hand_overs if each.name == hand_over), hand_over or "")

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        clocks = {"clocks": [each.to_json() for each in self.clocks]} if self.clocks else {}
        queued = {"queued": self.queued} if self.queued else {}
        several = {"hand_overs": [each.to_json() for each in self.hand_overs]} if self.hand_overs else {}
        return {
            "connection": self.connection,
            **several,
            "at": self.at.isoformat(timespec="seconds"),
            "days": self.days,
            "watched": self.watched,
            "within_hours": self.within_hours,
            **queued,
            **clocks,
            "hand_offs": [line.to_json() for line in self.lines],
            "receivers": [{**each.to_json(), "name": self.names.get(each.receiver)} for each in self.receivers],
        }


def lines_of(
    prepared: Prepared, hand_offs: Sequence[HandOffRecord], lead_names: Mapping[str, str], now: datetime
) -> list[HandOffLine]:
    """Hand-offs with their clocks."""
    page = record_pages(prepared)
    every = prepared.settings.policy.every_hand_over
    touches = {each.key: each.first_touch for each in every if each.first_touch}
    clocks = {each.key: each.clocks for each in every}
    room = ClockRoom(prepared.roster, ZoneInfo(prepared.org.time_zone), now)
    return [
        HandOffLine(
            hand_off=it,
            clock=clock_of(it, touches[it.hand_over], prepared.roster, now) if it.hand_over in touches else None,
            lead_name=lead_names.get(it.lead, ""),
            names=prepared.user_names,
            url=page(it.lead),
            clocks=tuple(room.read(each, it) for each in clocks.get(it.hand_over, ())),
        )
        for it in hand_offs
    ]


def hand_off_reports(
    settings: Settings, connections: Sequence[str], *, days: int, late_only: bool, now: Callable[[], datetime]
) -> list[HandOffReport]:
    """One report for each connection (all when none is named): of the last `days`, and all still under way.

    Raises `UsageError` when nothing is stored of a connection yet.
    """
    with closing(Store(settings.store)) as store:
        return [
            hand_off_report(prepared, store, days, late_only, now())
            for prepared in every_stored(settings, connections, store)
        ]


def hand_off_report(prepared: Prepared, store: Store, days: int, late_only: bool, now: datetime) -> HandOffReport:
    """Of one connection."""
    since, told = now - timedelta(days=days), facts_of_place(prepared)
    found = store.hand_offs.read(prepared.name, since=since, facts=told)
    lines = lines_of(prepared, found, store.facts.lead_names(prepared.name, {it.lead for it in found}), now)
    policy = prepared.settings.policy
    rule = policy.hand_off
    shown = [line for line in lines if line.any_late] if late_only else lines
    return HandOffReport(
        connection=prepared.name,
        at=now,
        days=days,
        watched=any(each.is_process for each in policy.every_hand_over),
        within_hours=rule.first_touch.within_hours if rule and rule.first_touch else None,
        lines=tuple(sorted(shown, key=lambda line: (-_waited(line), line.hand_off.lead, line.hand_off.attempt))),
        receivers=tuple(receiver_figures(lines)),
        names=prepared.user_names,
        hand_overs=tuple(
            WatchedHandOver(
                each.name,
                each.called,
                each.is_process,
                each.first_touch.within_hours if each.first_touch else None,
            )
            for each in policy.hand_overs
        ),
        clocks=tuple(clock_figures(policy.every_hand_over, lines)),
        queued=sum(line.hand_off.queued_at is not None for line in lines),
    )


def _waited(line: HandOffLine) -> float:
    """Seconds of working time that count against the receiver; nothing once the lead was touched in time."""
    if line.clock is None or (line.state != "waiting" and not line.late):
        return 0.0
    return line.clock.waited.total_seconds()


def receiver_figures(lines: Sequence[HandOffLine]) -> list[ReceiverFigures]:
    """Of each hand-over and receiver, by their names."""
    from statistics import median  # noqa: PLC0415 - an explanation has these lines, and no figures

    figures = []
    for hand_over, receiver in sorted({(it.hand_off.hand_over or "", it.hand_off.receiver) for it in lines}):
        mine = [
            line
            for line in lines
            if line.hand_off.receiver == receiver and line.hand_off.hand_over == (hand_over or None)
        ]
        answered = [line for line in mine if line.hand_off.touched_at or line.hand_off.accepted_at]
        waits = [line.clock.waited / timedelta(hours=1) for line in answered if line.clock]
        figures.append(
            ReceiverFigures(
                receiver=receiver,
                handed=len(mine),
                waiting=sum(line.state == "waiting" for line in mine),
                in_time=sum(not line.late for line in answered),
                late=sum(line.late for line in mine),
                returned=sum(line.hand_off.returned_at is not None for line in mine),
                median_hours=round(median(waits), 2) if waits else None,
                hand_over=hand_over or None,
            )
        )
    return figures
