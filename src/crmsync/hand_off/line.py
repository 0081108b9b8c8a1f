"""The line that a hand-over draws through decided leads: above it stand those that it, or a later one, hands over."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from msgspec import Struct

from crmsync.configuration import did_you_mean
from crmsync.errors import UsageError
from crmsync.qualify.language.policy import Policy
from crmsync.route.placing.hand_overs import COUNTS, ResolvedHandOver, with_the_one_that_counts

SECOND_RUNG = 1
"""From there on sales works leads where a policy hands nobody over."""


class HandOverLine(Struct, frozen=True):
    """`name`: the hand-over's; null = the policy has none that a lead on the ladder could take. `label`: the same as
    people read it. `stage`: from which on it may count itself. `stages`: in which leads may stand above the line, the
    lowest first.
    """

    name: str | None
    label: str
    stage: str
    stages: tuple[str, ...]
    counting: tuple[ResolvedHandOver, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The verdicts that it asks for."""
        return tuple(sorted({f"verdict.{name}" for each in self.counting for name in each.when}))

    def above(self, leads: pl.DataFrame, stage: str) -> pl.Series:
        """For each decided lead whether it stands above. `stage`: the column with the stage to go by."""
        expression = pl.any_horizontal([each.counts for each in self.counting])
        return leads.select(pl.col(stage).alias("stage"), *self.columns).select(expression).to_series()


def line_of(policy: Policy, name: str | None = None, *, to_people: Collection[str] = ()) -> HandOverLine:
    """The line of a hand-over; none named = of the first one that goes `to_people`, for that is where sales begins.

    Raises `UsageError` for one that the policy does not have, or by which leads leave the ladder.
    """
    known = [each.name for each in policy.every_hand_over]
    if name is not None and name not in known:
        raise UsageError(f"the policy has no hand-over `{name}`", hint=did_you_mean(name, known))
    entering = [each for each in policy.every_hand_over if each.leaving is None]
    names = [each.name for each in entering]
    if name is not None and name not in names:
        raise UsageError(
            f"leads leave the ladder by the hand-over `{name}`: nobody stands above it",
            hint=f"one of {', '.join(names)}" if names else "leave --hand-over out",
        )
    ladder = tuple(rung.stage for rung in policy.ladder)
    if not entering:
        above = ladder[min(SECOND_RUNG, len(ladder) - 1) :]
        return HandOverLine(None, "", above[0], above, (ResolvedHandOver("", above),))
    first = name or next((each for each in names if each in to_people), names[0])
    from_there = entering[names.index(first) :]
    stages = {stage for each in from_there for stage in policy.stages_of(each)}
    return HandOverLine(
        first,
        entering[names.index(first)].called,
        policy.stages_of(entering[names.index(first)])[0],
        tuple(stage for stage in ladder if stage in stages),
        tuple(ResolvedHandOver(each.name, policy.stages_of(each), each.when) for each in from_there),
    )


def hand_over_of_each(leads: pl.DataFrame, policy: Policy) -> pl.Series:
    """For each decided lead (`stage`, `reason`, `verdict.*`) the name of the hand-over that counts; null = none."""
    counting = [
        ResolvedHandOver(
            each.name,
            policy.stages_of(each),
            each.when,
            each.leaving if isinstance(each.leaving, tuple) else None,
        )
        for each in policy.every_hand_over
    ]
    return with_the_one_that_counts(leads.lazy(), counting).select(COUNTS).collect().to_series()
