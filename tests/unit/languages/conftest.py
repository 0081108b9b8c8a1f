"""The made-up language and the small firm of `tests/unit/run` are at hand here."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "run")]
