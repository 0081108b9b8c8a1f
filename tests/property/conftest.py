"""Lets the tests of this folder import what stands beside them, and the acceptance tests' `rehearsal`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "qualify"), str(HERE.parent / "acceptance"), str(HERE.parent / "unit" / "run")]
