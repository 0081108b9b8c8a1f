"""Which leads are the connection's at all (`lead: when` in a mapping file): the question, and what a CRM may be told.

A lead that does not fit is out of scope: it is not decided, not counted, not written, and nobody's load.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
from pydantic import Field, model_validator

from crmsync.contract import Narrowing, NativeField
from crmsync.mapping.conditions import Pattern, Values, field_test
from crmsync.mapping.convert import day, filled
from crmsync.mapping.parts import MappingPart
from crmsync.mapping.spelling import plain, plain_text

_ONE_ZONE = timedelta(days=1)
"""How far a day reaches over its ends in some zone."""


class ScopeTest(MappingPart):
    """A question about one native field of a lead; a value or a list of values alone means `equals`.

    `equals` and `none_of` do not mind letter case, spaces, underscores and hyphens. `after` and `before` take the
    field's day, of an instant the local day in the account's zone. All that is given has to hold. An empty field fits
    `none_of` and `known: false` alone.
    """

    equals: Values | None = Field(None, description="the field holds one of these values")
    none_of: Values | None = Field(None, description="the field holds none of these values")
    matches: Pattern | None = Field(None, description="regular expression searched in the field; linear-time dialect")
    known: bool | None = Field(None, description="true: the field holds something; false: it is empty")
    after: date | None = Field(None, description="its day is later than this one")
    before: date | None = Field(None, description="its day is earlier than this one")

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                key: [item] if key in ("equals", "none_of") and not isinstance(item, list | tuple) else item
                for key, item in value.items()
            }
        return {"equals": value if isinstance(value, list) else [value]}

    @model_validator(mode="after")
    def _says_something(self) -> "ScopeTest":
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError("give a value, a list of values, `none_of`, `matches`, `known`, `after` or `before`")
        return self


def in_scope(tests: Mapping[str, ScopeTest], zone: str) -> pl.Expr:
    """Whether every test holds of a native lead. `zone`: the account's."""
    return pl.all_horizontal(
        pl.lit(value=True), *(_test(name, test, zone) for name, test in tests.items())
    ).fill_null(value=False)


def _test(name: str, test: ScopeTest, zone: str) -> pl.Expr:
    value, parts = filled(name), []
    if test.equals is not None or test.matches is not None or test.known is not None:
        parts.append(field_test(name, equals=test.equals, matches=test.matches, known=test.known))
    if test.none_of is not None:
        parts.append(~plain_text(value).is_in([plain(word) for word in test.none_of]).fill_null(value=False))
    if test.after is not None:
        parts.append(day(value, zone) > test.after)
    if test.before is not None:
        parts.append(day(value, zone) < test.before)
    return pl.all_horizontal(parts)


def narrowings(tests: Mapping[str, ScopeTest], fields: Mapping[str, NativeField]) -> tuple[Narrowing, ...]:
    """What of the scope a CRM may be told, so that it sends less: never less than what fits.

    Words only where they come from a list that admits no others: elsewhere the CRM compares otherwise than we do.
    """
    return tuple(found for name, test in tests.items() for found in _narrowing(name, test, fields.get(name)))


def _narrowing(name: str, test: ScopeTest, field: NativeField | None) -> Iterator[Narrowing]:
    words = _exact(test.equals, field) if test.equals is not None and field is not None else None
    dated = field is not None and field.kind in ("date", "datetime")
    first = test.after - _ONE_ZONE if test.after is not None and dated else None
    if words or first is not None:
        yield Narrowing(name, words or None, first)


def _exact(words: Collection[str], field: NativeField) -> tuple[str, ...] | None:
    """The field's own spellings of these words; null where others may be there, too."""
    if field.kind == "reference":
        return tuple(words)
    wanted = {plain(word) for word in words}
    listed: tuple[str, ...] = ()
    if field.kind == "boolean":
        listed = ("true", "false")
    elif field.kind == "choice" and not field.open_choices:
        listed = tuple(choice.value for choice in field.choices)
    if not wanted <= {plain(word) for word in listed}:
        return None  # a record may hold a value that was taken off the list
    return tuple(word for word in listed if plain(word) in wanted)
