"""`crmsync counters`: rotation counters out of one store and into another, by roster keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from crmsync.errors import UsageError
from crmsync.operations.files.counters_file import read_counters
from crmsync.operations.run.ready import stored
from crmsync.route.people.member import whole_weights
from crmsync.route.roster.defaults import DIRECT, is_between
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.rotation.counters import Ledger
from crmsync.run.counters import Counters, counters_from, stored_from
from crmsync.settings import Settings
from crmsync.store import Store


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken over for one connection.

    `unknown`: keys that are not in the roster here, `unknown_pools` the same of pools; their counts wait.
    """

    connection: str
    pools: int
    turns: int
    unknown: tuple[str, ...]
    unknown_pools: tuple[str, ...]


def export_counters(settings: Settings, connections: Sequence[str]) -> dict[str, Any]:
    """The counters of these connections (all when none is named): pool → roster key → state.

    Raises `UsageError` when nothing is stored of a connection yet.
    """
    with closing(Store(settings.store)) as store:
        counters = {
            configuration.name: _with_shares(
                counters_from(store.journal.turns(configuration.name), stored(settings, configuration, store).roster)
            )
            for configuration in settings.chosen(tuple(connections))
        }
    return {"format": 1, "counters": counters}


def _with_shares(counters: Counters) -> Counters:
    """Each state with its `share`, where there is a rotation."""
    return {
        pool: {
            key: state if pool == DIRECT else {**state, "share": _pair(state["turns"] + _lag(state))}
            for key, state in people.items()
        }
        for pool, people in counters.items()
    }


def _lag(state: Mapping[str, Any]) -> Fraction:
    return Fraction(*state.get("lag", (0, 1)))


def _pair(number: Fraction) -> list[int]:
    return [number.numerator, number.denominator]


def _taken_over(counters: Counters, roster: ResolvedRoster, path: Path) -> Counters:
    """The file's counters as routing keeps them: turns that were edited are had, or not had, by the pool's weights.

    Raises `UsageError` where turns, share and lag cannot belong together.
    """
    taken: Counters = {}
    for pool, people in counters.items():
        edited: dict[str, int] = {}
        taken[pool] = {}
        for key, state in people.items():
            turns = state["turns"] if "share" not in state else Fraction(*state["share"]) - _lag(state)
            if turns != int(turns):
                raise UsageError(
                    f"{path}: {pool}.{key}: turns, share and lag do not belong together",
                    hint="edit `turns` only; share and lag follow from them",
                )
            edited[key] = state["turns"] - int(turns)
            taken[pool][key] = {
                **{name: value for name, value in state.items() if name != "share"},
                "turns": int(turns),
            }
        if any(edited.values()):
            taken[pool] = _moved(pool, taken[pool], edited, roster)
    return taken


def _moved(
    pool: str, people: dict[str, dict[str, Any]], edited: Mapping[str, int], roster: ResolvedRoster
) -> dict[str, dict[str, Any]]:
    """The pool's states with so many turns more or less, as if the rotation had given them."""
    ledger = Ledger({pool: people})
    members = [each for each in roster.pools.get(pool, ()) if each.active]
    weights = whole_weights(members) if members else [*roster.shares.get(pool, dict.fromkeys(people, 1)).items()]
    for key, turns in edited.items():
        if turns:
            ledger.rotation(pool).credit(key, weights, turns)
    return ledger.counters()[pool]


def import_counters(
    settings: Settings, path: Path, *, replace: bool, now: Callable[[], datetime]
) -> tuple[Imported, ...]:
    """Take over the counters in this file, connection by connection. Edited turns count like any other.

    Raises `UsageError` for a file that is none, a connection that is not configured or not read yet, one that has
    counters already (without `replace`), and one with changes still open; `AnotherRunInProgress` while one works.
    """
    wanted = read_counters(path, latest=now().date() + timedelta(days=1))
    configurations = settings.chosen(tuple(wanted))
    with closing(Store(settings.store)) as store, ExitStack() as alone:
        rosters = {each.name: stored(settings, each, store).roster for each in configurations}
        for name in sorted(rosters):  # no run gives anybody a turn between what is looked at here and what is written
            alone.enter_context(store.hold(name, now=now()))
        for name in rosters:
            if store.journal.turns(name) and not replace:
                raise UsageError(
                    f"the store has counters of {name} already", hint="--replace puts these in their place"
                )
            if store.journal.pending(name):
                raise UsageError(f"changes of {name} are still open", hint=f"`crmsync run {name}` settles them")
        taken = {name: _taken_over(wanted[name], roster, path) for name, roster in rosters.items()}
        done = []
        for name, roster in rosters.items():
            store.journal.replace_turns(name, stored_from(taken[name], roster))
            known = {member.key for member in roster.members}
            keys = {key for pool, people in wanted[name].items() if not is_between(pool) for key in people}
            turns = sum(state["turns"] for people in wanted[name].values() for state in people.values())
            pools = wanted[name].keys() - {*roster.pools, *roster.shares, DIRECT}
            done.append(Imported(name, len(wanted[name]), turns, tuple(sorted(keys - known)), tuple(sorted(pools))))
    return tuple(done)
