"""Files with credentials or people's data that anybody on this machine may read."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from crmsync.connection import registry
from crmsync.errors import CrmsyncError, Finding
from crmsync.settings import Settings, connector_settings
from crmsync.store import file_at


def exposed_findings(settings: Settings) -> Iterator[Finding]:
    """A warning for each: `.env`, files that connectors' options name (keys, kept tokens), who may sign in to the
    console, the store; their folders.

    Who is in the file's group is the machine's own matter. Windows says it otherwise, and is not looked at.
    """
    if sys.platform == "win32":
        return
    files = [settings.directory / ".env", *_named(settings), *_people(settings), *_stores(settings)]
    for path in dict.fromkeys(files):
        if _for_all(path):
            message = "everybody on this machine may read this file"
            yield Finding(str(path), 0, 0, message, f"chmod 600 {path}", "warning")
    for folder in dict.fromkeys(path.absolute().parent for path in files):
        if _open_to_all(folder):
            message = "everybody on this machine may put other files in the place of those in this folder"
            yield Finding(str(folder), 0, 0, message, f"chmod o-w {folder}", "warning")


def _named(settings: Settings) -> Iterator[Path]:
    for name, connection in settings.configured.items():
        try:
            plugin = registry.load(connection.connector)
            options = connector_settings(plugin, name, connection.options, settings.file, settings.directory)
        except CrmsyncError:  # told elsewhere
            continue
        values = (getattr(options, field) for field in type(options).model_fields)
        yield from (value for value in values if isinstance(value, Path))


def _people(settings: Settings) -> Iterator[Path]:
    """Hashes of passwords, and who may do what."""
    if settings.console is not None:
        yield settings.directory / settings.console.people


def _stores(settings: Settings) -> Iterator[Path]:
    """The store's file, if it is one."""
    file = file_at(settings.store)
    if file is not None:
        yield file


def _open_to_all(folder: Path) -> bool:
    """Whether all may replace its files; in a folder like /tmp (sticky) each only their own."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX


def _for_all(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & (stat.S_IROTH | stat.S_IWOTH))
