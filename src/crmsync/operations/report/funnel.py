"""`crmsync report funnel`: from stage to stage, in all and by cohort, source, campaign, segment, owner or team."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.figures.funnel import ENDS, Funnel, FunnelStage, funnel
from crmsync.figures.ways import Per, passes, persons
from crmsync.model import FACT_PREFIX
from crmsync.operations.report.estimates import estimate_json
from crmsync.operations.report.parting import refuse_too_many
from crmsync.operations.report.ways import Ways, ways_of
from crmsync.operations.run.ready import every_stored
from crmsync.settings import Settings
from crmsync.store import Store

Cohort = Literal["week", "month", "quarter"]
COHORTS: Mapping[Cohort, str] = {"week": "1w", "month": "1mo", "quarter": "1q"}
OWN = ("cohort", "segment", "owner", "team")
SOURCES: Mapping[str, str] = {"source": "lead_source"}
"""What people call it → the fact that starter mappings have for it."""


@dataclass(frozen=True, slots=True)
class FunnelRequest:
    """`by`: what to part leads by, of OWN or a fact's name. `since`: only who came from this day on; null = all."""

    per: Per = "attempt"
    by: tuple[str, ...] = ()
    cohort: Cohort = "month"
    within_days: int = 90
    since: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class FunnelPart:
    """The funnel of one part of the leads. `name`: null = not known, or nobody. `label`: as people call it."""

    name: str | None
    label: str | None
    funnel: Funnel

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {"name": self.name, "label": self.label, **_funnel_json(self.funnel)}


@dataclass(frozen=True, slots=True)
class FunnelReport:
    """One connection. `parts`: what leads are parted by → their funnels, the largest first, cohorts by time."""

    connection: str
    as_of: date
    request: FunnelRequest
    labels: Mapping[str, str]
    whole: Funnel
    parts: Mapping[str, tuple[FunnelPart, ...]]

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat(),
            "per": self.request.per,
            "since": self.request.since.isoformat() if self.request.since else None,
            "within_days": self.request.within_days,
            "cohort": self.request.cohort,
            **_funnel_json(self.whole),
            "by": [{"name": name, "parts": [it.to_json() for it in parts]} for name, parts in self.parts.items()],
        }


def funnel_reports(
    settings: Settings,
    connections: Sequence[str],
    request: FunnelRequest,
    *,
    now: Callable[[], datetime],
) -> Iterator[FunnelReport]:
    """One report for each connection (all when none is named), from what is stored.

    Raises `UsageError` where leads are to be parted by something that there is not, or into too many parts.
    """
    with closing(Store(settings.store)) as store:
        for prepared in every_stored(settings, connections, store, now):
            day = request.as_of or local_day(now(), prepared.org.time_zone)
            yield _report(prepared, store, request, day)


def _report(prepared: Prepared, store: Store, request: FunnelRequest, day: date) -> FunnelReport:
    columns = {name: _column(name, prepared) for name in request.by}
    ways = ways_of(prepared, store, day)
    told = _passes(ways, request)
    policy = prepared.settings.policy
    groups = told.join(_told_of_leads(ways, prepared, store, request.by), on="lead", how="left")
    groups = groups.with_columns(cohort=_cohort(request.cohort))
    stages = ways.ladder.stages

    def of(frame: pl.DataFrame) -> Funnel:
        return funnel(frame, stages, today=day, within_days=request.within_days)

    return FunnelReport(
        connection=prepared.name,
        as_of=day,
        request=request,
        labels={stage: policy.label_of(stage) or stage for stage in stages},
        whole=of(told),
        parts={name: _parts(name, groups, column, of, prepared.user_names) for name, column in columns.items()},
    )


def _passes(ways: Ways, request: FunnelRequest) -> pl.DataFrame:
    people = dict(ways.leads.select("lead", "person").iter_rows())
    told = passes(ways.steps, ways.ladder) if request.per == "attempt" else persons(ways.steps, people, ways.ladder)
    return told if request.since is None else told.filter(pl.col("entered") >= request.since)


def _cohort(cohort: Cohort) -> pl.Expr:
    """The first day of the week, month or quarter in which it came."""
    return pl.col("entered").dt.truncate(COHORTS[cohort]).dt.to_string("%Y-%m-%d")


def _column(name: str, prepared: Prepared) -> str:
    """The column that tells it. Raises `UsageError` where there is none."""
    facts = prepared.mapping.fact_types
    if name in OWN:
        return name
    for fact in (name, SOURCES.get(name, name)):
        if fact in facts:
            return FACT_PREFIX + fact
    some = sorted(fact for fact, kind in facts.items() if kind in ("text", "choice", "boolean"))
    raise UsageError(f"leads cannot be parted by `{name}`", hint=f"there is {', '.join((*OWN, *some))}")


def _told_of_leads(ways: Ways, prepared: Prepared, store: Store, by: Sequence[str]) -> pl.DataFrame:
    """What leads can be parted by, one row a lead."""
    teams = {member.user: member.person.team for member in prepared.roster.members}
    leads = ways.leads.drop("person").with_columns(
        team=pl.col("owner").replace_strict(teams, default=None, return_dtype=pl.String)
    )
    if "segment" not in by:
        return leads.with_columns(segment=pl.lit(None, pl.String))
    decided = store.history.decisions(prepared.name, leads["lead"].to_list())
    rows = [(lead, one.details.get("policy")) for lead, one in decided.items()]
    segments = pl.DataFrame(rows, schema={"lead": pl.String, "segment": pl.String}, orient="row")
    return leads.join(segments, on="lead", how="left")


def _parts(
    name: str,
    groups: pl.DataFrame,
    column: str,
    of: Callable[[pl.DataFrame], Funnel],
    people: Mapping[str, str],
) -> tuple[FunnelPart, ...]:
    named = groups.with_columns(_part=pl.col(column).cast(pl.String))
    refuse_too_many(name, named["_part"].n_unique())
    called = people if column == "owner" else {}
    parts = [
        FunnelPart(part, called.get(part, part), of(frame))
        for (part,), frame in named.group_by("_part", maintain_order=True)
    ]
    if column == "cohort":
        return tuple(sorted(parts, key=lambda part: (part.name is None, part.name)))
    return tuple(sorted(parts, key=lambda part: (part.name is None, -part.funnel.entered, part.name)))


def _funnel_json(whole: Funnel) -> dict[str, Any]:
    return {
        "entered": whole.entered,
        "arrived": whole.arrived,
        "overall": estimate_json(whole.overall),
        "few": whole.few,
        "stages": [_stage_json(stage) for stage in whole.stages],
    }


def _stage_json(stage: FunnelStage) -> dict[str, Any]:
    return {
        "stage": stage.stage,
        "reached": stage.reached,
        "stood": stage.stood,
        "moved_on": stage.moved_on,
        "ended": {end: stage.ended.get(end, 0) for end in ENDS},
        "open": stage.open,
        "dated": stage.dated,
        "within": estimate_json(stage.within),
        "median_days": estimate_json(stage.median_days),
        "few": stage.few,
    }
