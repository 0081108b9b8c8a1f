"""Lets the tests of this folder import what stands beside them, the acceptance tests' `rehearsal`, and benches."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "bench"))
sys.path[:0] = [str(HERE), str(HERE / "qualify"), str(HERE.parent / "acceptance"), str(HERE.parent / "unit" / "run")]
