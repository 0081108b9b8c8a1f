"""Hand-offs, under way and past."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from crmsync.faces import LateModule
from crmsync.store.faces.face import Face
from crmsync.store.hand_offs_read import attempts, live, read

if TYPE_CHECKING:
    from crmsync.hand_off import HandOffEvent, HandOffRecord, LiveHandOff
    from crmsync.store import hand_offs
else:  # what few commands need
    hand_offs = LateModule("crmsync.store.hand_offs")


class HandOffs(Face):
    """Hand-offs, under way and past."""

    def live(
        self,
        connection: str,
        touch_kinds: Mapping[str | None, Collection[str]] = MappingProxyType({}),
        *,
        now: datetime | None = None,
        time_zone: str = "UTC",
        facts: Collection[str] = (),
    ) -> tuple[LiveHandOff, ...]:
        """Hand-offs under way, with what the CRM holds by now. `touch_kinds`: activities that are a first
        touch, for each hand-over.

        `now`: what lies later is none yet (null = nothing does). `time_zone`: the org's, for days without a time.
        `facts`: of which it is told what the leads say.
        """
        return self._read(
            connection,
            lambda at, number: live(at, number, touch_kinds, now=now, time_zone=time_zone, facts=facts),
        )

    def read(
        self,
        connection: str,
        *,
        leads: Collection[str] | None = None,
        since: datetime | None = None,
        facts: Collection[str] = (),
    ) -> tuple[HandOffRecord, ...]:
        """Hand-offs, oldest first: of these leads; made, or still under way, since then. `facts`: as in `live`."""
        return self._read(connection, lambda at, number: read(at, number, leads_only=leads, since=since, facts=facts))

    def attempts(self, connection: str) -> Mapping[tuple[str, str | None], int]:
        """Lead and hand-over (null = the policy's only one) → how often it was handed off so far."""
        return self._read(connection, attempts)

    def record(self, connection: str, events: Sequence[HandOffEvent]) -> None:
        """Write what was learnt of hand-offs; times that are known already stay."""
        if events:
            self._write(connection, lambda at, _: hand_offs.record(at, events))

    def end(self, connection: str, *, now: datetime) -> None:
        """Stop watching all hand-offs under way."""
        self._write(connection, lambda at, number: hand_offs.end_all(at, number, now))
