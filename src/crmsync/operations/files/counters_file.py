"""A file of rotation counters: what may stand in it. It is edited by hand, and decides who gets leads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from crmsync.errors import UsageError
from crmsync.files import Unreadable, read_text
from crmsync.route.rotation.counters import KEPT_DAYS

LARGEST_FILE_BYTES = 64_000_000

MOST_TURNS = 10**12


def _a_day(text: str) -> str:
    """As the counters write it, so that days compare as texts."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ValueError(f"`{text}` is no day: write it as 2026-11-21")
    return text


_Count = Annotated[int, Field(ge=0, le=MOST_TURNS)]
_Name = Annotated[str, Field(min_length=1, max_length=1000)]
_Parts = tuple[Annotated[int, Field(ge=-(10**42), le=10**42)], Annotated[int, Field(gt=0, le=10**30)]]
"""An exact fraction: weights of many people who came and went make large denominators."""


_Day = Annotated[str, AfterValidator(_a_day)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _State(_Part):
    """One person in one pool; see `crmsync.route.rotation.counters`.

    `turns` are below zero only where they were so in the store: turns of before an import were given back after it.
    `share`: what fell to the person by weight, exact. It is turns plus lag, so turns that were edited show.
    """

    turns: Annotated[int, Field(ge=-MOST_TURNS, le=MOST_TURNS)]
    share: _Parts | None = None
    lag: _Parts | None = None
    day: date | None = None
    today: _Count | None = None
    week: Annotated[str, Field(pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$")] | None = None
    this_week: _Count | None = None
    earlier: Annotated[dict[_Day, _Count], Field(max_length=KEPT_DAYS)] | None = None
    owed: _Count | None = None

    @model_validator(mode="after")
    def _can_be(self) -> _State:
        for name in ("share", "lag"):
            parts = getattr(self, name)
            if parts and abs(Fraction(*parts)) > MOST_TURNS:
                raise ValueError(f"{name} is more than {MOST_TURNS:,} turns")
        exported = Fraction(*self.share) - Fraction(*(self.lag or (0, 1))) if self.share else Fraction(0)
        if self.turns < 0 <= exported:
            raise ValueError(f"turns are {self.turns}, and nobody has had fewer than none")
        if self.earlier and (self.day is None or max(self.earlier) >= self.day.isoformat()):
            raise ValueError("`earlier` holds days before `day`")
        return self


class _File(_Part):
    format: Annotated[int, Field(ge=1, le=1)]
    counters: Annotated[dict[_Name, dict[_Name, dict[_Name, _State]]], Field(min_length=1)]

    @model_validator(mode="after")
    def _lags_add_up(self) -> _File:
        for connection, pools in self.counters.items():
            for pool, people in pools.items():
                if sum(Fraction(*state.lag) for state in people.values() if state.lag):
                    raise ValueError(f"the lags of pool {pool} of {connection} do not add up to zero")
        return self


def read_counters(path: Path, *, latest: date) -> Mapping[str, dict[str, dict[str, dict[str, Any]]]]:
    """Connection → pool → roster key → state. No state is of a day after `latest`: today, wherever the people are.

    Raises `UsageError`.
    """
    hint = "`crmsync counters export --out counters.json` writes such a file"
    try:
        text = read_text(path, largest_bytes=LARGEST_FILE_BYTES)
        json.loads(text, object_pairs_hook=_each_once)
        read = _File.model_validate_json(text)
    except Unreadable as error:
        raise UsageError(f"{path} cannot be read: {error}", hint=hint) from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}:{error.colno}: this is no JSON", hint=hint) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        words = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(f"{path}: {place + ': ' if place else ''}{words}", hint=hint) from None
    except RecursionError:
        raise UsageError(f"{path}: more is nested than counters are", hint=hint) from None
    except ValueError as error:  # a key that comes twice, a number of thousands of digits
        words = str(error) if isinstance(error, _Twice) else "a number has too many digits"
        raise UsageError(f"{path}: {words}", hint=hint) from None
    counters: dict[str, dict[str, dict[str, dict[str, Any]]]] = read.model_dump(exclude_none=True)["counters"]
    for connection, pools in counters.items():
        for pool, people in pools.items():
            for key, state in people.items():
                day = state.get("day")
                if day and day > latest:
                    message = f"{path}: {connection}.{pool}.{key}: the day {day} is yet to come"
                    raise UsageError(
                        message, hint="set this machine's clock right, or write the day of the last lead"
                    )
                if day:
                    people[key] = {**state, "day": day.isoformat()}
    return counters


class _Twice(ValueError):
    """A key that an object has twice: nobody knows which is meant."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        key = next(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        raise _Twice(f"`{key}` stands twice in one place")
    return found
