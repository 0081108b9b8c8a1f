"""The sales report's figures of hand-offs counted again, one by one: whole, by receiver, team, pool, hand-over.

Shares with the interval whose ends lie 1.96 standard errors from what was seen, found by halving; the time until half
were touched by going through the minutes with who still waits.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import exp, log, sqrt
from typing import Any, get_args

import pytest

from crmsync.figures.hand_offs import hand_off_figures, hand_off_groups
from crmsync.hand_off import Clock, EndedBy, HandOffRecord
from crmsync.operations.report.hand_offs import HandOffLine
from crmsync.operations.report.sales import BY, figures_json, given_of

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEAMS = {"ann": "east", "ben": "west", "cat": "east", "dan": None}
REASONS = ("too early", "no budget", "not theirs", None)


def drawn(rng: random.Random) -> HandOffLine:
    """A hand-off that was touched, accepted, given back, queued or ended, or not; with its clock, or none."""
    at = NOW - timedelta(minutes=rng.randrange(30 * 24 * 60))

    def later(share: float) -> datetime | None:
        return at + timedelta(minutes=rng.randrange(24 * 60)) if rng.random() < share else None

    returned, ended = later(0.25), later(0.3)
    record = HandOffRecord(
        rng.randrange(10**6),
        "L",
        1,
        "bert",
        rng.choice(["ann", "ben", "cat", "dan", "gone"]),
        rng.choice(["one", "two", None]),
        at,
        touched_at=later(0.5),
        accepted_at=later(0.3),
        reminded_at=None,
        returned_at=returned,
        reason=rng.choice(REASONS),
        ended_at=ended,
        ended_by=rng.choice(get_args(EndedBy)) if ended else None,
        hand_over=rng.choice(["to_bdr", "to_ae"]),
        queued_at=later(0.1),
        queue=None,
    )
    waited = timedelta(seconds=rng.randrange(12 * 3600))
    clock = None if rng.random() < 0.15 else Clock(None, None, None, waited, waited > 5 * HOUR)
    return HandOffLine(hand_off=record, clock=clock, lead_name="", names={})


def answered(it: HandOffRecord) -> bool:
    return bool(it.touched_at or it.accepted_at)


def waits(it: HandOffRecord) -> bool:
    return not (answered(it) or it.returned_at or it.queued_at or it.ended_by)


def ends_of(share: float, of: float) -> tuple[float, float]:
    """Both shares at which `share` of so many would lie just 1.96 standard errors off."""

    def end(low: float, high: float, outside: Callable[[float], bool]) -> float:
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if outside(middle) else (low, middle)
        return (low + high) / 2

    def off(true: float) -> bool:
        return abs(share - true) > 1.959963984540054 * sqrt(true * (1 - true) / of)

    return end(0.0, share, off) if share else 0.0, end(share, 1.0, lambda true: not off(true)) if share < 1 else 1.0


def share_of(part: int, of: int) -> dict[str, Any]:
    whole = {"part": part, "of": of, "few": of < 20}
    if not of:
        return {**whole, "share": None}
    low, high = ends_of(part / of, of)
    return {**whole, "share": {"value": part / of, "low": low, "high": high}}


def half_touched(minutes: Sequence[tuple[int, bool]]) -> dict[str, float | None] | None:
    """Hours until half were touched (Kaplan and Meier), with Brookmeyer and Crowley's log-log interval."""
    left, terms, found = 1.0, 0.0, {"value": None, "low": None, "high": None}
    for minute in sorted({minute for minute, touched in minutes if touched}):
        at_risk = sum(other >= minute for other, _ in minutes)
        touched = minutes.count((minute, True))
        left *= 1 - touched / at_risk
        bounds = {"value": left, "low": left, "high": left}
        if touched < at_risk:
            terms += touched / (at_risk * (at_risk - touched))
            reach = 1.959963984540054 * sqrt(terms) / abs(log(left))
            bounds |= {"low": left ** exp(reach), "high": left ** exp(-reach)}
        for name, bound in bounds.items():
            if bound <= 0.5 and found[name] is None:
                found[name] = minute / 60
    return None if found["value"] is None else found


def counted(lines: Sequence[HandOffLine]) -> dict[str, Any]:
    """One after the other."""
    every = [(line.hand_off, line.clock) for line in lines]
    known = [(it, clock) for it, clock in every if clock and (clock.late or answered(it))]
    back = [it for it, _ in every if it.returned_at]
    taken = [it for it, _ in every if it.accepted_at and not it.returned_at]
    timed = [(int(clock.waited.total_seconds()) // 60, answered(it)) for it, clock in every if clock]
    reasons = Counter(it.reason for it in back)
    return {
        "handed": len(every),
        "waiting": sum(waits(it) for it, _ in every),
        "in_time": share_of(sum(not clock.late for _, clock in known), len(known)),
        "accepted": share_of(len(taken), len(taken) + len(back)),
        "returned": share_of(len(back), len(taken) + len(back)),
        "reasons": reasons,
        "half_touched_hours": half_touched(timed),
        "few_times": len(timed) < 20,
    }


def same(told: Mapping[str, Any], mine: Mapping[str, Any]) -> None:
    """Figure by figure; reasons the most frequent first."""
    assert [each["hand_offs"] for each in told["reasons"]] == sorted(mine["reasons"].values(), reverse=True)
    assert {each["reason"]: each["hand_offs"] for each in told["reasons"]} == mine["reasons"]
    for name, value in mine.items():
        if name in ("in_time", "accepted", "returned"):
            assert {**told[name], "share": None} == {**value, "share": None}, name
            assert told[name]["share"] == (value["share"] and pytest.approx(value["share"], abs=1e-6)), name
        elif name == "half_touched_hours" and value is not None:
            assert told[name]["high"] == (value["high"] and pytest.approx(value["high"], abs=1e-6))
            assert (told[name]["value"], told[name]["low"]) == pytest.approx((value["value"], value["low"]), abs=1e-6)
        elif name != "reasons":
            assert told[name] == value, name


@pytest.mark.parametrize("seed", range(8))
def test_every_figure_is_that_of_the_hand_offs_one_by_one(seed: int) -> None:
    rng = random.Random(seed)
    lines = [drawn(rng) for _ in range(rng.choice([0, 1, 9, 60, 200]))]
    given = given_of(lines, TEAMS)
    same(figures_json(hand_off_figures(given)), counted(lines))
    whose: Mapping[str, Callable[[HandOffRecord], str | None]] = {
        "receiver": lambda it: it.receiver,
        "team": lambda it: TEAMS.get(it.receiver),
        "pool": lambda it: it.pool,
        "hand_over": lambda it: it.hand_over,
    }
    assert set(whose) == set(BY)
    for by, name_of in whose.items():
        names = Counter(name_of(line.hand_off) for line in lines)
        told = hand_off_groups(given, by)
        assert [it.name for it in told] == sorted(names, key=lambda name: (name is None, -names[name], name or ""))
        for it in told:
            same(figures_json(it), counted([line for line in lines if name_of(line.hand_off) == it.name]))


def test_a_half_that_may_never_be_touched_has_no_upper_end() -> None:
    assert (half_touched([(10, True), (20, True), (90, False)]) or {})["high"] is None
    assert half_touched([(10, True), (20, False), (20, False)]) is None
