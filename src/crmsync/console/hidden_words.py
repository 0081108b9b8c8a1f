"""What people wrote of leads, as those read it from whom personal data is hidden: that it is there, and no word."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.figures.scorecard import ScoreLine
from crmsync.operations.report.scorecard import ScorecardReport
from crmsync.run.left_alone import LeftAlone
from crmsync.tongue import Tongue
from crmsync.values import replace


def hidden_words(tongue: Tongue) -> str:
    """What stands in their place."""
    return tongue.say("(hidden)")


def without_reasons(reports: Sequence[ScorecardReport], tongue: Tongue) -> list[ScorecardReport]:
    """Scorecards with how many leads were sent back, and without the receivers' own words."""
    words = hidden_words(tongue)

    def line(of: ScoreLine) -> ScoreLine:
        if not of.reasons:
            return of
        told = sum(credit for reason, credit in of.reasons.items() if reason is not None)
        kept: dict[str | None, float] = {words: told} if told else {}
        kept |= {reason: credit for reason, credit in of.reasons.items() if reason is None}
        return replace(of, reasons=kept)

    return [
        replace(
            report,
            cards=tuple(
                replace(card, ways={way: tuple(map(line, lines)) for way, lines in card.ways.items()})
                for card in report.cards
            ),
        )
        for report in reports
    ]


def left_alone_told(left: LeftAlone | None, tongue: Tongue, *, hidden: bool) -> str:
    """Why crmsync leaves a lead alone. What somebody said of a hold is theirs; a pin names fields."""
    if left is None:
        return ""
    said = LeftAlone(left.lead, left.cause, hidden_words(tongue), left.until) if left.cause == "held" else left
    return (said if hidden else left).told(tongue, with_command=False)
