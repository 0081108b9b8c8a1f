"""What runs are compared by: how much was read, how many leads lack which fact. Kept with every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import polars as pl
from msgspec import Struct, field

from crmsync.enumeration import first_few
from crmsync.errors import StoreUnavailable
from crmsync.model import FACT_PREFIX
from crmsync.plan import Brought
from crmsync.store import ReadRuns, RunRecord, Store

LOOKED_BACK = 1000
"""So many runs are looked at, which at one in ten minutes is a week."""
CHANGE_SECONDS = "change_seconds"
"""So long, at most, nineteen of twenty changes that a run answered had waited for it."""
NEWS = "news"
"""Leads and activities that a reading found new or changed."""
STOPPED = "stopped"
"""1 where a run ended between two batches because it was asked to: the next one goes on, and nobody has to look."""
_UNKNOWN = "unknown."
_BELIEVED = frozenset({0, 4})
_NO_JUDGEMENT = frozenset({"writes_off", "declined"})
"""Guards that say nothing against what was read."""


class UnknownFacts(Struct, frozen=True):
    """Fact → leads for which it is unknown, of `leads` in all; `some`: the first of them."""

    leads: int
    counts: Mapping[str, int] = field(default_factory=dict)
    some: Mapping[str, Sequence[str]] = field(default_factory=dict)


def unknown_facts(frame: pl.DataFrame) -> UnknownFacts:
    """Of all leads of a connection, in their order (`lead, fact.*`)."""
    facts = [name for name in frame.columns if name.startswith(FACT_PREFIX)]
    counts = {name: frame[name].null_count() for name in facts}
    some = {name: frame.filter(pl.col(name).is_null())["lead"].head(3).to_list() for name in facts}
    return UnknownFacts(
        frame.height,
        {name.removeprefix(FACT_PREFIX): count for name, count in counts.items()},
        {name.removeprefix(FACT_PREFIX): leads for name, leads in some.items()},
    )


def waited_measures(waited: Sequence[float]) -> dict[str, float]:
    """How long changes had waited for what a run wrote; nothing where it answered none."""
    if not waited:
        return {}
    ordered = sorted(waited)
    return {CHANGE_SECONDS: round(ordered[max(0, -(-len(ordered) * 19 // 20) - 1)], 1)}


def measures_of(
    now: Brought, *, calls: int, calls_left: int | None, allowances: int, news: int = 0
) -> dict[str, float]:
    """As the store keeps them with a run. `allowances`: guards that it was let through. `news`: of its reading."""
    measures: dict[str, float] = {
        "full": int(now.full),
        "leads_read": now.leads,
        "activities_read": now.activities,
        "calls": calls,
        "allowances": allowances,
        NEWS: news,
        **{_UNKNOWN + fact: share for fact, share in now.unknown.items()},
    }
    return measures if calls_left is None else {**measures, "calls_left": calls_left}


def looked_back(store: Store, connection: str) -> ReadRuns:
    """The runs that this one is compared with, as far as they can be read."""
    return store.runs.read(connection, limit=LOOKED_BACK, with_told=False)


def earlier_readings(runs: ReadRuns, *, before: int) -> list[Brought]:
    """What earlier runs read, newest first, as far as it was believed. `before`: the number of the present run.

    Raises `StoreUnavailable` when nothing is left to compare with, because what is kept of runs is damaged.
    """
    readings = [_brought(run.started_at, run.measures) for run in runs.records if run.id < before and _believed(run)]
    if runs.damaged and not readings:
        raise StoreUnavailable(
            "what is kept of earlier runs is damaged: nothing is left to compare this one with",
            hint="restore a backup, or move the store away and run `crmsync run --full`",
        )
    return readings


def damage_notes(runs: ReadRuns) -> Iterator[str]:
    """Runs that nothing can be compared with, as nobody can read any more what is kept of them."""
    if runs.damaged:
        some = f"{'run' if len(runs.damaged) == 1 else 'runs'} {first_few([str(number) for number in runs.damaged])}"
        yield f"what is kept of {some} is damaged: this one is compared with others, and those cannot be undone"


def _believed(run: RunRecord) -> bool:
    """It came to its end and no guard of what was read stopped it; a dry run that was let through only looked."""
    stopped = any(breach.name not in _NO_JUDGEMENT for breach in run.breaches)
    ended = run.exit_code in _BELIEVED or (run.exit_code is not None and bool(run.breaches))
    looked = run.dry_run and bool(run.measures.get("allowances"))
    return bool(run.measures) and ended and not stopped and not looked


def _brought(at: datetime, measures: Mapping[str, float]) -> Brought:
    unknown = {name.removeprefix(_UNKNOWN): share for name, share in measures.items() if name.startswith(_UNKNOWN)}
    return Brought(
        at=at,
        full=bool(measures.get("full")),
        leads=int(measures.get("leads_read", 0)),
        activities=int(measures.get("activities_read", 0)),
        unknown=unknown,
    )
