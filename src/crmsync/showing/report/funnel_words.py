"""Funnels in words and rows, for every form that they are shown in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.figures.funnel import ENDS, Funnel, FunnelStage
from crmsync.operations.report.funnel import FunnelReport
from crmsync.showing.report.estimates import FEW_NOTE, estimate_cells, share_words
from crmsync.showing.spreadsheet import Cell
from crmsync.tongue import Tongue, to_say

ENDED: Mapping[str, str] = {
    "disqualified": to_say("{number} disqualified"),
    "sent_back": to_say("{number} sent back"),
    "off_ladder": to_say("{number} gone to a stage off the ladder"),
    "left": to_say("{number} gone from the CRM"),
}
PARTED: Mapping[str, str] = {
    "cohort": to_say("Cohort"),
    "segment": to_say("Segment"),
    "owner": to_say("Owner"),
    "team": to_say("Team"),
    "source": to_say("Source"),
    "campaign": to_say("Campaign"),
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


def heading(report: FunnelReport, tongue: Tongue) -> str:
    """What the report is of."""
    day, since = tongue.day(report.as_of), report.request.since
    told = (
        tongue.say("funnel per person, as of {day}", day=day)
        if report.request.per == "person"
        else tongue.say("funnel per attempt, as of {day}", day=day)
    )
    return (
        told if since is None else tongue.say("{told}, those who came since {day}", told=told, day=tongue.day(since))
    )


def by_words(by: str, tongue: Tongue) -> str:
    """What leads are parted by."""
    return tongue.say(PARTED[by]) if by in PARTED else by


def part_words(label: str | None, tongue: Tongue) -> str:
    """One part."""
    return tongue.say("(not known)") if label is None else label


def summary(report: FunnelReport, funnel: Funnel, tongue: Tongue) -> str:
    """The whole way in one sentence."""
    share = (
        tongue.say("nobody was seen so long")
        if funnel.overall is None
        else share_words(funnel.overall, few=funnel.few, tongue=tongue)
    )
    told = {
        "entered": tongue.number(funnel.entered),
        "top": tongue.own(report.labels[funnel.stages[-1].stage]),
        "arrived": tongue.number(funnel.arrived),
        "days": report.request.within_days,
        "share": share,
    }
    if report.request.per == "person":
        return tongue.say(
            "{entered} people began below {top}, {arrived} came there; within {days} days: {share}", **told
        )
    return tongue.say(
        "{entered} attempts began below {top}, {arrived} came there; within {days} days: {share}", **told
    )


def ended_words(stage: FunnelStage, tongue: Tongue) -> str:
    """How those ended who did not move on."""
    return ", ".join(
        tongue.say(ENDED[end], number=tongue.number(stage.ended[end])) for end in ENDS if end in stage.ended
    )


def notes(report: FunnelReport, tongue: Tongue) -> Iterator[str]:
    """What the reader has to know."""
    if any(_starred(funnel) for funnel in _funnels(report)):
        yield tongue.say(FEW_NOTE)
    undated = sum(stage.stood - stage.dated for stage in report.whole.stages)
    if undated:
        yield tongue.say(
            "{number} times somebody stood in a stage already when crmsync first saw it, and the CRM does not "
            "tell since when: counted, and no part of shares and days",
            number=tongue.number(undated),
        )


def _starred(funnel: Funnel) -> bool:
    """Whether an estimate of it is shown with a star; of the last stage nobody moves on."""
    shown = [(funnel.few, funnel.overall), *((stage.few, stage.within) for stage in funnel.stages[:-1])]
    shown += [(stage.few, stage.median_days) for stage in funnel.stages]
    return any(few and estimate is not None for few, estimate in shown)


def rows(report: FunnelReport) -> Iterator[tuple[Cell, ...]]:
    """One row for each stage of each part; without `by` = all."""
    yield from _rows(report, None, None, report.whole)
    for by, parts in report.parts.items():
        for part in parts:
            yield from _rows(report, by, part.label, part.funnel)


def _rows(report: FunnelReport, by: str | None, part: str | None, funnel: Funnel) -> Iterator[tuple[Cell, ...]]:
    for stage in funnel.stages:
        counts = (stage.reached, stage.stood, stage.moved_on, *(stage.ended.get(end, 0) for end in ENDS))
        share, days = estimate_cells(stage.within, 6), estimate_cells(stage.median_days, 1)
        ends = (stage.open, stage.dated, *share, *days, str(stage.few).lower())
        yield (report.connection, by, part, stage.stage, *counts, *ends)


def _funnels(report: FunnelReport) -> Iterator[Funnel]:
    yield report.whole
    yield from (part.funnel for parts in report.parts.values() for part in parts)
