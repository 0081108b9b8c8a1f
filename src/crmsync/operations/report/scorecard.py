"""`crmsync report scorecard`: what each campaign and source has brought, in several ways of giving credit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.figures.attribution import TOUCHES, WAYS, Way, arrivals_of
from crmsync.figures.scorecard import HANDED, ScorecardShare, ScoreLine, score_lines
from crmsync.figures.ways import passes
from crmsync.model import Batch
from crmsync.operations.report.estimates import estimate_json
from crmsync.operations.report.parting import refuse_too_many
from crmsync.operations.report.touches import KIND, USUAL, chosen, touches_in
from crmsync.operations.report.ways import ways_of
from crmsync.operations.run.ready import every_stored
from crmsync.settings import Settings
from crmsync.store import Store


@dataclass(frozen=True, slots=True)
class ScorecardRequest:
    """`by`: campaign, source, kind or a fact; none = campaign and source. `since`: attempts from this day on."""

    by: tuple[str, ...] = ()
    within_days: int = 90
    since: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What credits are parted by, and its lines in each way of giving credit."""

    by: str
    ways: Mapping[Way, tuple[ScoreLine, ...]]

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        ways = [{"way": way, "lines": [_line_json(it) for it in lines]} for way, lines in self.ways.items()]
        return {"by": self.by, "ways": ways}


@dataclass(frozen=True, slots=True)
class ScorecardReport:
    """One connection. `stages`: above the ladder's foot; `came`: how many came to each; `handed`: hand-offs."""

    connection: str
    as_of: date
    request: ScorecardRequest
    stages: tuple[str, ...]
    labels: Mapping[str, str]
    came: Mapping[str, int]
    handed: int
    cards: tuple[Scorecard, ...]

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat(),
            "since": self.request.since.isoformat() if self.request.since else None,
            "within_days": self.request.within_days,
            "stages": [{"stage": stage, "came": self.came[stage]} for stage in self.stages],
            "handed": self.handed,
            "cards": [card.to_json() for card in self.cards],
        }


def scorecard_reports(
    settings: Settings,
    connections: Sequence[str],
    request: ScorecardRequest,
    *,
    now: Callable[[], datetime],
) -> Iterator[ScorecardReport]:
    """One report for each connection (all when none is named), from what is stored.

    Raises `UsageError` where credits are to be parted by something that there is not, or into too many parts.
    """
    with closing(Store(settings.store)) as store:
        for prepared in every_stored(settings, connections, store, now):
            day = request.as_of or local_day(now(), prepared.org.time_zone)
            yield _report(prepared, store, request, day)


def _report(prepared: Prepared, store: Store, request: ScorecardRequest, day: date) -> ScorecardReport:
    by, zone = chosen(request.by, prepared), prepared.org.time_zone
    touches: dict[str, list[pl.DataFrame]] = {name: [pl.DataFrame(schema=dict(TOUCHES))] for name in by}

    def look_at(batch: Batch) -> None:
        for name, found in touches.items():
            found.append(touches_in(batch, name, prepared, zone))

    ways = ways_of(prepared, store, day, look_at)
    people = dict(ways.leads.select("lead", "person").iter_rows())
    attempts = passes(ways.steps, ways.ladder)
    arrivals = arrivals_of(attempts, ways.ladder.stages, people)
    if request.since is not None:
        entered = attempts.filter(pl.col("entered") >= request.since)
        arrivals = arrivals.join(entered, on=("unit", "number"), how="semi", maintain_order="left")
    given = _handed(prepared, store, people, attempts, request.since, day)
    stages = ways.ladder.stages[1:]
    policy = prepared.settings.policy
    came = dict(arrivals.group_by("stage").len().iter_rows())

    def card(name: str) -> Scorecard:
        told = pl.concat(touches[name])
        if name not in (*USUAL, KIND):  # campaigns, sources and kinds are what it is for, however many there are
            refuse_too_many(name, told["name"].n_unique())
        within = request.within_days
        return Scorecard(
            name,
            {way: score_lines(arrivals, given, told, stages, way, today=day, within_days=within) for way in WAYS},
        )

    return ScorecardReport(
        connection=prepared.name,
        as_of=day,
        request=request,
        stages=stages,
        labels={stage: policy.label_of(stage) or stage for stage in stages},
        came={stage: came.get(stage, 0) for stage in stages},
        handed=given.height,
        cards=tuple(card(name) for name in by),
    )


def _handed(
    prepared: Prepared, store: Store, people: Mapping[str, str], attempts: pl.DataFrame, since: date | None, day: date
) -> pl.DataFrame:
    """Schema HANDED: every hand-off up to the day; the attempt that it is of began after the last end before it."""
    ends: dict[str, list[date]] = {}
    for lead, _, until in attempts.group_by("unit", "number").agg(pl.col("until").last()).iter_rows():
        if until is not None:
            ends.setdefault(lead, []).append(until)

    def known(moment: datetime | None) -> bool:
        return moment is not None and local_day(moment, prepared.org.time_zone) <= day

    rows = []
    for it in store.hand_offs.read(prepared.name):
        on = local_day(it.handed_at, prepared.org.time_zone)
        if on > day or (since is not None and on < since):
            continue
        after = max((end for end in ends.get(it.lead, ()) if end < on), default=None)
        returned = known(it.returned_at)
        answered = returned or known(it.accepted_at) or known(it.ended_at)
        reason = it.reason if returned else None
        rows.append((it.lead, it.id, people.get(it.lead, it.lead), on, after, answered, returned, reason))
    return pl.DataFrame(rows, schema=dict(HANDED), orient="row")


def _line_json(line: ScoreLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "stages": [{"stage": stage, "credit": round(credit, 6)} for stage, credit in line.stages.items()],
        "yields": [{"stage": it.start, "to": it.to, **_share_json(it.share)} for it in line.yields],
        "handed": round(line.handed, 6),
        "returned": _share_json(line.returned),
        "reasons": [{"reason": reason, "credit": round(credit, 6)} for reason, credit in line.reasons.items()],
    }


def _share_json(share: ScorecardShare) -> dict[str, Any]:
    return {"of": round(share.of, 6), "share": estimate_json(share.estimate), "few": share.few}
