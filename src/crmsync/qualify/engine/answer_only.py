"""A policy compiled for its answer alone: who tries variants of a lead asks for no review day and shows no points.

The same expressions, without those that the answer does not rest on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from crmsync.qualify.columns.plan import EvaluationPlan
from crmsync.qualify.engine.compile import CompiledPolicy
from crmsync.values import Itself, replace

_ANSWER = ("earned_stage", "reason")
_BETWEEN_SEGMENTS = ("#earned_rank", "stage", "stage_why", "#stage_unless", "#why_unless")
"""What tells which of the policies that could apply does."""
_KEPT = 8


def answer_only(compiled: CompiledPolicy) -> CompiledPolicy:
    """For `decided_frame` without review: `earned_stage` and `reason` are those of the policy; made once of it."""
    return _answer_only(Itself(compiled))


@lru_cache(maxsize=_KEPT)
def _answer_only(itself: Itself[CompiledPolicy]) -> CompiledPolicy:
    compiled = itself.value
    segments = compiled.units[1:]
    asked = [
        *_ANSWER,
        *(_BETWEEN_SEGMENTS if segments else ()),
        *(f"verdict.segment.{unit.name}" for unit in segments),
    ]
    return replace(
        compiled, units=tuple(replace(unit, plan=_needed_for(asked, unit.plan)) for unit in compiled.units)
    )


def _needed_for(asked: Sequence[str], plan: EvaluationPlan) -> EvaluationPlan:
    """The plan with the columns that are asked for and those that they are made of. It has no edges."""
    needed = set(asked)
    levels = []
    for level in reversed(plan.levels):  # each uses those below it only
        kept = {name: column for name, column in level.items() if name in needed}
        needed.update(name for column in kept.values() for name in column.meta.root_names())
        levels.append(kept)
    return replace(
        plan,
        levels=[level for level in reversed(levels) if level],
        aggregates={name: aggregate for name, aggregate in plan.aggregates.items() if name in needed},
        edges=[],
    )
