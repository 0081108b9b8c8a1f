"""Consoles share what Jinja has compiled, however many of them a process has one after the other.

A process of its own has one console, which compiles each template once. Tests have hundreds, and would compile the
same templates again for each. Importing this is enough.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """In memory. A template is known by its name, and by what it says."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is known of it, if anything is."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        if bucket.code is not None:
            self._known[bucket.key, bucket.checksum] = bucket.code


_COMPILED = Compiled()
_begin = Environment.__init__


def _begin_sharing(self: Environment, *arguments: Any, **named: Any) -> None:
    _begin(self, *arguments, **named)
    self.bytecode_cache = self.bytecode_cache or _COMPILED


Environment.__init__ = _begin_sharing  # type: ignore[method-assign]
