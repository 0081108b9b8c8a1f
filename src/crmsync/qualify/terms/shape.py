"""The common shape of everything a policy says, and the numbers it may use.

Parts of a policy are frozen pydantic models that refuse unknown keys. Bounds keep absurd numbers out before they
reach the arithmetic: days up to a hundred years, points up to a million, thresholds that a 64-bit float holds
exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
)

MOST_DAYS = 36_500
MOST_POINTS = 1_000_000
MOST_WEIGHT = 100
LARGEST_NUMBER = 10**15
LONGEST_TEXT = 500

Name = Annotated[str, Field(pattern=r"^\w[\w-]*$", max_length=60)]
"""A name that other parts refer to: letters of any language, digits, `_` and `-`."""

Words = Annotated[str, Field(min_length=1, max_length=500)]
"""Text for people."""

Days = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


def _bounded(limit: int, what: str) -> Callable[[Any], Any]:
    """Checks before pydantic does, because a union of types would complain once for each member."""

    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{what} belongs here, not {shown(value)}")
        if not -limit <= value <= limit:
            raise ValueError(f"{shown(value)} is too large; {what} lies between -{limit:,} and {limit:,}")
        return value

    return check


def _plain_value(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ValueError(f"a text of {len(value):,} characters; at most {LONGEST_TEXT} belong here")
    if isinstance(value, (bool, str)):
        return value
    return _bounded(LARGEST_NUMBER, "a word, a number, `true` or `false`")(value)


def _words_or_list(value: Any) -> Any:
    several = value if isinstance(value, (list, tuple)) else [value]
    if not several or not all(isinstance(word, str) for word in several):
        raise ValueError(f"a word or a list of words belongs here, not {shown(value)}")
    return value


def shown(value: Any) -> str:
    """A wrong value in a message, cut short."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "this list"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    text = "nothing" if value is None else f"`{value}`"
    return text if len(text) <= 60 else f"{text[:60]}…"


Number = Annotated[StrictInt | StrictFloat, BeforeValidator(_bounded(LARGEST_NUMBER, "a number"))]
Points = Annotated[StrictInt | StrictFloat, BeforeValidator(_bounded(MOST_POINTS, "a number of points"))]
Weight = Annotated[StrictInt | StrictFloat, BeforeValidator(_bounded(MOST_WEIGHT, "a weight"))]
Value = Annotated[
    StrictBool | StrictInt | StrictFloat | Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_TEXT)],
    BeforeValidator(_plain_value),
]
"""What a fact is compared with."""

Day = Annotated[date, Field(strict=True)]
OneOrMore = Annotated[
    Words | Annotated[tuple[Words, ...], Field(min_length=1, max_length=200)], BeforeValidator(_words_or_list)
]
"""One word, or a list of which any will do."""


def refuse_keys_without_value(value: Any) -> None:
    """Of what is asked, nothing stays open: `kind:` with nothing behind it would ask for any. Raises `ValueError`."""
    for key, given in value.items() if isinstance(value, dict) else ():
        if given is None:
            raise ValueError(f"`{key}` has no value\n→ write one, or take `{key}:` out")


class PolicyPart(BaseModel):
    """One piece of a policy: frozen, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


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
