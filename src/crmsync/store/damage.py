"""Values in the store that are not of their column's kind: SQLite keeps a text where a number is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from crmsync.errors import StoreUnavailable

_FAULTS = (TypeError, ValueError, KeyError, AttributeError, OverflowError, RecursionError, PolarsError)
_HINT = "restore a backup, or move the store away and run `crmsync run --full`"


def damaged_store(what: str) -> StoreUnavailable:
    """The error for a part of the store that nothing can be set aside of."""
    return StoreUnavailable(f"{what} in the store is damaged", hint=_HINT)


@contextmanager
def damage_in_words() -> Iterator[None]:
    """Raise what comes of decoding damaged values as `StoreUnavailable`. The values stay out of the words."""
    try:
        yield
    except _FAULTS as fault:
        raise damaged_store("something") from fault


def column(name: str, values: Sequence[Any], dtype: pl.DataType) -> tuple[pl.Series, list[int]]:
    """The values as a column, null for those that are not of its kind; and the places of these."""
    try:
        return pl.Series(name, values, dtype=dtype), []
    except (TypeError, OverflowError, PolarsError):
        sound = [_sound(value, dtype) for value in values]
        wrong = [place for place, (value, was) in enumerate(zip(sound, values, strict=True)) if value is not was]
        return pl.Series(name, sound, dtype=dtype), wrong


def _sound(value: Any, dtype: pl.DataType) -> Any:
    try:
        pl.Series([value], dtype=dtype)
    except (TypeError, OverflowError, PolarsError):
        return None
    return value
