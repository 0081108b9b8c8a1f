"""What a lead's stage fields held before crmsync first saw it, from what the CRM's history of them tells. Pure.

The way goes backward from what stands there now: an edit tells the value that came, and what stood there until then
is what the CRM says of it, else what an older edit of the same field set. Beyond the oldest edit nothing is guessed:
the way begins where history does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from msgspec import Struct

from crmsync.contract import Edit


class StageState(Struct, frozen=True):
    """What the stage fields held from `since` on; null = since its creation, or for longer than history tells."""

    since: datetime | None
    native: Mapping[str, str | None]


def stage_states(held: Mapping[str, str | None], edits: Sequence[Edit]) -> tuple[StageState, ...]:
    """The states of one lead, oldest first, the present one included; none where history tells nothing.

    `held`: the stage fields as they stand. `edits`: of these fields of this lead, in any order.
    """
    told = [edit for edit in edits if edit.field in held]
    return tuple(_backward(held, told))[::-1] if told else ()


def _backward(held: Mapping[str, str | None], edits: Sequence[Edit]) -> Iterator[StageState]:
    values = dict(held)
    newest_first = sorted(edits, key=lambda edit: edit.at, reverse=True)  # stable: edits of one instant stay in order
    moments = [(at, list(some)) for at, some in groupby(newest_first, key=lambda edit: edit.at)]
    if any(values[edit.field] != edit.value for edit in _latest(newest_first)):
        yield StageState(None, dict(values))  # it was changed again, and history does not tell when
        values |= {edit.field: edit.value for edit in _latest(newest_first)}
    for place, (at, some) in enumerate(moments):
        yield StageState(at, dict(values))
        older = [edit for _, others in moments[place + 1 :] for edit in others]
        for edit in some:
            before = _before(edit, older)
            if before is None:
                return
            values[edit.field] = before[0]
    yield StageState(None, dict(values))


def _latest(newest_first: Sequence[Edit]) -> list[Edit]:
    """The latest edit of each field."""
    return list({edit.field: edit for edit in reversed(newest_first)}.values())


def _before(edit: Edit, older: Sequence[Edit]) -> tuple[str | None] | None:
    """What stood in the field until then; null where nobody tells."""
    if edit.before_told:
        return (edit.before,)
    return next(((other.value,) for other in older if other.field == edit.field), None)
