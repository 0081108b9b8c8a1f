"""The common shape of everything a policy says, and the numbers it may use.

Parts of a policy are frozen pydantic models that refuse unknown keys. Bounds keep absurd numbers out before they
reach the arithmetic: days up to a hundred years, points up to a million, thresholds that a 64-bit float holds
exactly.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

MOST_DAYS = 36_500
MOST_POINTS = 1_000_000
LARGEST_NUMBER = 10**15

Name = Annotated[str, Field(pattern=r"^\w[\w-]*$", max_length=60)]
"""A name that other parts refer to: letters of any language, digits, `_` and `-`."""

Words = Annotated[str, Field(min_length=1, max_length=500)]
"""Text for people."""

Days = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Number = (
    Annotated[StrictInt, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
    | Annotated[StrictFloat, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER, allow_inf_nan=False)]
)
Points = (
    Annotated[StrictInt, Field(ge=-MOST_POINTS, le=MOST_POINTS)]
    | Annotated[StrictFloat, Field(ge=-MOST_POINTS, le=MOST_POINTS, allow_inf_nan=False)]
)
Value = StrictBool | Number | Annotated[StrictStr, Field(min_length=1, max_length=500)]
"""What a fact is compared with."""

Day = Annotated[date, Field(strict=True)]
OneOrMore = Words | Annotated[tuple[Words, ...], Field(min_length=1, max_length=200)]
"""One word, or a list of which any will do."""


class Part(BaseModel):
    """One piece of a policy: frozen, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def many(words: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """The words as a tuple; none for null."""
    if words is None:
        return ()
    return (words,) if isinstance(words, str) else words


def listed(words: tuple[str, ...], conjunction: str = "or") -> str:
    """`a, b or c`, for sentences."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
