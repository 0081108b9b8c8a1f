"""Answers as text: rich renderables for terminals and files, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from crmsync.showing.foreign_text import clean_console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_INDENT = 2
_FURTHER_IN, _LEAST = 2, 20
"""Columns by which what is left of a line stands further in, and how many it has at least."""


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
            console.print(_hanging(part, console) if isinstance(part, str) else part)
    return captured.get()


def _hanging(line: str, console: Console) -> str | Text:
    """An indented line that is too long goes on further in, so that one sees where the next begins."""
    indent = len(line) - len(line.lstrip(" "))
    if not indent or len(line) <= console.width or "\n" in line:
        return line
    text, told = console.render_str(line), console.render_str("")
    if text.cell_len <= console.width:
        return line
    for part in text[indent:].wrap(console, max(console.width - indent - _FURTHER_IN, _LEAST)):
        part.rstrip()
        told.append(f"\n{' ' * (indent + _FURTHER_IN)}" if told else " " * indent).append_text(part)
    return told
