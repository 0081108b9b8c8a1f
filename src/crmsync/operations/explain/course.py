"""How a lead's points went, and will go if nothing more happens: the same decision, asked for other days.

Days that are over are told by what had happened by then, with the facts as they are known today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from crmsync.clock import local_day
from crmsync.model import Batch
from crmsync.operations.explain.shown_lead import shown_lead
from crmsync.operations.run.ready import stored
from crmsync.progress import Progress
from crmsync.qualify.engine.decide import decide
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.values import replace

WEEKS = 12
_MILLI = 1000


@dataclass(frozen=True, slots=True)
class ScoreCourse:
    """One score. `points`: on each day the low end, to which what is not known may add; null = not counted then."""

    name: str
    label: str
    points: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class PointsCourse:
    """`days`: a week apart; `today` is among them. `scores`: those of the lead's policy, in its order."""

    days: tuple[date, ...]
    today: date
    scores: tuple[ScoreCourse, ...]


def course_of(
    settings: Settings, connection: str, lead: str, *, now: Callable[[], datetime], progress: Progress
) -> PointsCourse:
    """Never asks the CRM. Raises `NotStored` and `NeverRead`."""
    with closing(Store(settings.store)) as store:
        prepared = stored(settings, settings.connection(connection), store)
        today = local_day(now(), prepared.org.time_zone)
        batch = shown_lead(prepared, store, lead, today)
    days = tuple(today + timedelta(weeks=week) for week in range(-WEEKS, WEEKS + 1))
    rows = []
    for place, day in enumerate(days):
        progress("weeks", place, len(days))
        rows.append(decide(prepared.compiled, _as_known_on(batch, day), day).row(0, named=True))
    return PointsCourse(days, today, tuple(_scores(settings, rows)))


def _as_known_on(batch: Batch, day: date) -> Batch:
    happened = pl.col("day").is_null() | (pl.col("day") <= day)
    return replace(batch, activities=batch.activities.filter(happened))


def _scores(settings: Settings, rows: Sequence[Mapping[str, object]]) -> list[ScoreCourse]:
    told = []
    for name, score in settings.policy.scores.items():
        lows = [row.get(f"score.{name}.low") for row in rows]
        points = [low / _MILLI if isinstance(low, int) else None for low in lows]
        if any(point is not None for point in points):
            told.append(ScoreCourse(name, score.label or name, tuple(points)))
    return told
