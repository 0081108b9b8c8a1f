"""A stream of leads through `assign`, batch by batch as a schedule would run it, the counters carried on."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from crmsync.model import ROUTED, THE_HAND_OFF
from crmsync.operations.simulate.lead_stream import STAGE
from crmsync.progress import Progress
from crmsync.route.at_work.availability import Availability
from crmsync.route.placing.assignment import Assignments, assign
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.placing.hand_overs import ResolvedHandOver
from crmsync.route.roster.resolved import ResolvedRoster

_COUNTED = ("pool", "counter_before", "counter_after", "share_before", "share_after", "sharing", "between")
GIVEN = ("lead", "owner", *_COUNTED)


@dataclass(frozen=True, slots=True)
class Routed:
    """What became of the leads. `given`: GIVEN and the instant `at`, in the order of turns.

    `unassigned`: lead → the last reason why nobody took it. `later`: leads that got their owner in a later batch than
    their first. `kept`: leads that stayed with whom they belonged to.
    """

    given: pl.DataFrame
    counters: Mapping[str, Mapping[str, Mapping[str, Any]]]
    unassigned: Mapping[str, str]
    later: int
    kept: int
    batches: int


def run_batches(
    resolved: ResolvedRoster,
    stream: pl.DataFrame,
    *,
    begin: datetime,
    end: datetime,
    every: timedelta,
    open_days: int,
    progress: Progress,
    hand_over: str = THE_HAND_OFF,
) -> Routed:
    """Assign the stream (`lead_stream`) by a hand-over's rules at instants `every` apart from `begin` to `end`.

    Leads that nobody took are tried again in the following batches, as a schedule does. A lead counts as open with
    its owner for `open_days`.
    """
    desk = _Batches(resolved, hand_over, open_days)
    arrived = stream["created_at"].dt.epoch("s").to_list()
    done, at, size = 0, begin, stream.height
    while at < end:
        at, first = at + every, done
        while done < size and arrived[done] <= at.timestamp():
            done += 1
        desk.batch(stream[first:done], at)
        progress("leads", done, size)
    return desk.result(size)


class _Batches:
    """The state between batches."""

    def __init__(self, resolved: ResolvedRoster, hand_over: str, open_days: int) -> None:
        self._resolved = resolved
        self._hand_overs = (ResolvedHandOver(hand_over, (STAGE,)),)
        self._open_for = timedelta(days=open_days)
        self._open: Counter[str] = Counter()
        self._closing: deque[tuple[datetime, str]] = deque()
        self._counters: Mapping[str, Mapping[str, Mapping[str, Any]]] = {}
        self._waiting: pl.DataFrame | None = None
        self._tried: object = None
        self._reasons: dict[str, str] = {}
        self._given: dict[str, list[Any]] = {name: [] for name in GIVEN}
        self._at: list[datetime] = []
        self._later = self._batches = 0

    def batch(self, fresh: pl.DataFrame, at: datetime) -> None:
        """One batch; nothing is done when there is nobody to place."""
        closed = self._close(at)
        again = self._worth_trying(at, closed=closed)
        if again is not None:
            fresh = pl.concat([again, fresh])
        if fresh.is_empty():
            return
        result = self._assign(fresh, at)
        self._counters = result.counters
        self._batches += 1
        self._note(fresh, again, result, at)

    def result(self, leads: int) -> Routed:
        """What became of all."""
        schema = {name: ROUTED[name] for name in GIVEN} | {"at": pl.Datetime("us", "UTC")}
        given = pl.DataFrame({**self._given, "at": self._at}, schema=schema)
        return Routed(
            given=given,
            counters=self._counters,
            unassigned=self._reasons,
            later=self._later,
            kept=leads - given.height - len(self._reasons),
            batches=self._batches,
        )

    def _assign(self, leads: pl.DataFrame, at: datetime) -> Assignments:
        circumstances = RoutingCircumstances(self._resolved, self._hand_overs, (STAGE,), at.date(), at)
        return assign(leads, circumstances, RoutingStanding(counters=self._counters, open_leads=dict(self._open)))

    def _note(self, leads: pl.DataFrame, again: pl.DataFrame | None, result: Assignments, at: datetime) -> None:
        for item in result.set_aside:
            self._reasons[item.lead] = item.reason
        if again is not None:
            settled = set(again["lead"]) - {item.lead for item in result.set_aside}
            self._later += len(settled)
            for lead in settled:
                del self._reasons[lead]
        if result.set_aside or again is not None:
            self._wait(leads)
        if not result.assigned.is_empty():
            for name in GIVEN:
                self._given[name].extend(result.assigned[name].to_list())
            self._at.extend([at] * result.assigned.height)
            for owner in result.assigned["owner"].to_list():
                self._open[owner] += 1
                self._closing.append((at + self._open_for, owner))

    def _wait(self, leads: pl.DataFrame) -> None:
        """Whoever has a reason is waiting; highest priority first, as turns are given."""
        known = leads if self._waiting is None else pl.concat([self._waiting, leads]).unique("lead")
        waiting = known.filter(pl.col("lead").is_in(list(self._reasons)))
        order = waiting.sort("priority", "created_at", "lead", descending=[True, False, False])
        self._waiting = None if order.is_empty() else order

    def _close(self, at: datetime) -> bool:
        closed = False
        while self._closing and self._closing[0][0] <= at:
            self._open[self._closing.popleft()[1]] -= 1
            closed = True
        return closed

    def _worth_trying(self, at: datetime, *, closed: bool) -> pl.DataFrame | None:
        """The waiting leads that somebody may take now.

        Whether anybody can take a lead depends on its kind (facts, criteria, owner) and on who is there with room;
        within a batch room only shrinks. So when the first of a kind finds nobody, the others of the kind would not
        either; and nothing is tried while nobody has come, gone or closed a lead since.
        """
        if self._waiting is None:
            return None
        state = _state(self._resolved, at)
        if state == self._tried and not closed:
            return None
        self._tried = state
        kind = [name for name in self._waiting.columns if name.startswith(("fact.", "verdict."))] + ["owner"]
        firsts = self._waiting.unique(kind, keep="first", maintain_order=True)
        refused = [item.lead for item in self._assign(firsts, at).set_aside]
        hopeless = firsts.filter(pl.col("lead").is_in(refused)).select(kind)
        found = self._waiting.join(hopeless, on=kind, how="anti", nulls_equal=True)
        return None if found.is_empty() else found


def _state(resolved: ResolvedRoster, at: datetime) -> object:
    """Who is there at an instant, as a value to compare."""
    there = Availability(resolved, at)
    return [(there.today[each.key], there.obstacle(each), there.is_off(each)) for each in resolved.members]


def instant(day: Any) -> datetime:
    """Midnight UTC at the start of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
