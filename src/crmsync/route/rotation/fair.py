"""The fair rotation: whose turn it is, in whole numbers, with a proven bound.

Each person has a *lag*: the share of the pool's turns that fell to them by weight, minus the turns they had.
A turn adds `weight / (sum of the weights of those who can take it)` to the lag of everyone who can take it, and
subtracts one from the lag of whoever takes it; so the lags of a pool always add up to zero.

- As long as the same people with the same weights can take every turn, every lag stays strictly between -1 and 1.
- Whatever happens (absences, working hours, capacity, leads that only some can serve, new weights), with n ≥ 3
  people who ever took part every lag stays within (n - 1) / 2 turns, with two people within 1.

The proofs are in `docs/explanation/fairness.md`. The first needs the *deadline rule* (serve the one whose lag would
reach 1 soonest, among those whose lag is above zero: the quota method of Balinski and Young 1975, in scheduling
known as Pfair; Steiner and Yeomans 1993 solve the same windows), the second the *largest-lag rule*. `take` uses the
first unless the result would leave the region for which the second is proven.

Lags are integers counted in `1/unit` of a turn. `unit` grows with the weights met; beyond `LARGEST_UNIT` lags are
rounded to about 1e-12 of a turn, their sum kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import gcd, lcm

from msgspec import Struct, field

LARGEST_UNIT = 10**18
COARSE_UNIT = 10**12

Shares = Sequence[tuple[str, int]]
"""(person's key, weight as a positive integer), in roster order: that order breaks ties."""


def bound(people: int) -> float:
    """How many turns anybody's count can be from their share, whatever happens, with so many who ever took part."""
    return (people - 1) / 2 if people > 2 else float(people == 2)


class Rotation(Struct):
    """One pool's state. `lags` in `1/unit` turns, `turns` counted; both by the person's key."""

    unit: int = 1
    lags: dict[str, int] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)

    def take(self, shares: Shares) -> str:
        """Give the next turn to one of `shares` (not empty) and count it."""
        weights, step = self._prepare(shares)
        before = sum(self.lags[key] for key, _ in weights)
        for key, weight in weights:
            self.lags[key] += weight * step
        chosen = self._by_deadline(weights, before)
        self.lags[chosen] -= self.unit
        if not self._is_safe():
            self.lags[chosen] += self.unit
            chosen = max(weights, key=lambda share: self.lags[share[0]])[0]
            self.lags[chosen] -= self.unit
        self.turns[chosen] += 1
        self._reduce()
        return chosen

    def give_back(self, key: str, shares: Shares) -> None:
        """Undo a turn of `key`: the shares of that turn are taken back from `shares`, the turn from `key`."""
        self._move(key, shares, -1)

    def credit(self, key: str, shares: Shares, turns: int = 1) -> None:
        """Count turns that `key` had outside the rotation, as if given by it; less than 0: turns not had."""
        self._move(key, shares, turns)

    def join(self, key: str) -> None:
        """Let `key` take part from now on, with nothing owed either way."""
        self.lags.setdefault(key, 0)
        self.turns.setdefault(key, 0)

    def share_of(self, key: str) -> float:
        """Turns that fell to `key` by weight, for people's eyes only."""
        return self.turns.get(key, 0) + self.lags.get(key, 0) / self.unit

    def _move(self, key: str, shares: Shares, turns: int) -> None:
        weights, step = self._prepare([*shares, *([] if any(key == each for each, _ in shares) else [(key, 0)])])
        for each, weight in weights:
            self.lags[each] += turns * weight * step
        if any(weight for _, weight in weights):
            self.lags[key] -= turns * self.unit
        self.turns[key] += turns
        self._reduce()

    def _prepare(self, shares: Shares) -> tuple[Shares, int]:
        """Weights without their common factor, and how many units one weight gets. Newcomers start at zero."""
        for key, _ in shares:
            self.join(key)
        factor = gcd(*(weight for _, weight in shares)) or 1
        weights = [(key, weight // factor) for key, weight in shares]
        total = sum(weight for _, weight in weights) or 1
        self._refine(total)
        return weights, self.unit // total

    def _refine(self, total: int) -> None:
        """Make the unit divisible by `total`."""
        unit = lcm(self.unit, total)
        if unit <= LARGEST_UNIT:
            factor = unit // self.unit
            if factor > 1:
                self.lags = {key: lag * factor for key, lag in self.lags.items()}
        else:
            unit = total * -(-COARSE_UNIT // total)
            self.lags = self._rounded(unit)
        self.unit = unit

    def _rounded(self, unit: int) -> dict[str, int]:
        """Lags in another unit. Running sums are rounded, so each lag moves by less than one and the sum stays."""
        keys = sorted(self.lags)
        sums = [total * unit // self.unit for total in accumulate(self.lags[key] for key in keys)]
        return {key: here - before for key, here, before in zip(keys, sums, [0, *sums], strict=False)}

    def _by_deadline(self, weights: Shares, before: int) -> str:
        """Among those with a lag above zero, the one whose lag would reach one turn soonest.

        `before` is the sum of their lags before the turn: what the present company owes to or has from those who
        cannot take this turn. It is spread by weight, so that the lags compared add up to one turn and somebody
        is above zero.
        """
        total = sum(weight for _, weight in weights)
        best: tuple[str, int, int] | None = None
        for key, weight in weights:
            lag = self.lags[key] * total - weight * before
            if lag <= 0:
                continue
            wait = self.unit * total - lag
            if best is None or wait * best[2] < best[1] * weight:
                best = (key, wait, weight)
        assert best is not None
        return best[0]

    def _is_safe(self) -> bool:
        """Whether for every k the k largest lags add up to at most k (n - k) / 2 (two people: 1)."""
        lags, unit = self.lags.values(), self.unit
        if -unit < min(lags) and max(lags) < unit:
            return True
        people = len(lags)
        sums = accumulate(sorted(lags, reverse=True))
        half = 1 if people > 2 else 2
        return all(2 * total <= half * unit * k * (people - k) for k, total in enumerate(sums, 1) if k < people)

    def _reduce(self) -> None:
        factor = gcd(self.unit, *self.lags.values())
        if factor > 1:
            self.unit //= factor
            self.lags = {key: lag // factor for key, lag in self.lags.items()}
