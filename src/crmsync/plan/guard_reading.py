"""Guards of what was read, and of the calls that are left: a broken mapping or lost rights look like news. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from crmsync.model import GuardReading

LAST_READINGS = 5
"""So many full readings are looked back at."""
QUIET_WEEK = timedelta(days=7)
"""Readings of what changed are compared once they have been counted for a week, nights and weekends included."""
LONGER = 1.5
"""Readings of what changed are alike that reached back at most so many times as far."""
HALF_OF_THE_KNOWN = 0.5
"""A fact that few leads have does not jump far: no more than half of those may lose it."""
_ROUNDING = 1e-9


class Brought(Struct, frozen=True):
    """What one reading brought. `full`: it read everything. `unknown`: fact → share of leads, where all were seen."""

    at: datetime
    full: bool
    leads: int
    activities: int
    unknown: Mapping[str, float]


def few_read(
    now: Brought, earlier: Sequence[Brought], *, share: float, floor: int, allowed: Mapping[str, int]
) -> Iterator[GuardReading]:
    """Far fewer leads or activities than the least of the last readings of the same kind brought.

    `earlier`: readings that were believed, newest first. `share`: this much of that least one is enough. `floor`:
    where a reading may bring fewer than this, it may bring nothing.
    """
    alike = _alike(now, earlier)
    if not alike:
        return
    kind = "full readings" if now.full else "readings of a week"
    for guard, what, count, least in (
        ("few_leads", "leads", now.leads, min(each.leads for each in alike)),
        ("few_activities", "activities", now.activities, min(each.activities for each in alike)),
    ):
        enough = allowed.get(guard, math.ceil(least * share - _ROUNDING) if least >= floor else 0)
        yield GuardReading(
            name=guard,
            value=count,
            limit=enough,
            breached=count < enough,
            words=f"{count:,} {what} were read; the last {kind} brought {least:,} at least, limit {enough:,}",
            advice=f"look whether crmsync's user in the CRM still sees its {what}; if there are no more",
            options=f"{'--full ' if now.full else ''}--allow {guard.replace('_', '-')}={count}",
        )


def _alike(now: Brought, earlier: Sequence[Brought]) -> list[Brought]:
    """Readings to compare with: full ones with full ones; of what changed, a whole week's or none.

    What changed is the more, the longer ago the reading before it was: only those count that reached no further back.
    """
    same = [each for each in earlier if each.full == now.full]
    if now.full:
        return same[:LAST_READINGS]
    week_ago = now.at - QUIET_WEEK
    if not any(each.at < week_ago for each in same):
        return []
    reach = (now.at - earlier[0].at) * LONGER
    return [
        each
        for each, before in pairwise(earlier)
        if not each.full and each.at >= week_ago and each.at - before.at <= reach
    ]


def more_unknown(
    unknown: Mapping[str, int],
    leads: int,
    earlier: Sequence[Brought],
    some: Mapping[str, Sequence[str]],
    *,
    jump: float,
    floor: int,
    allowed: int | None,
) -> Iterator[GuardReading]:
    """Facts that are unknown for far more leads than at the last run that saw all leads.

    `unknown`: fact → leads of `leads` for which it is unknown now. `some`: fact → a few of them. `jump`: by so much
    the share may have grown, but no more than half of the leads that had the fact may have lost it. `floor`: fewer
    leads than this may always have become unknown. All facts that are too unknown are told; else the one that comes
    nearest.
    """
    before = next((each.unknown for each in earlier if each.unknown), {})
    readings = []
    for fact in sorted(unknown.keys() & before.keys()):
        expected = round(before[fact] * leads)
        growth = min(jump, (1 - before[fact]) * HALF_OF_THE_KNOWN)
        by_jump = max(expected + floor - 1, int((before[fact] + growth) * leads + _ROUNDING))
        most = allowed if allowed is not None else by_jump
        count = unknown[fact]
        readings.append(
            GuardReading(
                name="unknown",
                value=count,
                limit=most,
                breached=count > most,
                words=f"the fact {fact} is unknown for {_percent(count, leads)} of the leads, at the last run "
                f"{before[fact] * 100:.3g} %: {count:,} leads, limit {most:,}",
                leads=tuple(some.get(fact, ())),
                advice=f"look at {fact} in the mapping, see check --data; if it is right",
                options=f"--allow unknown={count}",
            )
        )
    breached = [reading for reading in readings if reading.breached]
    nearest = sorted(readings, key=lambda reading: reading.value - reading.limit)[-1:]
    yield from breached or nearest


def _percent(count: int, leads: int) -> str:
    return f"{100 * count / leads if leads else 0:.3g} %"


def calls_needed(changes: int, creates: int, batch: int) -> int:
    """Calls that writing so many changes may take: each batch is read, written and read back; so is what is made."""
    return 3 * (math.ceil(changes / batch) + math.ceil(creates / batch))


def calls_left(needed: int, left: int | None, *, share: float, allowed: int | None) -> Iterator[GuardReading]:
    """Carrying out the plan would use up the day's calls. `left`: by the CRM; null = it did not tell."""
    if left is None:
        return
    most = allowed if allowed is not None else int(left * share + _ROUNDING)
    yield GuardReading(
        name="calls",
        value=needed,
        limit=most,
        breached=needed > most,
        words=f"the plan needs {needed:,} calls or so, {left:,} are left today, limit {most:,}",
        advice="run again when there are more, or a part (--limit N); to use them all the same",
        options=f"--allow calls={needed}",
    )
