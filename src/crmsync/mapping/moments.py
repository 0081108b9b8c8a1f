"""When an activity happened (`at` in a mapping file): which fields tell, and the day and instant that they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import polars as pl
from msgspec import Struct
from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from crmsync.mapping.conditions import Test, holds
from crmsync.mapping.convert import day, filled, instant
from crmsync.mapping.parts import MappingPart, Names


class Moment(MappingPart):
    """One way to tell when it was: a field (`from`), or the earliest of several, `when` these tests hold.

    `earliest` goes by days; of two on one day the one with a time of day counts. So what was done is never later than
    its being ticked off, and a day without a time hides none that is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)
    from_: str | None = Field(None, alias="from")
    earliest: Names | None = None
    when: Mapping[str, Test] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_answer(self) -> Moment:
        if (self.from_ is None) == (self.earliest is None):
            raise ValueError("give either `from` (a field) or `earliest` (a list of fields)")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The native fields that tell."""
        return (self.from_,) if self.from_ is not None else self.earliest or ()


def _as_moments(value: Any) -> Any:
    listed = value if isinstance(value, list | tuple) else [value]
    return [{"from": one} if isinstance(one, str) else one for one in listed]


Moments = Annotated[tuple[Moment, ...], BeforeValidator(_as_moments)]


class Told(Struct, frozen=True):
    """Expressions over native records: `there` (something is said of when), `day` (Date), `at` (Datetime us UTC).

    They need the columns `read` beside the fields: what each field tells, converted once however often it counts.
    """

    there: pl.Expr
    day: pl.Expr
    at: pl.Expr
    read: Mapping[str, pl.Expr]


def told_by(moments: tuple[Moment, ...], zone: str) -> Told:
    """By the first of the moments that says something. `zone`: the org's, for the local day of an instant.

    A day that stands in the record is that day in every zone.
    """
    fields = dict.fromkeys(field for moment in moments for field in moment.fields)
    read = {column: expression for field in fields for column, expression in _read(field, zone)}
    each = [_told(moment) for moment in moments]
    first_day, first_at = pl.lit(None, pl.Date), pl.lit(None, pl.Datetime("us", "UTC"))
    for one in reversed(each):
        first_day = pl.when(one.there).then(one.day).otherwise(first_day)
        first_at = pl.when(one.there).then(one.at).otherwise(first_at)
    return Told(pl.any_horizontal([one.there for one in each]), first_day, first_at, read)


def _told(moment: Moment) -> Told:
    there = pl.any_horizontal([filled(field).is_not_null() for field in moment.fields])
    days = [pl.col(_day(field)) for field in moment.fields]
    instants = [pl.col(_instant(field)) for field in moment.fields]
    first = pl.min_horizontal(days)
    at = pl.coalesce([pl.when(on == first).then(at) for on, at in zip(days, instants, strict=True)])
    return Told(there & holds(moment.when) if moment.when else there, first, at, {})


def _read(field: str, zone: str) -> Iterator[tuple[str, pl.Expr]]:
    text = filled(field)
    yield _day(field), day(text, zone)
    yield _instant(field), instant(text)


def _day(field: str) -> str:
    return f"@day of {field}"


def _instant(field: str) -> str:
    return f"@instant of {field}"
