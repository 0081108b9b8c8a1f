"""A test that needs a whole day waits when the day is about to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from suite.midnight import wait


@pytest.mark.parametrize(
    ("at", "seconds"),
    [("00:00:00", 0), ("12:30:00", 0), ("23:51:59", 0), ("23:52:00", 0), ("23:52:01", 480), ("23:59:59", 2)],
)
def test_only_the_last_minutes_are_waited_for(at: str, seconds: int) -> None:
    now = datetime.fromisoformat(f"2026-12-31T{at}").replace(tzinfo=UTC)
    assert wait(now) == timedelta(seconds=seconds)
    assert wait(now + wait(now)) == timedelta(0)
