"""Where a pull goes on: one instant as text, or two, and the forms that are behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crmsync.sdk import FullReadNeeded
from crmsync_hubspot.instants import as_text, from_text


@dataclass(frozen=True, slots=True)
class Cursor:
    """`read`: changes from here on. `recycle_bin`: deletions from here on, which are looked for less often.

    `behind`: forms that could not be read lately, with the instant from which on they are to be read.
    """

    read: datetime
    recycle_bin: datetime
    behind: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> Cursor:
        """From one instant, or from two. Raises `FullReadNeeded` for a text that this connector did not give."""
        words = text.split(" ")
        forms = [word.rpartition("=") for word in words if "=" in word]
        try:
            read, *rest = (from_text(word) for word in words if "=" not in word)
            behind = {form: from_text(moment) for form, _, moment in forms}
        except (ValueError, OverflowError) as error:
            raise FullReadNeeded("the stored place is none that this connector wrote") from error
        return cls(read, rest[0] if rest else read, behind)

    def to_text(self) -> str:
        """One instant when both are the same."""
        moments = [self.read] if self.read == self.recycle_bin else [self.read, self.recycle_bin]
        behind = [f"{form}={as_text(moment)}" for form, moment in self.behind.items()]
        return " ".join([*map(as_text, moments), *behind])
