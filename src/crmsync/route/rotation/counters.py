"""The counters between runs: plain data in, plain data out, and in between one ledger that counts.

`Counters` maps pool → person's key → state, all JSON: `{"turns": 41, "lag": [5, 12], "day": "2026-11-21",
"today": 3, "week": "2026-W47", "this_week": 9, "earlier": {"2026-11-19": 6}, "owed": 250000}`. `lag` is an exact
fraction of a turn (left out when zero), `today` and `this_week` belong to that day and ISO week in the person's own
zone, `earlier` (left out when empty) has the days before it with any, as many as limits may ask for, `owed` (left out
when zero) is in millionths of a turn. People and pools that are not in the roster any more keep their state.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import gcd, lcm
from typing import Any

from msgspec import Struct, field

from crmsync.route.rotation.fair import Rotation

Counters = Mapping[str, Mapping[str, Mapping[str, Any]]]


KEPT_DAYS = 92
"""So many days are counted one by one: enough for a quarter, and for any month."""


class _Tally(Struct):
    """What one person got from one pool on the last day and in the last week with any, and on days before."""

    day: str = ""
    today: int = 0
    week: str = ""
    this_week: int = 0
    owed: int = 0
    earlier: dict[str, int] = field(default_factory=dict)

    def by_day(self) -> dict[str, int]:
        """Day → leads. Of a state that has no days yet, the rest of its week counts on the day before its last."""
        if not self.day:
            return {}
        rest = self.this_week - self.today
        if rest > 0 and not self.earlier:
            return {(date.fromisoformat(self.day) - timedelta(days=1)).isoformat(): rest, self.day: self.today}
        return {**self.earlier, self.day: self.today}


class Ledger:
    """Counts during one assignment. `rotation(pool)` may be changed by its user; `note` counts days and weeks."""

    def __init__(self, counters: Counters) -> None:
        self._rotations = {pool: _rotation(people) for pool, people in counters.items()}
        self._tallies = {
            (pool, key): _Tally(
                state.get("day", ""),
                state.get("today", 0),
                state.get("week", ""),
                state.get("this_week", 0),
                state.get("owed", 0),
                dict(state.get("earlier", {})),
            )
            for pool, people in counters.items()
            for key, state in people.items()
        }
        self._by_person: dict[str, list[_Tally]] = {}
        for (_, key), tally in self._tallies.items():
            self._by_person.setdefault(key, []).append(tally)

    def rotation(self, pool: str) -> Rotation:
        """The pool's rotation; empty at first."""
        return self._rotations.setdefault(pool, Rotation())

    def turns(self, pool: str, key: str) -> int:
        """Turns of this pool that the person had so far."""
        return self.rotation(pool).turns.get(key, 0)

    def note(self, pool: str, key: str, day: date) -> None:
        """Count one lead for the day, the week and the month; the turn itself is the rotation's business."""
        tally, spoken_day, spoken_week = self._tally(pool, key), day.isoformat(), iso_week(day)
        if tally.day > spoken_day:
            _note_before(tally, spoken_day, spoken_week)
            return
        tally.earlier = {each: number for each, number in tally.by_day().items() if each != spoken_day}
        tally.today = tally.today + 1 if tally.day == spoken_day else 1
        tally.this_week = tally.this_week + 1 if tally.week == spoken_week else 1
        tally.day, tally.week = spoken_day, spoken_week
        _forget(tally)

    def received(self, pool: str, key: str, day: date) -> None:
        """Count one lead that somebody else gave to the person on this day, today or before; it is no turn."""
        self.note(pool, key, day)

    def on_day(self, key: str, day: date) -> int:
        """Leads that the person got on this local day, from all pools."""
        return self.in_days(key, day, 1)

    def in_week(self, key: str, day: date) -> int:
        """Leads that the person got in this day's ISO week, from all pools."""
        spoken = iso_week(day)
        return sum(tally.this_week for tally in self._by_person.get(key, ()) if tally.week == spoken)

    def in_month(self, key: str, day: date) -> int:
        """Leads that the person got in this day's calendar month, from all pools."""
        return self._from(key, day.replace(day=1).isoformat(), (_next_month(day) - timedelta(days=1)).isoformat())

    def in_days(self, key: str, day: date, number: int) -> int:
        """Leads that the person got in so many days, of which this one is the last, from all pools."""
        return self._from(key, (day - timedelta(days=number - 1)).isoformat(), day.isoformat())

    def _from(self, key: str, first: str, last: str) -> int:
        tallies = self._by_person.get(key, ())
        return sum(number for tally in tallies for day, number in tally.by_day().items() if first <= day <= last)

    def owed(self, pool: str, key: str) -> int:
        """Millionths of a turn that the pool owes to the person for an absence."""
        tally = self._tallies.get((pool, key))
        return tally.owed if tally else 0

    def owe(self, pool: str, key: str, millionths: int) -> None:
        """Set what the pool owes to the person."""
        self._tally(pool, key).owed = millionths
        self.rotation(pool).join(key)

    def counters(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The state as plain data, keys sorted."""
        pools: dict[str, set[str]] = {pool: set(rotation.turns) for pool, rotation in self._rotations.items()}
        for pool, key in self._tallies:
            pools.setdefault(pool, set()).add(key)
        return {
            pool: {key: self._state(pool, key) for key in sorted(keys)}
            for pool, keys in sorted(pools.items())
            if keys
        }

    def _tally(self, pool: str, key: str) -> _Tally:
        if (pool, key) not in self._tallies:
            tally = self._tallies[pool, key] = _Tally()
            self._by_person.setdefault(key, []).append(tally)
        return self._tallies[pool, key]

    def _state(self, pool: str, key: str) -> dict[str, Any]:
        rotation = self.rotation(pool)
        state: dict[str, Any] = {"turns": rotation.turns.get(key, 0)}
        lag = rotation.lags.get(key, 0)
        if lag:
            factor = gcd(lag, rotation.unit)
            state["lag"] = [lag // factor, rotation.unit // factor]
        tally = self._tallies.get((pool, key), _Tally())
        if tally.day:
            state |= {"day": tally.day, "today": tally.today, "week": tally.week, "this_week": tally.this_week}
        if tally.earlier:
            state["earlier"] = dict(sorted(tally.earlier.items()))
        if tally.owed:
            state["owed"] = tally.owed
        return state


def iso_week(day: date) -> str:
    """`2026-W47`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _note_before(tally: _Tally, day: str, week: str) -> None:
    """One lead of a day before the last one with any."""
    tally.earlier = {each: number for each, number in tally.by_day().items() if each != tally.day}
    tally.earlier[day] = tally.earlier.get(day, 0) + 1
    tally.this_week += tally.week == week
    _forget(tally)


def _forget(tally: _Tally) -> None:
    """Days that no limit can ask for any more."""
    first = (date.fromisoformat(tally.day) - timedelta(days=KEPT_DAYS - 1)).isoformat()
    tally.earlier = {day: number for day, number in tally.earlier.items() if day >= first}


def _rotation(people: Mapping[str, Mapping[str, Any]]) -> Rotation:
    lags = {key: state.get("lag", (0, 1)) for key, state in people.items()}
    unit = lcm(*(denominator for _, denominator in lags.values()))
    return Rotation(
        unit=unit,
        lags={key: lag * (unit // denominator) for key, (lag, denominator) in lags.items()},
        turns={key: state["turns"] for key, state in people.items()},
    )
