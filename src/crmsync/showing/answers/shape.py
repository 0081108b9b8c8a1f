"""What the models of answers have in common, and the shapes that several of them share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
"""A day such as 2026-11-21."""
Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""An instant with its zone, such as 2026-11-21T09:30:00+00:00."""
Format = Annotated[Literal[1], Field(description="The shape of this answer; another shape has another number.")]
Points = Annotated[tuple[int, int], Field(description="`[low, high]`, thousandths of a point.")]


def left_out() -> Any:
    """A key that is left out where there is nothing to tell. (As an unset default: `x: int = left_out()`.)"""
    return Field(default=None)


class Shape(BaseModel):
    """One object of an answer. What a key means stands below it."""

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, extra="forbid")


class Finding(Shape):
    """Something wrong in a file, or worth a look, and where."""

    file: str
    """The file, relative to crmsync.yaml."""
    line: int | None
    """Its line, from 1; null = the whole file is meant."""
    column: int | None
    """Its column, from 1; null as with `line`."""
    severity: Literal["error", "warning"]
    """An error stops runs, a warning does not."""
    message: str
    """What is wrong."""
    hint: str | None
    """What to do; null = the message says it."""


class Used(Shape):
    """How many leads of a limit are used up."""

    has: int
    """Leads so far."""
    most: int | None
    """The limit; null = there is none."""


class Counts(Shape):
    """A number before and after."""

    before: int
    """Before, or under the policy compared with."""
    after: int
    """After, or under the policy that is tried."""


class Counter(Shape):
    """The new owner's turns in the pool."""

    before: int | None
    """Turns before this one; null = nothing was counted."""
    after: int | None
    """Turns with this one; null = nothing was counted."""


class PassedOver(Shape):
    """Somebody who did not get the lead."""

    user: str
    """The CRM's id of the person."""
    why: str
    """In words, without personal data."""


class PoolsPart(Shape):
    """A pool that shares leads with others."""

    pool: str
    """Its name."""
    weight: int
    """Its part."""


class PoolsTurn(Shape):
    """The turn of a pool."""

    rotation: str
    """The rotation's name in the counters."""
    counter: Counter
    """The pool's turns in it."""
    pools: list[PoolsPart]
    """Those among which the turn was shared; empty = an earlier run has counted it."""
