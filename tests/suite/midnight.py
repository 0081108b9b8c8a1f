"""No day ends while a test runs that starts practice CRMs: what they and crmsync call today is read from the clock.

A run of another day may decide otherwise. Near midnight (UTC, the zone of practice CRMs) such a test waits for it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from suite.kinds import kind_of

LONGEST_TEST = timedelta(minutes=8)
"""On a machine that has more to do."""
WITHOUT_CLOCK = {"unit", "imports", "migration"}


def wait(now: datetime) -> timedelta:
    """How long to wait, so that midnight is either behind or far away."""
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - now + timedelta(seconds=1) if midnight - now < LONGEST_TEST else timedelta(0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture of the test is made."""
    if kind_of(item.nodeid) not in WITHOUT_CLOCK:
        time.sleep(wait(datetime.now(UTC)).total_seconds())  # noqa: TID251 - it is the clock that matters here
