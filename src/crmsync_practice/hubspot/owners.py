"""Owners: the portal's users and queues. An owner's `id` and its `userId` are two different numbers.

Shapes: wire notes, section 4 (DOC). A user of the import becomes one owner; an inactive one is archived.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.storage import Storage

_FIRST_OWNER = 41_629_700
_FIRST_USER = 9_586_500
_FIRST_TEAM = 368_300


@dataclass(frozen=True)
class Owner:
    """One owner; `user` is the import shape, `import_id` its id there."""

    id: int
    import_id: str
    user: dict[str, Any]
    created: int
    updated: int
    team_id: int | None

    @property
    def active(self) -> bool:
        """Whether work may be assigned."""
        return self.user.get("active") is not False

    @property
    def user_id(self) -> int:
        """The user's number, which is not the owner's."""
        return _FIRST_USER + self.id - _FIRST_OWNER

    def json(self) -> dict[str, Any]:
        """The owner as the owners API shows it."""
        first, _, last = (self.user.get("name") or "").partition(" ")
        shown: dict[str, Any] = {
            "id": str(self.id),
            "email": self.user.get("email"),
            "type": "QUEUE" if self.user.get("type") == "queue" else "PERSON",
            "firstName": first,
            "lastName": last,
            "userId": self.user_id if self.active else None,
            "userIdIncludingInactive": self.user_id,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "archived": not self.active,
        }
        if self.team_id is not None:
            shown["teams"] = [{"id": str(self.team_id), "name": self.user["team"], "primary": True}]
        return shown


class Owners:
    """All owners, held in memory and kept in the database."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.reload()

    def reload(self) -> None:
        """Reads all owners from the database again."""
        connection = self._storage.connection
        teams = dict(connection.execute("SELECT name, id FROM hubspot_teams"))
        self._by_id: dict[int, Owner] = {}
        self._by_import: dict[str, Owner] = {}
        for row in connection.execute("SELECT id, import_id, user, created, updated FROM hubspot_owners ORDER BY id"):
            user = msgspec.json.decode(row[2])
            owner = Owner(row[0], row[1], user, row[3], row[4], teams.get(user.get("team")))
            self._by_id[owner.id] = owner
            self._by_import[owner.import_id] = owner

    def put(self, user: dict[str, Any], now: int) -> Owner:
        """Adds a user as an owner, or changes one, by the user's import id."""
        known = self._by_import.get(user["id"])
        connection = self._storage.connection
        if user.get("team"):
            connection.execute(
                "INSERT OR IGNORE INTO hubspot_teams VALUES (? + (SELECT count(*) FROM hubspot_teams), ?)",
                (_FIRST_TEAM, user["team"]),
            )
        owner_id = known.id if known else _FIRST_OWNER + len(self._by_id)
        connection.execute(
            "INSERT OR REPLACE INTO hubspot_owners VALUES (?, ?, ?, ?, ?)",
            (owner_id, user["id"], msgspec.json.encode(user).decode(), known.created if known else now, now),
        )
        self._add(owner_id, user, known.created if known else now, now)
        return self._by_id[owner_id]

    def _add(self, owner_id: int, user: dict[str, Any], created: int, updated: int) -> None:
        row = self._storage.connection.execute(
            "SELECT id FROM hubspot_teams WHERE name = ?", (user.get("team"),)
        ).fetchone()
        owner = Owner(owner_id, user["id"], user, created, updated, None if row is None else row[0])
        self._by_id[owner_id] = owner
        self._by_import[user["id"]] = owner

    def all(self) -> list[Owner]:
        """Every owner by ascending id, archived ones included."""
        return list(self._by_id.values())

    def get(self, owner_id: str) -> Owner | None:
        """An owner by the text of its id."""
        number = owner_id.isascii() and owner_id.isdigit() and len(owner_id) < 16
        return self._by_id.get(int(owner_id)) if number else None

    def by_user_id(self, user_id: str) -> Owner | None:
        """An owner by the text of its user id."""
        return next((owner for owner in self._by_id.values() if str(owner.user_id) == user_id), None)

    def by_import_id(self, import_id: str) -> Owner | None:
        """The owner that a user of the import became."""
        return self._by_import.get(import_id)
