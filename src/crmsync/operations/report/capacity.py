"""`crmsync report capacity`: expected hand-offs against what receivers can take, by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.figures.attempts import attempts
from crmsync.figures.capacity import Load, MonthOfAll, Receiver, TeamCapacity, capacity, leaving_chance
from crmsync.figures.forecast import FEW_ARRIVALS, SHORTEST_DAYS, Expected, Forecast, forecast
from crmsync.figures.months import last_day
from crmsync.figures.ways import passes
from crmsync.operations.report.trial import parts_on_trial
from crmsync.operations.report.ways import ways_of
from crmsync.operations.run.ready import every_stored
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.qualify.language.policy import Policy
from crmsync.route.at_work.presence import days_of_work, days_there, most_in
from crmsync.route.choosing.strategy import Need
from crmsync.route.people.member import Member
from crmsync.route.placing.hand_overs import ResolvedHandOver
from crmsync.route.roster.defaults import rules_of
from crmsync.route.roster.roster_file import Roster
from crmsync.route.rotation.counters import Ledger
from crmsync.run.counters import counters_from
from crmsync.settings import Settings
from crmsync.store import Store

SAMPLE = 1_000
"""So many leads are placed on trial, to see who gets which part of them."""


@dataclass(frozen=True, slots=True)
class CapacityRequest:
    """`hand_over`: of several; null = each that begins at a stage and goes to people. `months`: after this one."""

    hand_over: str | None = None
    months: int = 3
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class CapacityReport:
    """One hand-over of a connection. `placed`: leads placed on trial. `capacity`: null = too short a history.

    `without_hours`: keys of people for whom the roster names no working hours: they are at work every day.
    """

    connection: str
    as_of: date
    hand_over: str
    label: str
    stage_label: str
    forecast: Forecast
    placed: int
    names: Mapping[str, str]
    capacity: TeamCapacity | None
    without_hours: frozenset[str] = frozenset()

    def name(self, key: str) -> str:
        """A person's name in the CRM, else their key."""
        return self.names.get(key) or key

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        told = self.capacity
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat(),
            "hand_over": self.hand_over,
            "stage": self.forecast.stage,
            "arrived": self.forecast.arrived,
            "history_days": self.forecast.history_days,
            "too_short": self.forecast.too_short,
            "least_arrived": FEW_ARRIVALS,
            "least_history_days": SHORTEST_DAYS,
            "placed_on_trial": self.placed,
            "leave_per_day": None if told is None else round(told.leaves, 6),
            "months": [] if told is None else [_month(month) for month in told.months],
            "receivers": [] if told is None else [self._load(load) for load in told.loads],
        }

    def _load(self, load: Load) -> dict[str, Any]:
        return {
            "person": load.key,
            "name": self.name(load.key),
            "month": load.month.isoformat(),
            "days_at_work": load.days,
            "every_day": load.key in self.without_hours,
            "expected": round(load.mean, 3),
            "low": load.low,
            "high": load.high,
            "most": None if load.most is None else round(load.most, 1),
            "open_at_end": round(load.open_end, 1),
            "most_open": load.most_open,
            "state": load.state,
        }


def capacity_reports(
    settings: Settings,
    connections: Sequence[str],
    request: CapacityRequest,
    *,
    now: Callable[[], datetime],
) -> Iterator[CapacityReport]:
    """One report for each hand-over of each connection (all when none is named), from what is stored.

    Raises `UsageError` where there is no such hand-over.
    """
    with closing(Store(settings.store)) as store:
        for prepared in every_stored(settings, connections, store, now):
            day = request.as_of or local_day(now(), prepared.org.time_zone)
            ways = ways_of(prepared, store, day)
            told = passes(ways.steps, ways.ladder)
            for hand_over, stage in _hand_overs(prepared, request.hand_over, ways.ladder.stages):
                yield _report(prepared, store, told, hand_over, stage, request.months, day)


def planned_for(policy: Policy, roster: Roster) -> tuple[HandOver, ...]:
    """Of a policy's hand-overs by name those that begin at a stage and go to people, so that there is a report."""
    above = [rung.stage for rung in policy.ladder[1:]]
    return tuple(
        each
        for each in policy.hand_overs
        if each.stage in above
        and not each.when
        and each.leaving is None
        and any(Need.PEOPLE in rule.needs for rule in rules_of(roster, each.name))
    )


def _hand_overs(prepared: Prepared, asked: str | None, stages: Sequence[str]) -> list[tuple[ResolvedHandOver, str]]:
    """Those that begin at a stage and go to people, with that stage."""
    begin = [(each, next((stage for stage in stages if stage in each.stages), None)) for each in prepared.hand_overs]
    some = [
        (each, stage)
        for each, stage in begin
        if stage in stages[1:]
        and not each.when
        and each.reasons is None
        and prepared.roster.needs_receivers(each.name)
    ]
    found = [(each, stage) for each, stage in some if stage is not None and asked in (None, each.name)]
    if not found:
        what = "no hand-over" if asked is None else f"no hand-over `{asked}`"
        there = ", ".join(each.name for each, _ in some) or "none in this policy and roster"
        raise UsageError(f"there is {what} that begins at a stage and goes to people", hint=f"there is {there}")
    return found


def _report(
    prepared: Prepared,
    store: Store,
    told: pl.DataFrame,
    hand_over: ResolvedHandOver,
    stage: str,
    months: int,
    day: date,
) -> CapacityReport:
    policy = prepared.settings.policy
    stages = tuple(rung.stage for rung in policy.ladder)
    expected = forecast(attempts(told, stages, stage), today=day, months=months)
    parts, placed = parts_on_trial(prepared, store, told, hand_over, day)
    receivers = _receivers(prepared, store, hand_over, expected.months, day)
    loads = None
    if not expected.too_short:
        spans = [(last - first).days + 1 for first, last in _spans(expected.months, day)]
        loads = capacity(expected.months, spans, parts, receivers, leaving_chance(told, stages, stage, day))
    called = next((each.called for each in policy.every_hand_over if each.name == hand_over.name), hand_over.name)
    return CapacityReport(
        connection=prepared.name,
        as_of=day,
        hand_over=hand_over.name,
        label=called,
        stage_label=policy.label_of(stage) or stage,
        forecast=expected,
        placed=placed,
        names={member.key: prepared.user_names.get(member.user, "") for member in prepared.roster.members},
        capacity=loads,
        without_hours=frozenset(member.key for member in prepared.roster.members if member.person.week is None),
    )


def _receivers(
    prepared: Prepared, store: Store, hand_over: ResolvedHandOver, months: Sequence[Expected], day: date
) -> list[Receiver]:
    roster = prepared.roster
    ladder = tuple(rung.stage for rung in prepared.settings.policy.ladder)
    open_leads = store.facts.open_leads(prepared.name, ladder)
    ledger = Ledger(counters_from(store.journal.turns(prepared.name), roster))
    return [
        _receiver(member, months, day, ledger, open_leads.get(member.user, 0))
        for member in roster.members
        if roster.may_receive(member, hand_over.name)
    ]


def _receiver(member: Member, months: Sequence[Expected], day: date, ledger: Ledger, has: int) -> Receiver:
    days: list[int] = []
    there: list[float] = []
    most: list[float | None] = []
    for first, last in _spans(months, day):
        used = {"month": ledger.in_month(member.key, day)} if first.month == day.month else {}
        at_work, planned = days_there(member, first, last), days_of_work(member, first, last)
        days.append(at_work)
        there.append(at_work / planned if planned else 0.0)
        most.append(most_in(member, at_work, (last - first).days + 1, used))
    return Receiver(member.key, tuple(days), tuple(there), tuple(most), has, member.person.capacity.open_leads)


def _spans(months: Sequence[Expected], day: date) -> list[tuple[date, date]]:
    """The first and the last day of each month that are yet to come."""
    return [(max(month.month, day + timedelta(days=1)), last_day(month.month)) for month in months]


def _month(month: MonthOfAll) -> dict[str, Any]:
    return {
        "month": month.month.isoformat(),
        "expected": round(month.mean, 3),
        "low": month.low,
        "high": month.high,
        "for_nobody": round(month.for_nobody, 3),
        "too_many": round(month.too_many, 3),
    }
