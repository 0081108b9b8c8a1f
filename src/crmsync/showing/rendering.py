"""Answers as text: rich renderables for terminals and files, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from typing import Any, TextIO

import msgspec

from crmsync.showing.foreign_text import clean_console

_INDENT = 2


def as_json(data: Any) -> str:
    """Indented JSON with a final line break; days and instants as ISO 8601 has them.

    The standard library's encoder indents in Python: a plan of 10,000 changes takes it four times as long, and 160 MB
    of small strings. Texts that are no Unicode, and numbers that are none in JSON, are left to it.
    """
    text = _on_one_line(data)
    try:
        return f"{msgspec.json.format(text, indent=_INDENT)}\n"
    except (UnicodeEncodeError, msgspec.DecodeError):
        return json.dumps(data, ensure_ascii=only_ascii(), indent=_INDENT, default=_iso) + "\n"


def as_json_line(data: Any) -> str:
    """JSON on one line, for results of one object a line."""
    return f"{_on_one_line(data)}\n"


def _on_one_line(data: Any) -> str:
    return json.dumps(data, ensure_ascii=only_ascii(), separators=(",", ":"), default=_iso)


def only_ascii() -> bool:
    """Whether stdout cannot say every sign: JSON then escapes them, so that nothing in it is lost."""
    return not str(sys.stdout.encoding or "utf-8").lower().startswith("utf")


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no shape in JSON")


def width(stream: TextIO | None = None) -> int:
    """Columns of the terminal (0: rich finds them); wide where stdout, or another stream, goes to a file, so that
    nothing is cut.
    """
    return 160 if not (stream or sys.stdout).isatty() and "COLUMNS" not in os.environ else 0


def rendered(*parts: Any) -> str:
    """rich renderables as text: with colours for a terminal (NO_COLOR is respected), plain elsewhere."""
    console = clean_console(width=width() or None, highlight=False, emoji=False, force_terminal=None, soft_wrap=False)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    return captured.get()
