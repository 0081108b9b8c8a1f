"""What a lead went through before crmsync first saw it, from fields that hold the day of coming to a stage. Pure.

CRMs have such fields where they keep no history, or a shorter one. Each tells of one time, in most CRMs the latest.
Where both tell of a time, history is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from crmsync.mapping.convert import filled, instant
from crmsync.mapping.earlier_states import StageState
from crmsync.mapping.stage_mapping import StageMapping

_NOON = pl.duration(hours=12)


def instants_of(records: pl.DataFrame, fields: Sequence[str], zone: str) -> pl.DataFrame:
    """The fields as instants, null for what is none; of a bare day its noon in the org's zone."""

    def at(field: str) -> pl.Expr:
        text = filled(field)
        noon = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")) + _NOON
        local = noon.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")  # zones have left out days
        return pl.coalesce(instant(text), local.dt.convert_time_zone("UTC")).alias(field)

    return records.with_columns(at(field) for field in fields)


def dated_states(
    stage: StageMapping, at: Mapping[str, datetime | None], held: Mapping[str, str | None], ladder: Sequence[str]
) -> tuple[StageState, ...]:
    """The states that the fields tell of, oldest first, with the present one (`held`); none where they tell nothing.

    `at`: field → when. `ladder`: the policy's stages from the bottom: of one instant the lower stage came first.
    """
    rank = {name: place for place, name in enumerate(ladder)}
    told = [
        (moment, rank.get(name, len(rank)), name) for name, field in stage.dates.items() if (moment := at.get(field))
    ]
    states = [StageState(moment, _native(stage, name)) for moment, _, name in sorted(told)]
    if states and not _is_shown(states[-1].native, held):
        states.append(StageState(None, dict(held)))
    return tuple(states)


def before_history(dated: Sequence[StageState], history: Sequence[StageState]) -> tuple[StageState, ...]:
    """History, and in front of it what dates tell of the time that it does not reach.

    Where history begins with a state of which it does not say since when, that is what dates may tell.
    """
    if not history or not dated:
        return tuple(history or dated)
    first = next((state.since for state in history if state.since is not None), None)
    if first is None:
        return tuple(dated)
    older = [state for state in dated if state.since is not None and state.since < first]
    return (*older, *(state for state in history if not older or state.since is not None))


def _native(stage: StageMapping, name: str) -> Mapping[str, str | None]:
    """What the stage's fields hold of a lead that stands there."""
    values: dict[str, str | None] = dict.fromkeys(stage.fields)
    return values | {field: texts[0] for field, texts in stage.values[name].set.items()}


def _is_shown(native: Mapping[str, str | None], held: Mapping[str, str | None]) -> bool:
    return all(value is None or held.get(field) == value for field, value in native.items())
