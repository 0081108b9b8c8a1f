"""The console's log as a table, one deed a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crmsync.operations.history.console_log import ConsoleLog
from crmsync.showing.foreign_text import markup
from crmsync.showing.history.deed_words import about_words, deed_words
from crmsync.showing.instants import instant, zone_name
from crmsync.tongue import ENGLISH


def deeds_parts(log: ConsoleLog) -> Iterator[Any]:
    """Renderables for all of it."""
    if not log.deeds:
        yield "Nothing was done in the console yet."
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    zone = zone_name(log.deeds[0].at)
    for name in (f"When ({zone})", "Who", "What", "Where", "Reason"):
        table.add_column(name, overflow="fold")
    for deed in log.deeds:
        about = about_words(deed, ENGLISH)
        what = f"{deed_words(deed, ENGLISH)}{f' ({about})' if about else ''}"
        cells = (deed.person or "(nobody)", what, deed.connection or "", deed.reason)
        table.add_row(instant(deed.at, in_zone=zone), *map(markup, cells))
    yield table
    if log.total > len(log.deeds):
        yield f"{len(log.deeds):,} of {log.total:,}; --show 0 lists all"
