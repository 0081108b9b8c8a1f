"""How a lead came to its owner, and what became of its hand-offs: for `crmsync explain`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from crmsync.connection.prepared import Prepared
from crmsync.operations.report.hand_offs import HandOffLine, lines_of
from crmsync.plan import between_told
from crmsync.run.under_way import facts_of_place
from crmsync.store import OwnerMove, Store


class OwnerStory(Struct, frozen=True):
    """`move`: the last owner that crmsync gave (null = never). `hand_offs`: oldest first.

    `set_on`: the day on which a person or another program was seen to have set the owner. `stays_until`: as long, by
    the policy's `hands_off_days`, crmsync does not move it. `hand_over`: of the policy's `several` the one that
    counts, null = none. `nobody_yet`: whether the lead may be without an owner, null = none may.
    """

    move: OwnerMove | None
    hand_offs: tuple[HandOffLine, ...]
    names: Mapping[str, str]
    set_on: date | None = None
    stays_until: date | None = None
    hand_over: str | None = None
    several: bool = False
    nobody_yet: bool | None = None

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
                "between": between_told(routing.between),
                "passed_over": [{"user": user, "why": why} for user, why in routing.passed_over],
            }
        days = {"owner_set_on": self.set_on, "owner_stays_until": self.stays_until}
        return {
            **({"hand_over": self.hand_over} if self.several else {}),
            **({} if self.nobody_yet is None else {"nobody_yet": self.nobody_yet}),
            "owner_move": told,
            **{key: day.isoformat() if day else None for key, day in days.items()},
            "hand_offs": [line.to_json() for line in self.hand_offs],
        }


def owner_stories(
    prepared: Prepared, store: Store, set_on: Mapping[str, date | None], now: datetime
) -> Mapping[str, OwnerStory]:
    """The story of each of these leads. `set_on`: when a person was seen to have set the lead's owner."""
    leads = list(set_on)
    days = timedelta(days=prepared.settings.policy.movement.hands_off_days)
    moves = store.history.owner_moves(prepared.name, leads)
    lines: dict[str, list[HandOffLine]] = {lead: [] for lead in leads}
    found = store.hand_offs.read(prepared.name, leads=leads, facts=facts_of_place(prepared))
    for line in lines_of(prepared, found, {}, now):
        lines[line.hand_off.lead].append(line)
    names = prepared.user_names
    return {
        lead: OwnerStory(moves.get(lead), tuple(lines[lead]), names, day, day + days if day and days else None)
        for lead, day in set_on.items()
    }
