"""What SQLite does not know by itself: comparing without regard to any letter's case, and the org's local time."""

from __future__ import annotations

import sqlite3
from zoneinfo import ZoneInfo

from crmsync_practice.salesforce.instants import from_stamp


def add_functions(connection: sqlite3.Connection, zone: ZoneInfo) -> None:
    """Gives a connection `fold(text)` and `to_local(stamp)`."""

    def fold(text: str | None) -> str | None:
        return text.casefold() if isinstance(text, str) else None

    def to_local(stamp: str | None) -> str | None:
        return None if stamp is None else from_stamp(stamp).astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")

    connection.create_function("fold", 1, fold, deterministic=True)
    connection.create_function("to_local", 1, to_local, deterministic=True)
