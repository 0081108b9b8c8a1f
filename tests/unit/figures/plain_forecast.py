"""Forecasts by another hand: plain loops over days and leads, written from the page about them, sharing no code.

A lead is followed as rows (lead, stage, day, whether the day of coming is known, day since which it is seen). Whoever
is open is let go up the ladder day by day, as parts of a lead, with the chances of those who stood there so long.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

Row = tuple[str, str | None, date, bool, date]
BEGINS = (0, 1, 2, 4, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180)


@dataclass
class Told:
    """What became of all attempts: visits (stage, day, until, where to, certain, seen), and two lists of days."""

    visits: list[tuple[str, date, date | None, str | None, bool, date]] = field(default_factory=list)
    begun: list[tuple[str, date]] = field(default_factory=list)
    came: list[date] = field(default_factory=list)


def told_of(rows: Sequence[Row], ladder: Sequence[str], goal: str, today: date) -> Told:
    told, place = Told(), {name: number for number, name in enumerate(ladder)}
    by_lead: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[2] <= today:
            by_lead[row[0]].append(row)
    for way in by_lead.values():
        attempt: list[Row] = []
        for row in [*way, None]:
            goes_on = row and row[1] in place and (not attempt or place[row[1]] > place[attempt[-1][1] or ""])
            if not goes_on:
                _close(told, attempt, row, place, goal)
                attempt = []
            if row and row[1] in place:
                attempt.append(row)
    return told


def _close(told: Told, attempt: list[Row], after: Row | None, place: dict[str, int], goal: str) -> None:
    for number, (_, stage, since, known, seen) in enumerate(attempt):
        following = attempt[number + 1] if number + 1 < len(attempt) else None
        certain = known and (following is None or following[3])
        over = following or after
        to = following[1] if following else "elsewhere" if after else None
        told.visits.append((str(stage), since, over[2] if over else None, to, certain, seen))
    if attempt and attempt[0][3]:
        told.begun.append((str(attempt[0][1]), attempt[0][2]))
    above = [number for number, row in enumerate(attempt) if place[str(row[1])] >= place[goal]]
    if above and (above[0] > 0 or attempt[0][3]):
        told.came.append(attempt[above[0]][2])


def chances(told: Told, stage: str, today: date) -> list[tuple[int, dict[str, float]]]:
    """Stretches: from which day on, and how likely it is to go where on each day of it."""
    there: Counter[int] = Counter()
    gone: dict[int, Counter[str]] = defaultdict(Counter)
    for name, since, until, to, certain, seen in told.visits:
        if name != stage or not certain:
            continue
        unseen, last = max(0, (seen - since).days), max(0, ((until or today) - since).days)
        if unseen and last <= unseen:
            continue
        there.update(range(unseen + 1 if unseen else 0, last + 1))
        if to is not None:
            gone[last][to] += 1
    parts = []
    for number, begin in enumerate(BEGINS):
        end = BEGINS[number + 1] if number + 1 < len(BEGINS) else max([*there, begin]) + 1
        days = range(begin, end)
        parts.append((begin, sum(there[day] for day in days), sum((gone[day] for day in days), start=Counter())))
    joined: list[tuple[int, int, Counter[str]]] = []
    full = True
    for begin, spent, left in parts:
        joined = [*joined, (begin, spent, left)] if full else [*joined[:-1], _added(joined[-1], spent, left)]
        full = joined[-1][2].total() >= 10 or joined[-1][1] >= 1_000
    if not full and len(joined) > 1:
        joined[-2:] = [_added(joined[-2], *joined[-1][1:])]
    return [(begin, {to: count / spent for to, count in left.items()}) for begin, spent, left in joined]


def _added(one: tuple[int, int, Counter[str]], spent: int, left: Counter[str]) -> tuple[int, int, Counter[str]]:
    return one[0], one[1] + spent, one[2] + left


@dataclass
class Month:
    so_far: int
    from_open: dict[str, float]
    from_new: float


def plain_forecast(
    rows: Sequence[Row], ladder: Sequence[str], goal: str, today: date, ends: Sequence[date]
) -> dict[date, Month]:
    """By the first day of each month that ends on one of these days."""
    told = told_of(rows, ladder, goal, today)
    below = list(ladder[: ladder.index(goal)])
    moves = {stage: chances(told, stage, today) for stage in below}
    first = min(day for _, day in told.begun)
    lately = min(90, (today - first).days + 1)
    rates = Counter(stage for stage, day in told.begun if (today - day).days < lately)
    new = [(stage, rates[stage] / lately) for stage in ladder]
    days = (ends[-1] - today).days
    climbed = {
        stage: _followed(moves, below, goal, [(stage, since) for since in _open(told, stage)], [], today, days)
        for stage in below
    }
    fresh = _followed(moves, below, goal, [], new, today, days)
    found = {}
    for end in ends:
        begin = end.replace(day=1)
        some = [day for day in (begin + timedelta(days=number) for number in range(31)) if today < day <= end]
        found[begin] = Month(
            sum(day.replace(day=1) == begin for day in told.came),
            {stage: sum(came[day] for day in some) for stage, came in climbed.items()},
            sum(fresh[day] for day in some),
        )
    return found


def _open(told: Told, stage: str) -> list[date]:
    return [since for name, since, until, *_ in told.visits if name == stage and until is None]


def _followed(
    moves: dict[str, list[tuple[int, dict[str, float]]]],
    below: Sequence[str],
    goal: str,
    open_: Sequence[tuple[str, date]],
    new: Sequence[tuple[str, float]],
    today: date,
    days: int,
) -> dict[date, float]:
    """Day → how much of all these leads comes to the goal on it."""
    standing: dict[str, Counter[int]] = {stage: Counter() for stage in below}
    for stage, since in open_:
        standing[stage][(today - since).days] += 1
    came: dict[date, float] = defaultdict(float)
    for number in range(1, days + 1):
        today_there: dict[str, dict[int, float]] = {
            stage: {age + 1: much for age, much in ages.items()} for stage, ages in standing.items()
        }
        arrives: dict[str, float] = defaultdict(float, dict(new))
        for stage in below:
            ages = today_there[stage]
            ages[0] = arrives[stage]
            stays: Counter[int] = Counter()
            for age, much in ages.items():
                chance = [some for begin, some in moves[stage] if begin <= age][-1]
                for to, likely in chance.items():
                    arrives[to] += much * likely
                stays[age] = much * (1 - sum(chance.values()))  # type: ignore[assignment]
            standing[stage] = stays
        came[today + timedelta(days=number)] = sum(
            much for stage, much in arrives.items() if stage not in below and stage != "elsewhere"
        )
    return came


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
