"""Lets the tests of this folder import each other, the scripts, and the world that the acceptance tests use."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

sys.path[:0] = [str(ROOT / folder) for folder in ("tests/docs", "scripts", "tests/acceptance")]
