"""A hop that hands on another frame than it says is told so, whatever the data."""

from __future__ import annotations

import polars as pl
import pytest

from crmsync.model import DECIDED, DECIDED_BY_NAME, ROUTED, checked


def decided(**columns: pl.DataType | None) -> pl.DataFrame:
    """Null: without it."""
    schema = {**DECIDED, "score.fit.low": pl.Int64(), "verdict.x": pl.Boolean(), **columns}
    return pl.DataFrame(schema={name: kind for name, kind in schema.items() if kind is not None})


def test_what_is_as_said_goes_on() -> None:
    frame = decided()
    assert checked(frame, DECIDED, DECIDED_BY_NAME) is frame
    assert checked(pl.DataFrame(schema=dict(ROUTED)), ROUTED).width == len(ROUTED)


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (decided(stage_why=None), "stage_why: None, not String"),
        (decided(priority=pl.Float64()), "priority: Float64, not Int64"),
        (decided(more=pl.String()), "more: String, not None"),
        (decided(**{"score.fit.low": pl.Float64()}), "score.fit.low: Float64, not Int64"),
        (decided(**{"verdict.x": pl.String()}), "verdict.x: String, not Boolean"),
    ],
)
def test_what_differs_is_named(frame: pl.DataFrame, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        checked(frame, DECIDED, DECIDED_BY_NAME)
