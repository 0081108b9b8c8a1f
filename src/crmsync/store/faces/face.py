"""What every face of the store stands on: one transaction for each verb, on one connection's rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from crmsync.store import bookkeeping
from crmsync.store.damage import damage_in_words
from crmsync.store.database import Database

_T = TypeVar("_T")


class Numbers:
    """Connection name → its number in the database; a new name gets one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, int] = {}

    def __getitem__(self, connection: str) -> int:
        """The connection's number."""
        if connection not in self._known:
            with self._database.reading() as at:
                number = bookkeeping.connection_number(at, connection)
            if number is None:  # who only reads does not wait for who writes
                with self._database.writing() as at:
                    number = bookkeeping.new_connection(at, connection)
            self._known[connection] = number
        return self._known[connection]


class Face:
    """Verbs on a connection's name, each one a transaction of its own. What raises has changed nothing."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._database = database
        self._numbers = numbers

    def _read(self, connection: str, question: Callable[[Connection, int], _T]) -> _T:
        number = self._numbers[connection]
        with damage_in_words(), self._database.reading() as at:
            return question(at, number)

    def _write(self, connection: str, change: Callable[[Connection, int], _T]) -> _T:
        number = self._numbers[connection]
        with damage_in_words(), self._database.writing(number) as at:
            return change(at, number)
