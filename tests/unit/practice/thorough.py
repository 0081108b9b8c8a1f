"""How many random examples the tests of the practice CRMs draw.

The usual numbers keep `make test` short. With `PRACTICE_EXAMPLES=20` in the environment,
`pytest tests/unit/practice tests/unit/practice_hubspot` draws twenty times as many.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("PRACTICE_EXAMPLES", "1"))


def drawing(usual: int) -> settings:
    """The settings of a test that usually draws so many examples."""
    return settings(max_examples=usual * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
