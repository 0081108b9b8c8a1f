"""The log of writes: what clients changed in a practice CRM, in order. Reads and refused calls are not
in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync_practice.clock import Clock
from crmsync_practice.records import time_to_json

_SECRET_HEADERS = frozenset({"authorization", "cookie"})


class WriteLog:
    """Entries `{seq, at, method, path, status, object, id, before, after, headers, by}`, seq counting
    from 1.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[dict[str, Any]] = []

    def append(
        self,
        *,
        method: str,
        path: str,
        status: int,
        object: str,
        id: str | None,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        by: str | None,
    ) -> int:
        """Adds one record's change and gives its seq.

        `status` is the status of that record (in a batch: the one it would have had alone), `object` the
        native object name, `before` and `after` the native fields that the write named (None: did not
        exist), `by` the native id of the user whose token it was. Credentials are left out of the headers.
        """
        self._entries.append(
            {
                "seq": len(self._entries) + 1,
                "at": time_to_json(self._clock.now()),
                "method": method,
                "path": path,
                "status": status,
                "object": object,
                "id": id,
                "before": None if before is None else dict(before),
                "after": None if after is None else dict(after),
                "headers": {name: text for name, text in headers.items() if name.lower() not in _SECRET_HEADERS},
                "by": by,
            }
        )
        return len(self._entries)

    def after(self, seq: int) -> list[dict[str, Any]]:
        """The entries with a seq greater than this one, in order."""
        return self._entries[max(seq, 0) :]
