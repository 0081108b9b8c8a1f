"""Capacity in words and rows, for every form that it is shown in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.figures.capacity import Load, State
from crmsync.operations.report.capacity import CapacityReport
from crmsync.showing.spreadsheet import Cell
from crmsync.tongue import Tongue, to_say

MONTHS = (to_say("Month"), to_say("Hand-offs"), to_say("80 % interval"), to_say("For nobody"), to_say("Too many"))
LOADS = (
    to_say("Receiver"),
    to_say("Month"),
    to_say("Days at work"),
    to_say("Gets"),
    to_say("80 % interval"),
    to_say("At most"),
    to_say("Open at the end"),
    to_say("Open at most"),
    to_say("What that means"),
)
HEAD = (
    "connection",
    "hand_over",
    "person",
    "month",
    "days_at_work",
    "expected",
    "low",
    "high",
    "most",
    "open_at_end",
    "most_open",
    "state",
)
"""Of the rows that `rows` gives."""
STATES: Mapping[State, str] = {
    "away": to_say("away"),
    "over": to_say("too many"),
    "may_be_over": to_say("may be too many"),
    "idle": to_say("too few"),
    "fits": to_say("fits"),
    "no_limit": to_say("no limit is set"),
}


def heading(report: CapacityReport, tongue: Tongue) -> str:
    """What the report is of."""
    return tongue.say(
        "capacity for {hand_over} from {stage} on, as of {day}",
        hand_over=report.label,
        stage=report.stage_label,
        day=tongue.day(report.as_of),
    )


def month_rows(report: CapacityReport, tongue: Tongue) -> Iterator[tuple[str, ...]]:
    """One row for each month, as MONTHS says."""
    for month in report.capacity.months if report.capacity else ():
        numbers = (month.for_nobody, month.too_many)
        yield (
            f"{month.month:%Y-%m}",
            _one(month.mean, tongue),
            f"{month.low}–{month.high}",
            *(_one(number, tongue) for number in numbers),
        )


def load_rows(report: CapacityReport, tongue: Tongue) -> Iterator[tuple[str, ...]]:
    """One row for each receiver and month, as LOADS says."""
    for load in report.capacity.loads if report.capacity else ():
        yield (
            report.name(load.key),
            f"{load.month:%Y-%m}",
            _days(load, report, tongue),
            _one(load.mean, tongue),
            f"{load.low}–{load.high}",
            "–" if load.most is None else _one(load.most, tongue),
            _one(load.open_end, tongue),
            "–" if load.most_open is None else str(load.most_open),
            tongue.say(STATES[load.state]),
        )


def verdicts(report: CapacityReport, tongue: Tongue) -> Iterator[str]:
    """Who will have too many or too few, and from when on; nobody is told, too."""
    first: dict[tuple[str, State], Load] = {}
    for load in report.capacity.loads if report.capacity else ():
        first.setdefault((load.key, load.state), load)
    for (key, state), load in first.items():
        values = {"person": report.name(key), "month": f"{load.month:%Y-%m}"}
        if state == "over":
            yield tongue.say("{person} gets too many from {month} on.", **values)
        if state == "idle":
            yield tongue.say("{person} gets too few in {month}.", **values)
    if first and all(state in ("no_limit", "away") for _, state in first):
        yield tongue.say("The roster sets no limits, so nothing is too many.")
    elif not any(state in ("over", "idle") for _, state in first):
        yield tongue.say("Nobody is expected to have too many or too few.")


def caption(report: CapacityReport, tongue: Tongue) -> str:
    """How it was reckoned."""
    told = tongue.say(
        "Shares are those of {number} leads of the ladder, placed on trial by the roster's rules; who is away gets "
        "none meanwhile. Too few: even the upper end is less than half of what they take.",
        number=tongue.number(report.placed),
    )
    if not any(load.key in report.without_hours for load in (report.capacity.loads if report.capacity else ())):
        return told
    every = tongue.say("For whom the roster names no working hours, every day is a day at work, weekends too.")
    return f"{told} {every}"


def rows(report: CapacityReport) -> Iterator[tuple[Cell, ...]]:
    """One row for each receiver and month."""
    for load in report.capacity.loads if report.capacity else ():
        most = None if load.most is None else round(load.most, 1)
        told = (load.days, round(load.mean, 3), load.low, load.high, most, round(load.open_end, 1), load.most_open)
        yield (report.connection, report.hand_over, load.key, load.month.isoformat(), *told, load.state)


def _days(load: Load, report: CapacityReport, tongue: Tongue) -> str:
    """Of whom the roster names no hours every day is a day at work: that is told, else weekends look counted in."""
    if load.key not in report.without_hours:
        return str(load.days)
    return tongue.say("{days} (every day)", days=load.days)


def _one(number: float, tongue: Tongue) -> str:
    return tongue.number(round(number, 1))
