"""Whether the service still looks at its clock."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic


class Heartbeat:
    """Told of each look; well as long as the latest is no older than some of them take."""

    def __init__(self, longest_seconds: float, clock: Callable[[], float] = monotonic) -> None:
        """`clock` gives seconds that never go back. A beginning counts as a look."""
        self._longest_seconds = longest_seconds
        self._clock = clock
        self._latest = clock()

    def beat(self) -> None:
        """The service has looked at its clock."""
        self._latest = self._clock()

    def trouble(self) -> str | None:
        """Null when it did so lately."""
        silent = self._clock() - self._latest
        return None if silent <= self._longest_seconds else f"the schedule has not been looked at for {silent:.0f} s"
