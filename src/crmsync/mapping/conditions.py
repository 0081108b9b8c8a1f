"""Questions about native fields (`when` in a mapping file), and their answer as a polars expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import polars as pl
from pydantic import AfterValidator, Field, model_validator

from crmsync.mapping.convert import filled
from crmsync.mapping.parts import MappingPart, NativeText
from crmsync.mapping.spelling import plain, plain_text

_TRUTHS = frozenset({"true", "false"})


def _that_runs(pattern: str) -> str:
    try:
        pl.Series([""]).str.contains(pattern, strict=True)
    except pl.exceptions.ComputeError:
        raise ValueError(
            f"`{pattern[:60]}` is not a pattern crmsync can run\n"
            "→ close its brackets; look-around and back-references are not possible"
        ) from None
    return pattern


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("this list is empty\n→ name the values, or leave the test out")
    return values


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_that_runs)]
"""A regular expression."""
Values = Annotated[tuple[NativeText, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]
"""Native values of which any will do; of none every lead would be taken, or none at all."""


class Test(MappingPart):
    """A question about one native field: `equals` (any of), `matches` (a regular expression), `known`.

    `equals` does not mind letter case, spaces, underscores and hyphens.
    """

    equals: Values | None = Field(None, description="the field holds one of these values")
    matches: Pattern | None = Field(None, description="regular expression searched in the field; linear-time dialect")
    known: bool | None = Field(None, description="true: the field holds something; false: it is empty")

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return value
        return {"equals": value if isinstance(value, list) else [value]}

    @model_validator(mode="after")
    def _says_something(self) -> Test:
        if self.equals is None and self.matches is None and self.known is None:
            raise ValueError("give a value, a list of values, `matches` or `known`")
        return self


def word_in(field: str) -> pl.Expr:
    """The word in a native field as it is compared, null where it is empty; String."""
    return plain_text(filled(field))


def holds(tests: Mapping[str, Test], word: Callable[[str], pl.Expr] = word_in) -> pl.Expr:
    """Whether every test holds; an empty field fails all but `known: false`. `word`: what stands for `word_in`."""
    return pl.all_horizontal(_test(field, test, word) for field, test in tests.items()).fill_null(False)


def any_holds(tests: Mapping[str, Test]) -> pl.Expr:
    """Whether one of the tests holds."""
    return pl.any_horizontal(
        pl.lit(False), *(_test(field, test, word_in) for field, test in tests.items())
    ).fill_null(False)


def _test(field: str, test: Test, word: Callable[[str], pl.Expr]) -> pl.Expr:
    return field_test(field, equals=test.equals, matches=test.matches, known=test.known, word=word)


def field_test(
    field: str,
    *,
    equals: tuple[str, ...] | None = None,
    matches: str | None = None,
    known: bool | None = None,
    word: Callable[[str], pl.Expr] = word_in,
) -> pl.Expr:
    """Whether all that is asked holds of the field; see `Test`."""
    value, parts = filled(field), []
    if equals is not None:
        truths = _TRUTHS.issuperset(equals)  # connectors give truth values in one spelling
        parts.append(value.is_in(list(equals)) if truths else word(field).is_in([plain(each) for each in equals]))
    if matches is not None:
        parts.append(value.str.contains(matches))
    if known is not None:
        parts.append(value.is_not_null() if known else value.is_null())
    return pl.all_horizontal(parts)
