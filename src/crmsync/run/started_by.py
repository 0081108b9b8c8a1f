"""Who started a run, as the machine knows them."""

from __future__ import annotations

import getpass


def started_by() -> str | None:
    """The operating system's user name; null where it has none to tell (a container's bare number, say)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
