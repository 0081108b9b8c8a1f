"""Lets the tests of this folder import `routing_world`, which stands beside the cases."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
