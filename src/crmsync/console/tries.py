"""How often somebody may be wrong about a password before they have to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crmsync.store import Store

WITHIN = timedelta(minutes=15)
BY_NAME = 5
"""Wrong passwords of one person in that time."""
BY_ADDRESS = 40
"""The same from one address, whomever they try to be. Behind a proxy everybody comes from it."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Of one name, from one address."""

    name: str
    address: str

    def begin(self, store: Store, now: datetime) -> timedelta | None:
        """One more, before the password is looked at: many at once count like one after the other.

        How long nobody is let try; null = this one is.
        """
        waits = []
        for key, most in self._keys():
            count, since = store.console.tried(key, now=now, within=WITHIN)
            if count > most:
                waits.append(since + WITHIN - now)
        return max(waits, default=None)

    def succeeded(self, store: Store) -> None:
        """It was them. What came from the address before stays counted: one right password pays for no others."""
        for number, (key, _) in enumerate(self._keys()):
            store.console.succeeded(key, all_of_them=number == 0)

    def _keys(self) -> tuple[tuple[str, int], tuple[str, int]]:
        return (f"name {self.name}", BY_NAME), (f"address {self.address}", BY_ADDRESS)
