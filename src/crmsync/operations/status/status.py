"""How one connection stands, as values and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from crmsync.operations.history.runs import RunLine, told
from crmsync.operations.status.waiting import WaitsFor
from crmsync.run.left_alone import CAUSES, Cause
from crmsync.settings import OpenNeed
from crmsync.store import Breach, TellingsStanding
from crmsync.values import asdict


class HandOffsStanding(Struct, frozen=True):
    """Under way; those where nobody was in touch yet (`waiting`), and in time (`late`; null = not told)."""

    under_way: int
    waiting: int
    late: int | None


class Status(Struct, frozen=True):
    """One connection. `needs`: what needs a person; empty = all is well.

    `last`: the last run, `next_run`: when the schedule wants the next. `read_at`: when the CRM was read last.
    `guard`: what stopped the last run that was not dry. `calls_left`: the CRM's word at the last run. `running`: a
    run is at work. `nobody_yet`: leads without an owner that may be so; null = none may, or it is not told.
    `tellings`: what the CRM told by itself; null = it never did, and nobody listens.
    """

    connection: str
    writes: bool
    last: RunLine | None
    next_run: datetime
    running: bool
    due: int
    leads: int
    guard: tuple[Breach, ...]
    read_at: datetime | None
    set_aside: int
    calls_left: int | None
    hand_offs: HandOffsStanding
    left_alone: Mapping[Cause, int]
    now: datetime
    nobody_yet: int | None = None
    tellings: TellingsStanding | None = None
    waits_for: WaitsFor = "time"
    needs: tuple[OpenNeed, ...] = ()

    @property
    def attention(self) -> tuple[str, ...]:
        """What needs a person in words, each with the way on."""
        return tuple(map(str, self.needs))

    def count(self, cause: Cause) -> int:
        """How many leads are left alone for this cause."""
        return self.left_alone.get(cause, 0)

    def _tellings(self) -> dict[str, Any] | None:
        if self.tellings is None:
            return None
        it = self.tellings
        instants = {"last_at": it.last_at, "oldest_at": it.oldest_at, "refused_at": it.refused_at}
        times = {name: told(at) for name, at in instants.items()}
        subscribed = [{"channel": each.channel, "heard_at": told(each.heard_at)} for each in it.subscribed]
        counts = {"taken": it.taken, "waiting": it.waiting, "refused": dict(it.refused), "lost": it.lost}
        return {**counts, **times, "lost_at": told(it.lost_at), "subscribed": subscribed}

    @property
    def lag_minutes(self) -> int | None:
        """The age of the newest reading."""
        return None if self.read_at is None else max(0, int((self.now - self.read_at).total_seconds() // 60))

    def to_json(self) -> dict[str, Any]:
        """The stable shape. Instants in UTC."""
        return {
            "connection": self.connection,
            "writes": "on" if self.writes else "off",
            "last_run": self.last.to_json() if self.last else None,
            "next_run": told(self.next_run),
            "waits_for": self.waits_for,
            "running": self.running,
            "leads": self.leads,
            "due": self.due,
            "open_guard": [asdict(breach) for breach in self.guard],
            "read_at": told(self.read_at),
            "lag_minutes": self.lag_minutes,
            "set_aside": self.set_aside,
            **({} if self.nobody_yet is None else {"nobody_yet": self.nobody_yet}),
            "quota_left": self.calls_left,
            "hand_offs": asdict(self.hand_offs),
            "left_alone": {cause: self.count(cause) for cause in CAUSES},
            "tellings": self._tellings(),
            "attention": list(self.attention),
            "needs": [{"kind": need.kind, "number": need.number, "command": need.command} for need in self.needs],
        }
