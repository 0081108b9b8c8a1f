"""The console's people and what they did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from crmsync.store import console
from crmsync.store.console import Deed, Session
from crmsync.store.damage import damage_in_words
from crmsync.store.faces.face import Face


class SessionsAndDeeds(Face):
    """Sessions, failed tries to sign in, and the log of what was done."""

    def begin(self, secret: str, session: Session) -> None:
        """Somebody is signed in; their browser alone holds the secret."""
        with damage_in_words(), self._database.writing() as at:
            console.begin(at, secret, session)

    def session(self, secret: str, *, now: datetime, idle: timedelta, looks: bool = True) -> Session | None:
        """Whose browser holds this; null where it is over, or nobody was there for so long. `looks`: somebody is."""
        with damage_in_words(), self._database.reading() as at:
            found = console.session(at, secret, now, idle)
        if looks and found is not None and console.seen_long_ago(found, now):
            with damage_in_words(), self._database.writing() as at:
                console.seen(at, secret, now)
        return found

    def end(self, secret: str) -> bool:
        """Signed out; false where nobody was signed in with it any more."""
        with damage_in_words(), self._database.writing() as at:
            return console.end(at, secret)

    def end_all_of(self, person: str) -> int:
        """Every session of a person; how many there were."""
        with damage_in_words(), self._database.writing() as at:
            return console.end_all_of(at, person)

    def tried(self, key: str, *, now: datetime, within: timedelta) -> tuple[int, datetime]:
        """Somebody tries to sign in: how often by now, this one included, and since when."""
        with damage_in_words(), self._database.writing() as at:
            return console.tried(at, key, now, within)

    def succeeded(self, key: str, *, all_of_them: bool) -> None:
        """The last try was right; `all_of_them`: what was wrong before counts no longer either."""
        with damage_in_words(), self._database.writing() as at:
            console.succeeded(at, key, all_of_them=all_of_them)

    def note(
        self,
        what: str,
        *,
        now: datetime,
        person: str | None,
        connection: str | None = None,
        reason: str = "",
        about: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Write down what was done. `about`: numbers and names, no lead's data."""
        with damage_in_words(), self._database.writing() as at:
            console.note(at, now, what, person=person, connection=connection, reason=reason, about=about)

    def deeds(self, *, most: int, before: int | None = None) -> tuple[Deed, ...]:
        """What was done, the newest first; `before`: only those with a lower number."""
        with damage_in_words(), self._database.reading() as at:
            return tuple(console.deeds(at, most, before))

    def tidy(self, before: datetime, *, only_count: bool = False) -> int:
        """Let go what was done before this instant; how much that is. `only_count`: and let it stay."""
        with damage_in_words(), self._database.writing() as at:
            return console.tidy(at, before, only_count=only_count)

    def deeds_in_all(self) -> int:
        """How many were written down."""
        with damage_in_words(), self._database.reading() as at:
            return console.deeds_in_all(at)
