"""Scorecards in words and rows, for every form that they are shown in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crmsync.figures.attribution import Way
from crmsync.figures.scorecard import ScorecardShare, ScoreLine, Yield
from crmsync.operations.report.scorecard import ScorecardReport
from crmsync.operations.report.touches import KIND
from crmsync.qualify.criteria import plain
from crmsync.showing.foreign_text import MOST_OF_A_NAME, one_line
from crmsync.showing.report.estimates import FEW_NOTE, estimate_cells, share_words
from crmsync.showing.spreadsheet import Cell
from crmsync.tongue import Tongue, to_say

NAMES: Mapping[Way, str] = {
    "first": to_say("First touch"),
    "last": to_say("Last touch"),
    "linear": to_say("Linear"),
    "attempt": to_say("Per attempt"),
}
TOLD: Mapping[Way, str] = {
    "first": to_say("all credit to the first touch"),
    "last": to_say("all credit to the last touch before"),
    "linear": to_say("the same part to each touch before"),
    "attempt": to_say("all credit to the first touch since the attempt before ended"),
}
KINDS: Mapping[str, str] = {
    "campaign": to_say("Campaign"),
    "source": to_say("Source"),
    "kind": to_say("Kind of activity"),
}
MOST_REASONS, MOST_OF_A_REASON = 3, 60
"""So many of a line are told, and so much of each; files for programs hold all."""
HEAD = (
    "connection",
    "by",
    "name",
    "way",
    "what",
    "stage",
    "to",
    "reason",
    "credit",
    "share",
    "share_low",
    "share_high",
    "few",
)
"""Of the rows that `rows` gives. `what`: came, yield, handed, returned, reason."""


def heading(report: ScorecardReport, tongue: Tongue) -> str:
    """What the report is of."""
    day = tongue.day(report.as_of)
    if report.request.since is None:
        return tongue.say("scorecard as of {day}", day=day)
    since = tongue.day(report.request.since)
    return tongue.say("scorecard as of {day}, attempts since {since}", day=day, since=since)


def by_words(by: str, tongue: Tongue) -> str:
    """What credits are parted by."""
    return tongue.say(KINDS[by]) if by in KINDS else plain(by, tongue)


def name_words(name: str | None, by: str, tongue: Tongue) -> str:
    """A campaign or source as it is called; a kind of activity in the policy's words."""
    if name is None:
        return tongue.say("(not known)")
    return one_line(plain(name, tongue) if by == KIND else name, MOST_OF_A_NAME)


def called(lines: Sequence[ScoreLine], by: str, tongue: Tongue) -> Mapping[str | None, str]:
    """Name → what it is called in tables and charts: cut where it is a whole text, and no two alike."""
    told: dict[str | None, str] = {}
    taken: dict[str, int] = {}
    for line in lines:
        words = name_words(line.name, by, tongue)
        taken[words] = taken.get(words, 0) + 1
        told[line.name] = words if taken[words] == 1 else f"{words} ({taken[words]})"
    return told


def listed(lines: Sequence[ScoreLine], show: int) -> tuple[tuple[ScoreLine, ...], ScoreLine | None]:
    """Those to be listed, with what is not known at the end; and all others as one, of which no share is told.

    `show`: how many with a name (0 = all).
    """
    named, unknown = [it for it in lines if it.name is not None], [it for it in lines if it.name is None]
    first, rest = (named[:show], named[show:]) if show else (named, [])
    if not rest:
        return (*first, *unknown), None
    stages = {stage: sum(it.stages[stage] for it in rest) for stage in rest[0].stages}
    nothing = ScorecardShare(0.0, None, few=True)
    yields = tuple(Yield(it.start, it.to, nothing) for it in rest[0].yields)
    others = ScoreLine(None, stages, yields, sum(it.handed for it in rest), nothing, {})
    return (*first, *unknown), others


def others_words(lines: Sequence[ScoreLine], show: int, tongue: Tongue) -> str:
    """How many stand in the line of all others."""
    number = sum(it.name is not None for it in lines) - show
    return tongue.say_many("{number} other", "{number} others, together", number, number=tongue.number(number))


def credit_words(credit: float, tongue: Tongue) -> str:
    """Whole ones without decimals."""
    whole = round(credit)
    return tongue.number(whole) if abs(credit - whole) < 0.005 else tongue.number(round(credit, 1))


def share_told(share: ScorecardShare, tongue: Tongue) -> str:
    """With its interval and star."""
    return share_words(share.estimate, few=share.few, tongue=tongue)


def whole_way(line: ScoreLine) -> Yield | None:
    """From the first stage above the foot to the last one; null on a ladder that has only one of them."""
    return line.yields[-1] if line.yields else None


def reasons_words(line: ScoreLine, tongue: Tongue) -> str:
    """Why sales gave leads back, the most usual reason first."""
    unsaid = tongue.say("(no reason)")
    told = [
        f"{one_line(reason, MOST_OF_A_REASON) if reason else unsaid} {credit_words(credit, tongue)}"
        for reason, credit in [*line.reasons.items()][:MOST_REASONS]
    ]
    if (more := len(line.reasons) - MOST_REASONS) > 0:
        told.append(tongue.say_many("and {number} more", "and {number} more", more))
    return ", ".join(told)


def notes(report: ScorecardReport, tongue: Tongue) -> Iterator[str]:
    """What the reader has to know."""
    yield tongue.say(
        "shares are of those who came at least {days} days ago: who came later has not failed to move on",
        days=tongue.number(report.request.within_days),
    )
    shares = [
        share
        for card in report.cards
        for lines in card.ways.values()
        for line in lines
        for share in (*(each.share for each in line.yields), line.returned)
    ]
    if any(share.few and share.estimate is not None for share in shares):
        yield tongue.say(FEW_NOTE)
    if not report.cards:
        yield tongue.say("the mapping names neither a campaign nor a source")


def rows(report: ScorecardReport) -> Iterator[tuple[Cell, ...]]:
    """One row for each figure of each line, in every way of giving credit."""
    for card in report.cards:
        for way, lines in card.ways.items():
            for line in lines:
                begin = (report.connection, card.by, line.name, way)
                for stage, credit in line.stages.items():
                    yield (*begin, "came", stage, None, None, round(credit, 6), None, None, None, None)
                for each in line.yields:
                    yield (*begin, "yield", each.start, each.to, None, *_cells(each.share))
                yield (*begin, "handed", None, None, None, round(line.handed, 6), None, None, None, None)
                yield (*begin, "returned", None, None, None, *_cells(line.returned))
                for reason, credit in line.reasons.items():
                    yield (*begin, "reason", None, None, reason, round(credit, 6), None, None, None, None)


def _cells(share: ScorecardShare) -> tuple[Cell, ...]:
    return (round(share.of, 6), *estimate_cells(share.estimate, 6), str(share.few).lower())
