"""What the last searches found: paging through many records does not count or sort them anew for each page."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")
_SEARCHES = 4


class SearchMemory:
    """Holds answers until any row of the database changes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes = -1
        self._found: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def get(self, question: tuple[Any, ...], find: Callable[[], _T]) -> _T:
        """The answer to a question (hashable), found now or since the last change."""
        changes = self._connection.total_changes
        if changes != self._changes:
            self._found.clear()
            self._changes = changes
        if question not in self._found:
            self._found[question] = find()
            if len(self._found) > _SEARCHES:
                self._found.popitem(last=False)
        self._found.move_to_end(question)
        answer: _T = self._found[question]
        return answer

    def forget(self) -> None:
        """A transaction was taken back."""
        self._found.clear()
