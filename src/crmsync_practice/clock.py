"""The practice CRM's clock: the real one, or one that a test has set. The only module that reads the
real clock.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


class Clock:
    """Tells the time. Once set it stands still at that instant until set again, or freed with None."""

    def __init__(self) -> None:
        self._set_to: datetime | None = None

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        if self._set_to is not None:
            return self._set_to
        return datetime.now(UTC)  # noqa: TID251 - this is the clock that all others are told to ask

    def set(self, instant: datetime | None) -> None:
        """Stops the clock at an aware instant, or lets it run again (None)."""
        self._set_to = None if instant is None else instant.astimezone(UTC)

    @property
    def is_set(self) -> bool:
        """Whether the clock stands still."""
        return self._set_to is not None

    def today(self, zone: ZoneInfo) -> date:
        """The present day in a zone."""
        return self.now().astimezone(zone).date()

    def monotonic(self) -> float:
        """Seconds for measuring spans (rate-limit windows), unaffected by `set`."""
        return time.monotonic()
