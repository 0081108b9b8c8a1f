"""Turns while people are away, and after: the rejoin rules.

- `no_catch_up`: who is absent misses the turns; nothing is made up. The lag stays as it was on the way out.
- `catch_up`: while somebody is absent the pool notes what they would have got by weight; once back, they take the
  next turns until that is made up (the most owed first). Made-up turns leave everybody's lags alone.
- `gradual`: noted likewise, but worked off at double weight in the rotation.

What is owed counts in millionths of a turn, rounded down. Only absences count: not working hours, not capacity.
"""

from __future__ import annotations

from typing import Literal

from crmsync.route.rotation.counters import Ledger
from crmsync.route.rotation.fair import Shares

Rejoin = Literal["no_catch_up", "catch_up", "gradual"]

MILLION = 1_000_000


def take(ledger: Ledger, pool: str, present: Shares, away: Shares, rule: Rejoin) -> tuple[str, Shares]:
    """(whose turn it is among `present`, by which weights it was shared). Counted in the ledger.

    By none where it makes up for an absence.
    """
    rotation = ledger.rotation(pool)
    if rule == "no_catch_up":
        return rotation.take(present), present
    _note_absences(ledger, pool, present, away)
    owed = {key: ledger.owed(pool, key) for key, _ in present}
    if rule == "gradual":
        return _gradually(ledger, pool, present, owed)
    most = max(owed, key=lambda key: owed[key])
    if owed[most] < MILLION:
        return rotation.take(present), present
    ledger.owe(pool, most, owed[most] - MILLION)
    rotation.turns[most] += 1
    return most, ()


def _note_absences(ledger: Ledger, pool: str, present: Shares, away: Shares) -> None:
    total = sum(weight for _, weight in present)
    for key, weight in away:
        ledger.owe(pool, key, ledger.owed(pool, key) + MILLION * weight // (total + weight))


def _gradually(ledger: Ledger, pool: str, present: Shares, owed: dict[str, int]) -> tuple[str, Shares]:
    weights = [(key, 2 * weight if owed[key] else weight) for key, weight in present]
    plain, raised = (sum(weight for _, weight in each) for each in (present, weights))
    for key, weight in present:
        if owed[key]:
            extra = MILLION * 2 * weight // raised - MILLION * weight // plain
            ledger.owe(pool, key, max(0, owed[key] - max(1, extra)))
    return ledger.rotation(pool).take(weights), weights
