"""Each lead's way through the stages, made into passes that begin and end.

A step is a time that a lead stood in a stage. A pass is what the policy calls an attempt: it ends when the lead is
disqualified, leaves the ladder or the CRM, or goes back to a stage that it had, or to one below. What comes on the
ladder after that begins another one. Seen as a person instead, whatever happened in between is one way: going back
ends nothing, and a second record with the same e-mail address goes on where the first is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

import polars as pl

STEPS: Mapping[str, pl.DataType] = {
    "lead": pl.String(),
    "stage": pl.String(),
    "since": pl.Date(),
    "known": pl.Boolean(),
    "seen": pl.Date(),
}
"""One row for each time that a lead stood somewhere, each lead's in order.

`stage`: null = off the ladder, in a stage that is not managed; LEFT = it left the CRM, or the policy's scope.
`since`: the day on which it came there, or one on which it stood there already (`known` false). `seen`: the day from
which on its leaving would have been seen.
"""

LEFT = "@left"

PASSES: Mapping[str, pl.DataType] = {
    "unit": pl.String(),
    "lead": pl.String(),
    "number": pl.Int64(),
    "entered": pl.Date(),
    "stage": pl.String(),
    "since": pl.Date(),
    "known": pl.Boolean(),
    "dated": pl.Boolean(),
    "seen": pl.Date(),
    "until": pl.Date(),
    "end": pl.String(),
}
"""One row for each stage that an attempt (or a person) stood in.

`unit`: the lead, or the person. `number`: of the attempt, from 1. `entered`: the day on which it came to its first
stage; null = not known. `known`: whether the day of coming is; `dated`: and the one of its end. `until`: the day of
its `end`, which is an End; null = it stands there.
"""

End = Literal["on", "disqualified", "sent_back", "off_ladder", "left"]
Per = Literal["attempt", "person"]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The policy's stages from the bottom, and the one of those who were disqualified (null = none)."""

    stages: tuple[str, ...]
    disqualified: str | None


@dataclass(frozen=True, slots=True)
class _Step:
    lead: str
    stage: str | None
    since: date
    known: bool
    seen: date


Row = tuple[str, str, int, date | None, str, date, bool, bool, date, date | None, str | None]


def passes(steps: pl.DataFrame, ladder: Ladder) -> pl.DataFrame:
    """Each attempt's stages; schema PASSES. `steps`: STEPS."""
    rows: list[Row] = []
    for lead, way in _ways(steps):
        for number, (some, end) in enumerate(_attempts(way, ladder), start=1):
            rows += _rows(lead, number, some, end)
    return pl.DataFrame(rows, schema=dict(PASSES), orient="row")


def persons(steps: pl.DataFrame, people: Mapping[str, str], ladder: Ladder) -> pl.DataFrame:
    """Each person's stages, each at the first time; schema PASSES. `people`: lead → person; else the lead is one."""
    together: dict[str, list[_Step]] = {}
    for lead, way in _ways(steps):
        together.setdefault(people.get(lead, lead), []).extend(way)
    rows: list[Row] = []
    for person, way in together.items():
        rows += _person(person, way, ladder)
    return pl.DataFrame(rows, schema=dict(PASSES), orient="row")


def _ways(steps: pl.DataFrame) -> Iterator[tuple[str, list[_Step]]]:
    told = steps.select(STEPS.keys()).iter_rows()
    for lead, some in groupby(told, key=lambda row: row[0]):
        yield lead, [_Step(*row) for row in some]


def _attempts(way: Sequence[_Step], ladder: Ladder) -> Iterator[tuple[list[_Step], tuple[date, End] | None]]:
    """The steps of each attempt on the ladder, and when and how it ended."""
    rank = {stage: place for place, stage in enumerate(ladder.stages)}
    now: list[_Step] = []
    for step in way:
        if step.stage not in rank:
            if now:
                yield now, (step.since, _end(step.stage, ladder))
            now = []
        elif now and rank[step.stage] <= rank[str(now[-1].stage)]:
            yield now, (step.since, "sent_back")
            now = [step]
        else:
            now.append(step)
    if now:
        yield now, None


def _end(stage: str | None, ladder: Ladder) -> End:
    if stage == LEFT:
        return "left"
    return "disqualified" if stage is not None and stage == ladder.disqualified else "off_ladder"


def _rows(unit: str, number: int, steps: Sequence[_Step], end: tuple[date, End] | None) -> Iterator[Row]:
    entered = steps[0].since if steps[0].known else None
    for place, step in enumerate(steps):
        after = steps[place + 1] if place + 1 < len(steps) else None
        until, how = (after.since, "on") if after else end or (None, None)
        dated = step.known and (after is None or after.known)
        yield unit, step.lead, number, entered, str(step.stage), step.since, step.known, dated, step.seen, until, how


def _person(person: str, way: Iterable[_Step], ladder: Ladder) -> Iterator[Row]:
    """The first time at each stage that is above all before it; the end is that of the last attempt of any record."""
    rank = {stage: place for place, stage in enumerate(ladder.stages)}
    ordered = sorted(way, key=lambda step: step.since)
    climbed: list[_Step] = []
    for step in ordered:
        if step.stage in rank and (not climbed or rank[str(step.stage)] > rank[str(climbed[-1].stage)]):
            climbed.append(step)
    if not climbed:
        return
    latest = {step.lead: step for step in ordered}.values()
    over = all(step.stage not in rank for step in latest)
    last = max(latest, key=lambda step: step.since)
    yield from _rows(person, 1, climbed, (last.since, _end(last.stage, ladder)) if over else None)
