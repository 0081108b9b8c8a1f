"""A guard against paging that never ends."""

from __future__ import annotations

from crmsync.errors import CrmUnreachable


class PagingGuard:
    """Remembers the cursors of one pull; a CRM that gives the same one twice would be read for ever."""

    def __init__(self, what: str) -> None:
        """`what`: words for the message, e.g. `Lead records`."""
        self._what = what
        self._seen: set[str] = set()

    def check(self, cursor: str) -> str:
        """The cursor, if it is new. Raises `CrmUnreachable` otherwise."""
        if cursor in self._seen:
            raise CrmUnreachable(
                f"the CRM sent the same page of {self._what} twice; reading on would never end",
                hint="run again; if it comes back, report it with the CRM's status page at that time",
            )
        self._seen.add(cursor)
        return cursor
