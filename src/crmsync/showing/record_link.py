"""A lead's id as a link to its page in the CRM, where a terminal can."""

from __future__ import annotations

import os

_CANNOT = frozenset({"linux", "dumb", "unknown", ""})
"""Terminals (TERM) that would show a link's address as signs on the screen, or nothing of it."""


def linked(text: str, url: str | None) -> str:
    """rich markup of a text that is markup already; where no link can be shown it stays as it is.

    Files and pipes get none: rich leaves them out there.
    """
    if url is None or os.environ.get("TERM", "xterm") in _CANNOT:
        return text
    return f"[link={url}]{text}[/link]"
