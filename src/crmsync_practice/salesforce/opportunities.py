"""What follows from an opportunity's stage, amount and close date, as in an org with standard settings [MEM]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stage:
    """One value of StageName; `forecast` is the ForecastCategory's API name."""

    label: str
    probability: int
    forecast: str = "Pipeline"
    closed: bool = False
    won: bool = False

    @property
    def forecast_name(self) -> str:
        """The ForecastCategoryName, which has names of its own."""
        return {"BestCase": "Best Case", "MostLikely": "Most Likely", "Forecast": "Commit"}.get(
            self.forecast, self.forecast
        )


STAGES = (
    Stage("Prospecting", 10),
    Stage("Qualification", 10),
    Stage("Proposal/Price Quote", 75),
    Stage("Closed Won", 100, "Closed", closed=True, won=True),
    Stage("Closed Lost", 0, "Omitted", closed=True),
)
_BY_LABEL = {each.label: each for each in STAGES}


def stage_of(label: str) -> Stage:
    """The stage of this name; any other text is an open one, or a closed one when it says so."""
    return _BY_LABEL.get(label) or Stage(label, 0, closed=label.startswith("Closed"))


def follow_stage(values: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The columns that follow; a probability or forecast that was given stands until the stage moves."""
    known = {**(before or {}), **values}
    stage = stage_of(str(known.get("StageName") or ""))
    moved = before is None or before.get("StageName") != known.get("StageName")
    found: dict[str, Any] = {"IsClosed": int(stage.closed), "IsWon": int(stage.won)}
    if moved:
        found |= {"ForecastCategory": stage.forecast}
        found |= {"Probability": float(stage.probability)} if values.get("Probability") is None else {}
        found |= {"ForecastCategoryName": stage.forecast_name} if values.get("ForecastCategoryName") is None else {}
    amount, probability = known.get("Amount"), {**known, **found}.get("Probability")
    found["ExpectedRevenue"] = None if amount is None or probability is None else amount * probability / 100
    if known.get("CloseDate"):
        year, month = int(known["CloseDate"][:4]), int(known["CloseDate"][5:7])
        quarter = (month + 2) // 3
        found |= {"FiscalYear": year, "FiscalQuarter": quarter, "Fiscal": f"{year} {quarter}"}
    return found
