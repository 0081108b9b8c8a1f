"""Which statuses of a task say that nothing is left to do: the org's own choice.

Source: Object Reference for the Salesforce Platform, "TaskStatus".
"""

from __future__ import annotations

from crmsync.sdk import Closing
from crmsync_salesforce.errors import HIDDEN, Refusal
from crmsync_salesforce.transport import Transport

_STATUSES = "SELECT ApiName, IsClosed FROM TaskStatus ORDER BY SortOrder"
_FIELD = "Status"
_USUAL = "Completed"
"""The one that orgs begin with."""


class TaskClosing:
    """How tasks of one connection are closed; asked for once."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: Closing | None = None

    def of(self, object_name: str) -> Closing | None:
        """For tasks; null for other objects, and in an org without such a status."""
        if object_name.lower() != "task":
            return None
        if self._known is None:
            closed = self._statuses()
            if not closed:
                return None
            self._known = Closing(_FIELD, _USUAL if _USUAL in closed else closed[0], frozenset(closed))
        return self._known

    def _statuses(self) -> list[str]:
        """The usual one where this user may not read which there are."""
        try:
            rows = list(self._transport.facts(_STATUSES, what="the query on TaskStatus"))
        except Refusal as refusal:
            if refusal.code not in HIDDEN:
                raise
            return [_USUAL]
        return [str(row.get("ApiName")) for row in rows if row.get("IsClosed")]
