"""What the calls of one connection had to put up with, counted as it happens."""

from __future__ import annotations

from msgspec import Struct


class Tally(Struct):
    """Kept by a transport, and told in its `Usage`. Used by one thread, like the connector that owns it.

    `retries`: calls made again after a passing fault. `refused`: calls that the CRM took for one too many.
    `waited_seconds`: before calls, to stay below limits or because the last one failed.
    """

    retries: int = 0
    refused: int = 0
    waited_seconds: float = 0.0

    def again(self, after_seconds: float) -> None:
        """A call is made again, after this wait."""
        self.retries += 1
        self.waited_seconds += after_seconds
