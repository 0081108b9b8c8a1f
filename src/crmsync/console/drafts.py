"""Changes of files that people are about to make: kept for a while, until they are saved or dropped."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from crmsync.errors import UsageError
from crmsync.operations.edit.opened_file import OpenedFile, digest_of

_MOST_KEPT = 64
_NUMBER_BYTES = 12
_NOT_KEPT = "this change is no longer kept, or not here"
_AGAIN = (
    "if you have saved it, it stands in the file; else nothing of it was written, and you make it again. Where "
    "several machines answer under one address, each browser has to stay with one of them"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """`file`: as it was when the change began; `text`: as it would be. `about`: what the file is of."""

    who: str
    about: str
    file: OpenedFile
    text: str

    @property
    def digest(self) -> str:
        """Tells one wording from another."""
        return digest_of(self.text.encode("utf-8"))


class Drafts:
    """The latest of all readers, each found by those alone who made it."""

    def __init__(self) -> None:
        """There is none yet."""
        self._lock = threading.Lock()
        self._drafts: dict[str, Draft] = {}

    def keep(self, draft: Draft) -> str:
        """The number by which it is found again."""
        number = secrets.token_urlsafe(_NUMBER_BYTES)
        with self._lock:
            self._drafts[number] = draft
            while len(self._drafts) > _MOST_KEPT:
                del self._drafts[next(iter(self._drafts))]
        return number

    def of(self, number: str, who: str, about: str) -> Draft:
        """Raises `UsageError` for one that there is not, or that is somebody else's."""
        with self._lock:
            found = self._drafts.get(number)
        if found is None or (found.who, found.about) != (who, about):
            raise UsageError(_NOT_KEPT, hint=_AGAIN)
        return found

    def drop(self, number: str) -> None:
        """It is saved, or not wanted."""
        with self._lock:
            self._drafts.pop(number, None)
