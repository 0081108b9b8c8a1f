"""How often somebody may try in vain to sign in before they have to wait."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from crmsync.store import Store
from crmsync.tongue import Tongue

WITHIN = timedelta(minutes=15)
BY_NAME = 5
"""Wrong passwords of one person in that time."""
BY_ADDRESS = 40
"""Tries in vain from one address, whomever they try to be. Behind a proxy everybody comes from it."""


@dataclass(frozen=True, slots=True)
class Tries:
    """From one address, of one name. `name`: null = the provider says who it is."""

    address: str
    name: str | None = None

    def begin(self, store: Store, now: datetime) -> timedelta | None:
        """One more, before the password is looked at: many at once count like one after the other. What comes from an
        address that has to wait counts against nobody's name: it would keep everybody else outside.

        How long nobody is let try; null = this one is.
        """
        for key, most in self._keys():
            count, since = store.console.tried(key, now=now, within=WITHIN)
            if count > most:
                return since + WITHIN - now
        return None

    def succeeded(self, store: Store) -> None:
        """It was them. What came from the address before stays counted: one right password pays for no others."""
        for number, (key, _) in enumerate(self._keys()):
            store.console.succeeded(key, all_of_them=number > 0)

    def _keys(self) -> tuple[tuple[str, int], ...]:
        address = (f"address {self.address}", BY_ADDRESS)
        return (address,) if self.name is None else (address, (f"name {self.name}", BY_NAME))


def tries_of(request: Request, name: str | None = None) -> Tries:
    """Of whoever asks."""
    return Tries(request.client.host if request.client else "", name)


def told_to_wait(wait: timedelta, tongue: Tongue) -> str:
    """Until when nobody is let try."""
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    return tongue.say_many(
        "Too many tries to sign in. Try again in {number} minute.",
        "Too many tries to sign in. Try again in {number} minutes.",
        minutes,
        number=tongue.number(minutes),
    )
