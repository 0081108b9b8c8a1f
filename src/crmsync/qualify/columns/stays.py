"""The lead's way through the stages as lead columns: whether it stands in a stage, how long, how often it came there.

What was before the decision's own day counts, see `aged`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl
from msgspec import Struct

from crmsync.qualify.columns.since import aged

_begun, _ended = pl.col("#begun"), pl.col("#ended")
_DTYPES: Mapping[str, pl.DataType] = {"lasts": pl.Boolean(), "length": pl.Int32(), "times": pl.Int32()}


class Stay(Struct, frozen=True):
    """Lead columns of one stage. `lasts`: it stands there (Boolean). `length`: days of the present or latest stay
    there (Int32), null = not known, or none. `times`: stays there (Int32). All null where nobody knows the past.
    """

    lasts: pl.Expr
    length: pl.Expr
    times: pl.Expr


def stay_of(stage: str) -> Stay:
    """The columns that `with_stays` makes."""
    return Stay(*(pl.col(_column(what, stage)) for what in _DTYPES))


def stay_columns(
    rows: pl.Series, stays: pl.DataFrame | None, stages: Collection[str], today: int, lowest: str
) -> pl.DataFrame:
    """One row for each of `rows`, the columns of all these stages. `stays`: see `Batch`; `today`: a day number."""
    frame = pl.DataFrame({"row": rows})
    if stays is None:
        return frame.with_columns(
            pl.lit(None, dtype=dtype).alias(_column(what, stage))
            for stage in stages
            for what, dtype in _DTYPES.items()
        ).drop("row")
    known = aged(stays, today, lowest).sort("#begun", "#ended", nulls_last=False)
    latest_ended = _ended.fill_null(0).first()
    for stage in stages:
        told = {"lasts": latest_ended == 0, "length": _begun.first() - latest_ended, "times": pl.len()}
        found = known.filter(pl.col("stage") == stage).group_by("row", maintain_order=True)
        of_stage = found.agg(value.cast(_DTYPES[what]).alias(_column(what, stage)) for what, value in told.items())
        frame = frame.join(of_stage, on="row", how="left", maintain_order="left").with_columns(
            pl.col(_column("lasts", stage)).fill_null(False), pl.col(_column("times", stage)).fill_null(0)
        )
    return frame.drop("row")


def _column(what: str, stage: str) -> str:
    return f"#stay.{what}.{stage}"
