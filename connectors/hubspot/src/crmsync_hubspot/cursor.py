"""Where a pull goes on: one instant as text, or two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crmsync.sdk import FullReadNeeded
from crmsync_hubspot.instants import as_text, from_text


@dataclass(frozen=True, slots=True)
class Cursor:
    """`read`: changes from here on. `recycle_bin`: deletions from here on, which are looked for less often."""

    read: datetime
    recycle_bin: datetime

    @classmethod
    def from_text(cls, text: str) -> Cursor:
        """From one instant, or from two. Raises `FullReadNeeded` for a text that this connector did not give."""
        try:
            read, *rest = map(from_text, text.split(" "))
        except (ValueError, OverflowError) as error:
            raise FullReadNeeded("the stored place is none that this connector wrote") from error
        return cls(read, rest[0] if rest else read)

    def to_text(self) -> str:
        """One instant when both are the same."""
        moments = [self.read] if self.read == self.recycle_bin else [self.read, self.recycle_bin]
        return " ".join(map(as_text, moments))
