"""From verdicts and the present stage to the decided stage, and why.

Codes of `stage_why`, the first that applies:

| code                 | the stage                                                                             |
|----------------------|---------------------------------------------------------------------------------------|
| `unmanaged`          | null: the CRM holds a stage that the mapping or the ladder does not name; untouched    |
| `hands_off`          | stays: a person or another program changed it within the hands-off days               |
| `protected`          | stays: the policy protects it                                                         |
| `disqualified`       | the disqualified stage: its condition is met                                          |
| `recycled`           | a disqualified lead that comes back                                                   |
| `stays_disqualified` | disqualified before, nothing disqualifies it now, nothing brings it back yet          |
| `earned`             | what the evidence gives                                                               |
| `left_to_people`     | stays: the evidence gives more, but people set that stage                             |
| `moved_back`         | what the evidence gives, which is lower                                               |
| `cooling_down`       | stays: the evidence gives less, but the lead has only just come here                  |
| `kept`               | stays: the evidence gives less, and leads never move back                             |
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.kleene import surely
from crmsync.qualify.language.policy import Policy

edit_age, stage_age = pl.col("#edit_age"), pl.col("#stage_age")
"""Days since the stage was edited by somebody else, and since the present stage was first seen (Int32, null)."""

_present, _managed = pl.col("#stage"), pl.col("#managed")


class MovementRule(Struct, frozen=True):
    """One rule of movement: where it applies, the stage it gives, its code."""

    applies: pl.Expr
    stage: pl.Expr
    why: str


def movement(policy: Policy, builder: Builder, ranks: Mapping[str, int]) -> dict[str, pl.Expr]:
    """The columns `earned_stage`, `stage`, `stage_why`. `ranks`: stages of the main ladder.

    `#stage_unless` and `#why_unless` are what the last two would be if nothing disqualified the lead.
    """
    builder.define(lambda: _ranked(policy, builder, ranks))
    builder.define(lambda: _targeted(policy, builder, ranks))
    earned, target, target_stage, present = (
        builder.column(name) for name in ("#earned_rank", "#target_rank", "#target_stage", "#present_rank")
    )
    present_stage = _present.fill_null(policy.ladder[0].stage)

    cases = [MovementRule(~surely(_managed), pl.lit(None, dtype=pl.String), "unmanaged")]
    cases += _off_ladder(policy, present, present_stage)
    cases += _untouched(policy, builder, present_stage)
    back_to = _back_to(policy, earned, target, target_stage, ranks)
    cases += _disqualification(policy, builder, back_to, present_stage)
    cases += [
        MovementRule(target > present, target_stage, "earned"),
        MovementRule(earned == present, present_stage, "earned"),
        MovementRule(earned > present, present_stage, "left_to_people"),
    ]
    if policy.movement.backward == "allowed":
        cooled = _cooled(policy, builder)
        cases += [
            MovementRule(cooled, target_stage, "moved_back"),
            MovementRule(pl.lit(True), present_stage, "cooling_down"),
        ]
    cases.append(MovementRule(pl.lit(True), present_stage, "kept"))

    stage, why = _first(cases)
    stage_unless, why_unless = _first([case for case in cases if case.why != "disqualified"])
    return {
        "earned_stage": earned.replace_strict(_stages(ranks), return_dtype=pl.String),
        "stage": stage,
        "stage_why": why,
        "#stage_unless": stage_unless,
        "#why_unless": why_unless,
    }


def _ranked(policy: Policy, builder: Builder, ranks: Mapping[str, int]) -> dict[str, pl.Expr]:
    """Where on the ladder the evidence puts a lead, and where it stands; null = beside it."""
    met = [
        pl.when(surely(builder.column(f"#meets.{rung.stage}"))).then(ranks[rung.stage]).cast(pl.Int32)
        for rung in policy.ladder
    ]
    here = _present.fill_null(policy.ladder[0].stage)
    return {
        "#earned_rank": pl.max_horizontal(met),
        "#present_rank": here.replace_strict(dict(ranks), default=None, return_dtype=pl.Int32),
    }


def _targeted(policy: Policy, builder: Builder, ranks: Mapping[str, int]) -> dict[str, pl.Expr]:
    """Where the evidence would have crmsync put it: on the highest rung up to there that crmsync sets."""
    written = [ranks[rung.stage] for rung in policy.ladder if rung.set_by == "crmsync"]
    reached = {
        rank: max(other for other in written if other <= rank) for rank in ranks.values() if rank >= min(written)
    }
    target = builder.column("#earned_rank").replace_strict(reached, return_dtype=pl.Int32)
    return {
        "#target_rank": target,
        "#target_stage": target.replace_strict(_stages(ranks), return_dtype=pl.String),
    }


def _stages(ranks: Mapping[str, int]) -> dict[int, str]:
    return {rank: stage for stage, rank in ranks.items()}


def moved_today(lowest: str) -> pl.Expr:
    """A day from now where the stage moves today, by this decision or before it: moves count from the day after.

    A lead without a stage moves from the lowest one.
    """
    here = _present.fill_null(lowest)
    moves = pl.any_horizontal((pl.col(column) != here).fill_null(False) for column in ("stage", "#stage_unless"))
    return pl.when(moves | (stage_age == 0)).then(pl.lit(1, dtype=pl.Int32))


def _first(cases: list[MovementRule]) -> tuple[pl.Expr, pl.Expr]:
    """(stage, why) of the first case that applies."""
    stage, why = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.String)
    for case in reversed(cases):
        stage = pl.when(case.applies).then(case.stage).otherwise(stage)
        why = pl.when(case.applies).then(pl.lit(case.why)).otherwise(why)
    return stage, why


def _off_ladder(policy: Policy, present: pl.Expr, present_stage: pl.Expr) -> list[MovementRule]:
    unknown_stage = present.is_null()
    if policy.disqualified:
        unknown_stage &= present_stage != policy.disqualified.stage
    return [MovementRule(unknown_stage, pl.lit(None, dtype=pl.String), "unmanaged")]


def _untouched(policy: Policy, builder: Builder, present_stage: pl.Expr) -> list[MovementRule]:
    cases = []
    days = policy.movement.hands_off_days
    if days:
        cases.append(MovementRule(surely(edit_age.is_between(0, days)), present_stage, "hands_off"))
        builder.edge(pl.when(edit_age < 0).then(-edit_age).when(edit_age <= days).then(days + 1 - edit_age))
    if policy.movement.protected:
        cases.append(MovementRule(present_stage.is_in(list(policy.movement.protected)), present_stage, "protected"))
    return cases


def _disqualification(
    policy: Policy, builder: Builder, back_to: pl.Expr, present_stage: pl.Expr
) -> list[MovementRule]:
    leaving = policy.disqualified
    if leaving is None:
        return []
    stands_there = present_stage == leaving.stage
    met = surely(builder.column(f"verdict.ladder.{leaving.stage}"))
    cases = [MovementRule(met, pl.lit(leaving.stage), "disqualified")]
    if leaving.recycle:
        back = pl.lit(False)
        if leaving.recycle.after_days is not None:
            back |= surely(stage_age >= leaving.recycle.after_days)
            builder.edge(pl.when(stands_there).then(leaving.recycle.after_days - stage_age))
        if leaving.recycle.on_new_engagement is not None:
            selector = leaving.recycle.on_new_engagement
            builder.exists(selector)  # for its edges
            latest, _ = builder.latest(selector)
            back |= surely((latest <= selector.last_age) & (latest < stage_age))
        cases.append(MovementRule(stands_there & back, back_to, "recycled"))
    cases.append(MovementRule(stands_there, present_stage, "stays_disqualified"))
    return cases


def _back_to(
    policy: Policy, earned: pl.Expr, target: pl.Expr, target_stage: pl.Expr, ranks: Mapping[str, int]
) -> pl.Expr:
    """Where a lead that is recycled comes to stand: the stage that movement would leave it on if it stood on `to`.

    So the next look at the same facts moves it no further.
    """
    recycle = policy.disqualified.recycle if policy.disqualified else None
    if recycle is None or recycle.to == "earned":
        return target_stage
    if recycle.to in policy.movement.protected:
        return pl.lit(recycle.to)
    moves = target > ranks[recycle.to]
    if policy.movement.backward == "allowed" and not policy.movement.cool_down_days:
        moves |= earned < ranks[recycle.to]
    return pl.when(moves).then(target_stage).otherwise(pl.lit(recycle.to))


def _cooled(policy: Policy, builder: Builder) -> pl.Expr:
    days = policy.movement.cool_down_days
    if not days:
        return pl.lit(True)
    builder.edge(days + 1 - stage_age)
    return surely(stage_age > days)  # not known since when: stays
