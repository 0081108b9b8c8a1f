"""Times of the future in the store, left by a clock that ran ahead: they count as now, and are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from crmsync.connection.opening import Opened
from crmsync.store import Store


def put_right(opened: Opened, store: Store, *, now: datetime, today: date) -> Iterator[str]:
    """Words for what was put right. Nothing is, unless the CRM's answers have told that `now` is right."""
    if not opened.clock_confirmed:
        return
    found = store.runs.put_right(opened.prepared.name, now=now, today=today)
    if found:
        told = ", ".join(f"{name}: {number:,}" for name, number in found.items())
        yield f"times of the future in the store count as now; a clock must have run ahead ({told})"
