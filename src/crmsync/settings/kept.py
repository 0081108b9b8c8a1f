"""Settings that are made anew only when a file says something else: for who asks many times in a minute."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from threading import Lock

from crmsync.files import Unreadable, read_file
from crmsync.settings.documents import LARGEST_FILE_BYTES
from crmsync.settings.load import load_settings
from crmsync.settings.settings import Settings
from crmsync.settings.variables import PREFIX

_Said = tuple[Mapping[str, str], Mapping[Path, bytes | None]]
"""The variables of crmsync, and file → a digest of what it holds; null = it cannot be read."""


class KeptSettings:
    """A configuration's settings, never older than its files: these are read each time, and held against what they
    said when the settings were made. Their times of change would not do: two changes may have the same.

    What they say is noted before it is read for good, so that a change in between is seen the next time, and as
    digests, as `.env` holds secrets. The same settings are the same object, so that what is made of them may be kept
    (see `operations.run.ready.stored`). May be called by several threads.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self._lock = Lock()
        self._kept: tuple[Settings, _Said] | None = None

    def __call__(self) -> Settings:
        """By the files as they are now. Raises `ConfigurationError` as `load_settings` does."""
        with self._lock:
            if self._kept is not None and _said(self._kept[0]) == self._kept[1]:
                return self._kept[0]
            self._kept = None
            said = _said(load_settings(self._config))  # which files there are; and what they say
            self._kept = (load_settings(self._config), said)
            return self._kept[0]


def _said(settings: Settings) -> _Said:
    variables = {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    return variables, {path: _digest(path) for path in (*settings.files, settings.directory / ".env")}


def _digest(path: Path) -> bytes | None:
    try:
        return sha256(read_file(path, largest_bytes=LARGEST_FILE_BYTES)).digest()
    except Unreadable:
        return None
