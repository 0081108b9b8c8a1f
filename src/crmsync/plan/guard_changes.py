"""Guards that count leads of a plan: by what happens to them, and by who gets them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from crmsync.model import Change, GuardReading
from crmsync.plan.guard_table import Limit

_WORDS: Mapping[str, str] = {
    "stage_changes": "change stage",
    "owner_changes": "change owner",
    "backward": "go back on the ladder",
    "disqualified": "be disqualified",
    "owner_lost": "lose their owner and get none",
}
_ROUNDING = 1e-9
"""0.29 of 100 leads are 29, whatever floating point says."""


class Bounds(Struct, frozen=True):
    """By what a plan is judged.

    `leads`: all of the connection. `allowed`: what was let through for this run, guard → number; so many `changes`,
    whatever they are, lift every limit of this module.
    """

    leads: int
    limits: Mapping[str, Limit]
    allowed: Mapping[str, int]

    def most(self, guard: str) -> int | None:
        """How many leads are not too many; null = any number."""
        if guard in self.allowed:
            return self.allowed[guard]
        if "changes" in self.allowed:
            return None
        limit = self.limits[guard]
        by_share = None if limit.share is None else max(limit.floor - 1, int(limit.share * self.leads + _ROUNDING))
        return min((each for each in (by_share, limit.number) if each is not None), default=None)


def change_guards(
    changes: Sequence[Change], ladder: Sequence[str], disqualified: str | None, bounds: Bounds
) -> Iterator[GuardReading]:
    """One reading for each guard that has a limit. `ladder`: from the bottom. `disqualified`: that stage, if any."""
    rank = {stage: place for place, stage in enumerate(ladder)}
    stages = [it for it in changes if it.stage_changes]
    owners = [it for it in changes if it.owner_changes]
    counted = {
        "stage_changes": stages,
        "owner_changes": owners,
        "backward": [it for it in stages if _goes_back(it, rank)],
        "disqualified": [it for it in stages if disqualified is not None and it.stage_after == disqualified],
        "owner_lost": [it for it in owners if it.owner_after is None],
    }
    for guard, counting in counted.items():
        yield from _reading(guard, counting, _WORDS[guard], bounds)
    got = Counter(it.owner_after for it in owners if it.owner_after is not None)
    receiver = min(got, key=lambda owner: (-got[owner], owner), default=None)
    theirs = [it for it in owners if receiver is not None and it.owner_after == receiver]
    yield from _reading("per_receiver", theirs, f"go to {receiver}", bounds)


def _goes_back(change: Change, rank: Mapping[str, int]) -> bool:
    """An empty stage is the lowest rung; off the ladder nothing is higher or lower."""
    before, after = rank.get(change.stage_before or ""), rank.get(change.stage_after or "")
    return before is not None and after is not None and after < before


def _reading(guard: str, counting: Sequence[Change], words: str, bounds: Bounds) -> Iterator[GuardReading]:
    most = bounds.most(guard)
    if most is None:
        return
    count = len(counting)
    share = f" ({100 * count / bounds.leads:.3g} % of {bounds.leads:,})" if bounds.leads else ""
    one = words.replace("their owner", "its owner") if count == 1 else words
    yield GuardReading(
        name=guard,
        value=count,
        limit=most,
        breached=count > most,
        words=f"{count:,} {'lead' if count == 1 else 'leads'} would {one}{share}, limit {most:,}",
        leads=tuple(it.lead for it in counting),
        advice="look at these leads in the plan; to let them through once",
        options=f"--allow {guard.replace('_', '-')}={count}",
    )
