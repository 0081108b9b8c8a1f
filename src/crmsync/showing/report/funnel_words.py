"""Funnels in words and rows, for every form that they are shown in."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.estimate.fates import Estimate
from crmsync.figures.funnel import ENDS, Funnel, FunnelStage
from crmsync.operations.report.funnel import FunnelReport
from crmsync.showing.spreadsheet import Cell

NOT_KNOWN = "(not known)"
PER = {"attempt": "attempts", "person": "people"}
ENDED = {
    "disqualified": "disqualified",
    "sent_back": "sent back",
    "off_ladder": "gone to a stage off the ladder",
    "left": "gone from the CRM",
}
HEAD = (
    "connection",
    "by",
    "part",
    "stage",
    "reached",
    "stood",
    "moved_on",
    *ENDS,
    "open",
    "dated",
    "within",
    "within_low",
    "within_high",
    "median_days",
    "median_low",
    "median_high",
    "few",
)
"""Of the rows that `rows` gives."""


def heading(report: FunnelReport) -> str:
    """What the report is of."""
    since = f", those who came since {report.request.since}" if report.request.since else ""
    return f"funnel per {report.request.per}, as of {report.as_of}{since}"


def summary(report: FunnelReport, funnel: Funnel) -> str:
    """The whole way in one sentence."""
    top = report.labels[funnel.stages[-1].stage]
    unit = PER[report.request.per]
    days = report.request.within_days
    share = "nobody was seen so long" if funnel.overall is None else share_words(funnel.overall, few=funnel.few)
    return f"{funnel.entered:,} {unit} began below {top}, {funnel.arrived:,} came there; within {days} days: {share}"


def share_words(share: Estimate | None, *, few: bool) -> str:
    """A share with its interval; a star where few are known."""
    if share is None:
        return "–"
    return f"{100 * share.value:.0f} % ({100 * share.low:.0f}–{100 * share.high:.0f}){'*' if few else ''}"


def days_words(days: Estimate | None, *, few: bool) -> str:
    """Days with their interval."""
    if days is None:
        return "–"
    high = "" if days.high == float("inf") else f"{days.high:g}"
    return f"{days.value:g} ({days.low:g}–{high}){'*' if few else ''}"


def ended_words(stage: FunnelStage) -> str:
    """How those ended who did not move on."""
    return ", ".join(f"{stage.ended[end]:,} {ENDED[end]}" for end in ENDS if end in stage.ended)


def notes(report: FunnelReport) -> Iterator[str]:
    """What the reader has to know."""
    stages = [stage for funnel in _funnels(report) for stage in funnel.stages]
    if any(stage.few and stage.dated for stage in stages):
        yield "* fewer than 20: it says little"
    undated = sum(stage.stood - stage.dated for stage in report.whole.stages)
    if undated:
        yield (
            f"{undated:,} times somebody stood in a stage already when crmsync first saw it, and the CRM does not "
            "tell since when: counted, and no part of shares and days"
        )


def rows(report: FunnelReport) -> Iterator[tuple[Cell, ...]]:
    """One row for each stage of each part; without `by` = all."""
    yield from _rows(report, None, None, report.whole)
    for by, parts in report.parts.items():
        for part in parts:
            yield from _rows(report, by, part.label, part.funnel)


def _rows(report: FunnelReport, by: str | None, part: str | None, funnel: Funnel) -> Iterator[tuple[Cell, ...]]:
    for stage in funnel.stages:
        counts = (stage.reached, stage.stood, stage.moved_on, *(stage.ended.get(end, 0) for end in ENDS))
        share, days = _cells(stage.within, 6), _cells(stage.median_days, 1)
        ends = (stage.open, stage.dated, *share, *days, str(stage.few).lower())
        yield (report.connection, by, part, stage.stage, *counts, *ends)


def _cells(estimate: Estimate | None, digits: int) -> tuple[Cell, ...]:
    if estimate is None:
        return (None, None, None)
    told = (estimate.value, estimate.low, estimate.high)
    return tuple(None if value == float("inf") else round(value, digits) for value in told)


def _funnels(report: FunnelReport) -> Iterator[Funnel]:
    yield report.whole
    yield from (part.funnel for parts in report.parts.values() for part in parts)
