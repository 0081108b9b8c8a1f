"""How a lead came to its owner, and what became of its hand-offs: for `crmsync explain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmsync.opened import Prepared
from crmsync.operations.hand_offs import HandOffLine, lines_of
from crmsync.store import OwnerMove, Store


@dataclass(frozen=True, slots=True)
class OwnerStory:
    """`move`: the last owner that crmsync gave (null = never). `hand_offs`: oldest first."""

    move: OwnerMove | None
    hand_offs: tuple[HandOffLine, ...]
    names: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """`owner_move` names everybody who was passed over and why, and the counter before and after."""
        move = self.move
        if move is None:
            told = None
        else:
            routing = move.routing
            told = {
                "owner": move.owner,
                "at": move.at.isoformat(timespec="seconds"),
                "reason": routing.reason,
                "pool": routing.pool,
                "counter": {"before": routing.counter_before, "after": routing.counter_after},
                "passed_over": [{"user": user, "why": why} for user, why in routing.passed_over],
            }
        return {"owner_move": told, "hand_offs": [line.to_json() for line in self.hand_offs]}


def owner_stories(
    connection: Prepared, store: Store, leads: Sequence[str], now: datetime
) -> Mapping[str, OwnerStory]:
    """The story of each of these leads."""
    moves = store.last_owner_moves(connection.name, leads)
    lines: dict[str, list[HandOffLine]] = {lead: [] for lead in leads}
    for line in lines_of(connection, store.hand_offs(connection.name, leads=leads), {}, now):
        lines[line.hand_off.lead].append(line)
    names = connection.user_names
    return {lead: OwnerStory(moves.get(lead), tuple(lines[lead]), names) for lead in leads}
