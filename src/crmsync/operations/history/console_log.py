"""`crmsync console log`: who did what in the console, when and why."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

from crmsync.operations.history.runs import told
from crmsync.settings import Settings
from crmsync.store import Deed, Store


@dataclass(frozen=True, slots=True)
class ConsoleLog:
    """`deeds`: the newest first. `total`: how many there are."""

    deeds: tuple[Deed, ...]
    total: int

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {"format": 1, "total": self.total, "deeds": [_deed(each) for each in self.deeds]}


def console_log(settings: Settings, *, show: int) -> ConsoleLog:
    """The last that were done. `show`: how many; 0 = all."""
    with closing(Store(settings.store)) as store:
        total = store.console.deeds_in_all()
        return ConsoleLog(store.console.deeds(most=show or total), total)


def _deed(deed: Deed) -> dict[str, Any]:
    return {
        "id": deed.id,
        "at": told(deed.at),
        "person": deed.person,
        "what": deed.what,
        "connection": deed.connection,
        "reason": deed.reason,
        "about": dict(deed.about),
    }
