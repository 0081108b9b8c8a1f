"""What a run has come to, whichever way it ends: told to whoever counts, never read by the run itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from crmsync.contract import Usage


@dataclass
class Meter:
    """Of one run. `usage`: what its connector says of its calls, once it was closed.

    `waited`: seconds from a change in the CRM to the moment at which what answers it had been read back, of each such
    change.
    """

    usage: Usage = field(default_factory=lambda: Usage(0))
    waited: list[float] = field(default_factory=list)

    def used(self, usage: Usage) -> None:
        """The connector is closed."""
        self.usage = usage
