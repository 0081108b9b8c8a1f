"""A guard against paging that never ends."""

from __future__ import annotations

from crmsync.errors import CrmUnreachable

MOST_PAGES = 1_000_000
MOST_WITHOUT_NEWS = 50
"""Pages in a row that may bring nothing that was not there before."""


class PagingGuard:
    """Remembers the cursors of one pull; a CRM that gives the same one twice would be read for ever.

    So would one that gives new cursors to the same records, or to none, or goes on and on.
    """

    def __init__(self, what: str) -> None:
        """`what`: words for the message, e.g. `Lead records`."""
        self._what = what
        self._seen: set[str] = set()
        self._without_news = 0

    def check(self, cursor: str, *, news: bool = True) -> str:
        """The cursor, if reading on may lead somewhere. `news`: whether the page before it brought anything new.

        Raises `CrmUnreachable` otherwise.
        """
        if cursor in self._seen:
            raise self._endless(f"the CRM sent the same page of {self._what} twice")
        self._seen.add(cursor)
        self._without_news = 0 if news else self._without_news + 1
        if self._without_news >= MOST_WITHOUT_NEWS:
            raise self._endless(f"the CRM sent {MOST_WITHOUT_NEWS} pages of {self._what} with nothing new on them")
        if len(self._seen) >= MOST_PAGES:
            raise self._endless(f"the CRM sent {MOST_PAGES:,} pages of {self._what}")
        return cursor

    def _endless(self, words: str) -> CrmUnreachable:
        return CrmUnreachable(
            f"{words}; reading on would never end",
            hint="run again; if it comes back, report it with the CRM's status page at that time",
        )
