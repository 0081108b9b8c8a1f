"""Regular expressions that are compiled when one is first asked, not when its module is imported.

Python compiles one in a quarter of a millisecond and keeps none for its next start; a command asks a third of those
that stand in the modules which it imports.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any


class _LatePattern:
    """What `re.compile` makes, once somebody looks at it."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._written = pattern, flags

    def __getattr__(self, name: str) -> Any:
        asked = getattr(re.compile(*self._written), name)
        setattr(self, name, asked)
        return asked


if TYPE_CHECKING:
    late_pattern = re.compile
else:

    def late_pattern(pattern: str, flags: int = 0) -> _LatePattern:
        """As `re.compile`."""
        return _LatePattern(pattern, flags)
