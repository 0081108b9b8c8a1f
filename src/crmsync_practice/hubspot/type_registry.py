"""Which object types the portal has: the standard ones plus custom ones, found by any alias."""

from __future__ import annotations

import msgspec

from crmsync_practice.hubspot.errors import HubSpotError
from crmsync_practice.hubspot.object_types import STANDARD_TYPES, ObjectType, aliases_of
from crmsync_practice.hubspot.storage import Storage


class Types:
    """Object types by alias; making one makes its table."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._by_alias: dict[str, ObjectType] = {}
        self._all: dict[str, ObjectType] = {}
        for kind in STANDARD_TYPES:
            self._add(kind)
        for (text,) in storage.connection.execute("SELECT definition FROM hubspot_types ORDER BY id"):
            self._add(msgspec.json.decode(text, type=ObjectType))

    def _add(self, kind: ObjectType) -> None:
        self._storage.prepare(kind)
        self._all[kind.id] = kind
        for alias in aliases_of(kind):
            self._by_alias[alias] = kind

    def create(self, kind: ObjectType) -> None:
        """Adds a custom object type for good."""
        self._storage.connection.execute(
            "INSERT INTO hubspot_types VALUES (?, ?)", (kind.id, msgspec.json.encode(kind).decode())
        )
        self._add(kind)

    def all(self) -> list[ObjectType]:
        """Every type, the standard ones first."""
        return list(self._all.values())

    def find(self, alias: str) -> ObjectType | None:
        """The type behind a plural, singular or type id, whatever its case."""
        return self._by_alias.get(alias.lower())

    def require(self, alias: str) -> ObjectType:
        """The type behind an alias. Raises the refusal HubSpot gives for an unknown one (3P)."""
        found = self.find(alias)
        if found is None:
            raise HubSpotError(400, f"Unable to infer object type from: {alias[:100]}", "VALIDATION_ERROR")
        return found

    def named(self, name: str) -> ObjectType:
        """A type that is known to be there, such as `contacts`."""
        return self._by_alias[name]
