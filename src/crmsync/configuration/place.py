"""Where something stands in a file, and how large a file may be: for both ways of reading one."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

Path = tuple[str | int, ...]
"""Keys and indexes from the top of a file down to a value."""

GONE: Final = object()
"""In place of a value: from now on none stands there."""

LARGEST_NODE_COUNT = 60_000
DEEPEST_NESTING = 40


class Mark(Struct, frozen=True):
    """Where something stands; both count from 1."""

    line: int
    column: int


class Content(Struct, frozen=True):
    """What a text says: `data` is plain Python, `values` and `keys` say where each value and each key stands."""

    data: Any
    values: dict[Path, Mark]
    keys: dict[Path, Mark]
