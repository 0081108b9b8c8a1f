"""Estimates as answers tell them."""

from __future__ import annotations

from crmsync.estimate.fates import Estimate


def estimate_json(estimate: Estimate | None) -> dict[str, float | None] | None:
    """With its interval, to six decimals; an end that lies beyond what was seen is null."""
    if estimate is None:
        return None
    told = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if value == float("inf") else round(value, 6) for name, value in told.items()}
