"""CSV that spreadsheets show as it stands.

What begins like a formula is run by Excel, LibreOffice and Google Sheets, and CRM fields are written by strangers
(a web form's "company", say). So such texts get an apostrophe in front, texts are always quoted, and what could pass
for the start of another cell is broken up. What no cell of a spreadsheet can hold is cut. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from crmsync.showing.foreign_text import cleaned, cut, one_line

_FORMULA = re.compile(r"^[\s\u00a0\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]")
_BETWEEN = re.compile(r"(?<![\s;\"])[\s;\"]++(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""All that stands between a text and what looks like a formula; begun once a run, so that long ones cost no more."""
_PARTS_CELLS = re.compile(r"[;\t\r\n]")

Cell = str | int | float | None

MOST_OF_A_CELL = 32_767
"""Characters that a cell of Excel holds, by its specification; LibreOffice and Google Sheets hold more."""


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Lines of CSV with a head; null is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    return text.getvalue()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and that fits into one of its cells."""
    plain = cleaned(text)
    apart = one_line(_BETWEEN.sub(_broken_up, plain), 2 * len(text))
    return cut(f"'{apart}" if _FORMULA.match(plain) else apart, MOST_OF_A_CELL)


def _broken_up(between: re.Match[str]) -> str:
    return f"{between[0]}'" if _PARTS_CELLS.search(between[0]) else between[0]
