"""What CRMs told by themselves, and waits to be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from crmsync.store import tellings
from crmsync.store.damage import damage_in_words
from crmsync.store.faces.face import Face
from crmsync.store.tellings import HeardUpTo, TellingsStanding, ToldRecord, Waiting


class Tellings(Face):
    """What CRMs told by themselves, and waits to be read. Whoever takes something in does not hold the connection."""

    def take_in(
        self,
        connection: str,
        told: Iterable[ToldRecord],
        *,
        now: datetime,
        refused: Mapping[str, int] | None = None,
        heard: Sequence[HeardUpTo] = (),
    ) -> int:
        """Let records wait to be read, each once however often it is told; how many were told.

        `refused`: reason → deliveries that were refused meanwhile, to be counted. `heard`: how far channels were
        heard by that: kept with what was heard, or not at all.
        """
        records, number = tuple(told), self._numbers[connection]
        with damage_in_words(), self._database.writing(number) as at:
            tellings.count(at, number, refused or {}, now)
            tellings.heard(at, number, heard, now)
            return tellings.take_in(at, number, records, now) if records else 0

    def waiting(self, connection: str, *, limit: int) -> tuple[Waiting, ...]:
        """The records to be read, those first that came first."""
        return self._read(connection, lambda at, number: tellings.waiting(at, number, limit))

    def are_waiting(self, connection: str, object_name: str, records: Collection[str]) -> bool:
        """Whether any of these records of one object waits to be read."""
        return self._read(connection, lambda at, number: tellings.are_waiting(at, number, object_name, records))

    def were_read(self, connection: str, read: Sequence[Waiting]) -> int:
        """What was read of these is remembered; those that were told again since go on waiting. How many went."""
        return self._write(connection, lambda at, number: tellings.were_read(at, number, read))

    def standing(self, connection: str) -> TellingsStanding:
        """How many were told, wait, and were refused."""
        return self._read(connection, tellings.standing)

    def position(self, connection: str, account: str, channel: str) -> str | None:
        """From where a channel of this account goes on; null = from now on."""
        return self._read(connection, lambda at, number: tellings.position(at, number, account, channel))
