"""`crmsync counters`: rotation counters out of one store and into another, by roster keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from crmsync.errors import UsageError
from crmsync.files import Unreadable, read_text
from crmsync.operations.run.ready import stored
from crmsync.run.counters import counters_from, stored_from
from crmsync.settings import Settings
from crmsync.store import Store

LARGEST_FILE_BYTES = 64_000_000

_Count = Annotated[int, Field(ge=0, le=10**12)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _State(_Part):
    """One person in one pool; see `crmsync.route.rotation.counters`."""

    turns: Annotated[int, Field(ge=-(10**12), le=10**12)]
    lag: tuple[int, Annotated[int, Field(gt=0)]] | None = None
    day: str | None = None
    today: _Count | None = None
    week: str | None = None
    this_week: _Count | None = None
    owed: _Count | None = None


class _File(_Part):
    format: Literal[1]
    counters: dict[str, dict[str, dict[str, _State]]]

    @model_validator(mode="after")
    def _lags_add_up(self) -> _File:
        for connection, pools in self.counters.items():
            for pool, people in pools.items():
                if sum(Fraction(*state.lag) for state in people.values() if state.lag):
                    raise ValueError(f"the lags of pool {pool} of {connection} do not add up to zero")
        return self


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken over for one connection. `unknown`: keys that are not in the roster here; their counts wait."""

    connection: str
    pools: int
    turns: int
    unknown: tuple[str, ...]


def export_counters(settings: Settings, connections: Sequence[str]) -> dict[str, Any]:
    """The counters of these connections (all when none is named): pool → roster key → state.

    Raises `UsageError` when nothing is stored of a connection yet.
    """
    with closing(Store(settings.store)) as store:
        counters = {
            configuration.name: counters_from(
                store.journal.turns(configuration.name), stored(settings, configuration, store).roster
            )
            for configuration in settings.chosen(tuple(connections))
        }
    return {"format": 1, "counters": counters}


def import_counters(
    settings: Settings, path: Path, *, replace: bool, now: Callable[[], datetime]
) -> tuple[Imported, ...]:
    """Take over the counters in this file, connection by connection.

    Raises `UsageError` for a file that is none, a connection that is not configured or not read yet, one that has
    counters already (without `replace`), and one with changes still open.
    """
    wanted = _read(path)
    configurations = settings.chosen(tuple(wanted))
    with closing(Store(settings.store)) as store:
        rosters = {each.name: stored(settings, each, store).roster for each in configurations}
        for name in rosters:
            if store.journal.turns(name) and not replace:
                raise UsageError(
                    f"the store has counters of {name} already", hint="--replace puts these in their place"
                )
            if store.journal.pending(name):
                raise UsageError(f"changes of {name} are still open", hint=f"`crmsync run {name}` settles them")
        done = []
        for name, roster in rosters.items():
            with store.hold(name, now=now()):
                store.journal.replace_turns(name, stored_from(wanted[name], roster))
            known = {member.key for member in roster.members}
            keys = {key for people in wanted[name].values() for key in people}
            turns = sum(state["turns"] for people in wanted[name].values() for state in people.values())
            done.append(Imported(name, len(wanted[name]), turns, tuple(sorted(keys - known))))
    return tuple(done)


def _read(path: Path) -> Mapping[str, dict[str, dict[str, dict[str, Any]]]]:
    hint = "`crmsync counters export --out counters.json` writes such a file"
    try:
        read = _File.model_validate(json.loads(read_text(path, largest_bytes=LARGEST_FILE_BYTES)), strict=False)
    except Unreadable as error:
        raise UsageError(f"{path} cannot be read: {error}", hint=hint) from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}:{error.colno}: this is no JSON", hint=hint) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        words = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(f"{path}: {place + ': ' if place else ''}{words}", hint=hint) from None
    return read.model_dump(exclude_none=True)["counters"]  # type: ignore[no-any-return]
