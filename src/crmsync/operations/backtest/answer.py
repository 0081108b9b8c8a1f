"""What a backtest is asked and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crmsync.operations.backtest.outcomes import Wanted
from crmsync.operations.simulate.policy import Wording
from crmsync.qualify.language.policy import Policy
from crmsync.tongue import to_say
from crmsync.tune.report import LeadGroup, Ranking, StageOutcomes
from crmsync.tune.suggest import Suggestion
from crmsync.values import asdict


@dataclass(frozen=True, slots=True)
class BacktestQuestion:
    """What is asked. `days`: moments, in days after creation. `without`: facts made unknown. `source`: the fact by
    which a source-only ranking is made. `line`, `hand_over`: the stage, or the hand-over, below which a winner is
    missed."""

    outcome: Wanted
    policy: Policy | None
    days: tuple[int, ...]
    without: tuple[str, ...]
    line: str | None
    hand_over: str | None
    source: str
    created_from: date | None
    created_to: date | None
    suggest: bool
    as_of: date | None


@dataclass(frozen=True, slots=True)
class ReplayedMoment:
    """What the replay shows at one moment. `missed`: winners below the line; `false_alarms`: others at or above it.

    `left_out`: why → how many leads. `hand_overs`: a line for each of several.
    """

    days: int
    leads: int
    winners: int
    left_out: Mapping[str, int]
    stages: tuple[LeadGroup, ...]
    lines: tuple[StageOutcomes, ...]
    scores: Mapping[str, tuple[LeadGroup, ...]]
    rankings: tuple[Ranking, ...]
    missed: tuple[str, ...]
    false_alarms: tuple[str, ...]
    suggestion: Suggestion | None
    hand_overs: tuple[StageOutcomes, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All keys, always, but for hand-overs: where there are several."""
        told = {**asdict(self), "lines": [one.to_json() for one in self.lines], "at": f"created+{self.days}"}
        del told["hand_overs"]
        return {**told, **({"hand_overs": [one.to_json() for one in self.hand_overs]} if self.hand_overs else {})}


WHY_LEFT_OUT: Mapping[str, str] = {
    why: why
    for why in (
        to_say("created outside the asked days"),
        to_say("without a day of creation"),
        to_say("too young"),
        to_say("without an outcome"),
        to_say("decided before the moment"),
    )
}
"""Why a lead is left out of a replay → the same as a message."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """One connection's replay. `present_values`: facts the policy asks for that may have changed since.

    `hand_over`: whose line is meant by missed winners and false alarms; null = that at the stage `line`.
    """

    connection: str
    as_of: date
    policy: Wording
    outcome: str
    line: str
    moments: tuple[ReplayedMoment, ...]
    present_values: tuple[str, ...]
    hidden: tuple[str, ...]
    cautions: tuple[str, ...]
    labels: Mapping[str, str]
    hand_over: str | None = None
    hand_over_labels: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat(),
            "policy": asdict(self.policy),
            "outcome": self.outcome,
            "line": self.line,
            **({"hand_over": self.hand_over} if self.hand_over else {}),
            "present_values": list(self.present_values),
            "hidden": list(self.hidden),
            "cautions": list(self.cautions),
            "moments": [moment.to_json() for moment in self.moments],
        }
