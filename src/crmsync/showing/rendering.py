"""Answers as text: rich renderables for terminals and files, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from crmsync.showing.foreign_text import clean_console


def as_json(data: Any) -> str:
    """Indented JSON with a final line break."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def width() -> int:
    """Columns of the terminal; wide when the output goes to a file, so that nothing is cut."""
    return 160 if not sys.stdout.isatty() and "COLUMNS" not in os.environ else 0


def rendered(*parts: Any) -> str:
    """rich renderables as text: with colours for a terminal (NO_COLOR is respected), plain elsewhere."""
    console = clean_console(width=width() or None, highlight=False, emoji=False, force_terminal=None, soft_wrap=False)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    return captured.get()
