"""The registry of properties per object type: the standard ones, and those that an import or a client added."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec

from crmsync_practice.hubspot.definitions import Definition, Option, standard_definitions
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.storage import Storage

NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
FIELD_TYPES = {
    "string": ("text", "textarea", "html", "phonenumber", "file"),
    "number": ("number", "text", "calculation_equation"),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox"),
    "bool": ("booleancheckbox",),
    "date": ("date",),
    "datetime": ("date",),
    "phone_number": ("phonenumber",),
}
"""Which field types go with a type; the first is what an import uses."""


class Properties:
    """Definitions by object type and name. Added and changed ones are kept in the database."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._found: dict[str, dict[str, Definition]] = {}
        self._live: dict[str, dict[str, Definition]] = {}

    def of(self, kind: ObjectType) -> dict[str, Definition]:
        """All properties of a type by name, archived ones included."""
        found = self._found.get(kind.id)
        if found is None:
            found = standard_definitions(kind.name)
            rows = self._storage.connection.execute(
                "SELECT definition FROM hubspot_properties WHERE object = ? ORDER BY position",
                (kind.id,),
            )
            for (text,) in rows:
                definition = _thawed(msgspec.json.decode(text))
                found[definition.name] = definition
            self._found[kind.id] = found
        return found

    def live(self, kind: ObjectType) -> dict[str, Definition]:
        """The properties a client may read and write, by name."""
        live = self._live.get(kind.id)
        if live is None:
            live = {name: each for name, each in self.of(kind).items() if not each.archived}
            self._live[kind.id] = live
        return live

    def put(self, kind: ObjectType, definition: Definition) -> None:
        """Adds or replaces one definition; a unique one gets its index."""
        found = self.of(kind)
        self._storage.connection.execute(
            "INSERT INTO hubspot_properties (object, name, position, definition) VALUES (?, ?, "
            "(SELECT count(*) FROM hubspot_properties), ?) "
            "ON CONFLICT (object, name) DO UPDATE SET definition = excluded.definition",
            (kind.id, definition.name, msgspec.json.encode(_frozen(definition)).decode()),
        )
        found[definition.name] = definition
        self._live.pop(kind.id, None)
        if definition.unique:
            self._storage.index(kind, [definition.name])

    def remove(self, kind: ObjectType, name: str) -> None:
        """Archives a property: it is no longer read or written."""
        self.put(kind, replace(self.of(kind)[name], archived=True))

    def by_attribute(self, kind: ObjectType) -> dict[str, Definition]:
        """The properties that keep import attributes, by attribute name."""
        return {each.attribute: each for each in self.of(kind).values() if each.attribute is not None}

    def forget(self) -> None:
        """Drops what is held in memory, after a rolled-back change."""
        self._found.clear()
        self._live.clear()


def _frozen(definition: Definition) -> dict[str, Any]:
    kept = {name: getattr(definition, name) for name in _FIELDS}
    kept["options"] = [[o.value, o.label, o.order, o.hidden, o.description] for o in definition.options]
    return kept


def _thawed(kept: dict[str, Any]) -> Definition:
    options = tuple(Option(*option) for option in kept.pop("options"))
    return Definition(**kept, options=options)


_FIELDS = [name for name in Definition.__dataclass_fields__ if name not in ("values", "options")]
