"""What an object and its fields are: the one description that tables, describe, SOQL and validation are
made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

TEXT_TYPES = frozenset(
    {"string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url", "id", "reference"}
)
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `type` is the describe type; `expression` makes it a calculated one (SQL over the row's
    alias `{t}`).

    `relationship` is the name by which SOQL goes to the parent, `targets` the objects it may refer to. A
    hidden field (field-level security) exists but is absent from describe and unknown to SOQL.
    """

    name: str
    type: str
    label: str = ""
    length: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    default: object = None
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    targets: tuple[str, ...] = ()
    relationship: str | None = None
    external_id: bool = False
    unique: bool = False
    custom: bool = False
    name_field: bool = False
    expression: str | None = None
    hidden: bool = False
    compound: str | None = None
    precision: int = 0
    scale: int = 0

    @property
    def column_type(self) -> str:
        """The SQLite column type with its collation: texts compare without regard to (ASCII) case, ids
        do not.
        """
        if self.type == "boolean":
            return "INTEGER NOT NULL DEFAULT 0"
        if self.type == "int":
            return "INTEGER"
        if self.type in NUMBER_TYPES:
            return "REAL"
        if self.type in {"id", "reference", "date", "datetime"}:
            return "TEXT"
        return "TEXT COLLATE NOCASE"


@dataclass(frozen=True, slots=True)
class Child:
    """A relationship from a parent to its children, such as a Lead's `Tasks`."""

    name: str
    child: str
    field: str


@dataclass(slots=True)
class SObject:
    """One object. `writable` objects take create, update and delete; others are read-only to the API.

    A `sparse` one is expected to hold few rows, so that only its id is indexed. A `hidden` one (the user may not read
    it, or the org has no such feature) exists but is absent from describe and unknown to SOQL and resources.
    """

    name: str
    prefix: str
    fields: dict[str, Field]
    label: str = ""
    plural: str = ""
    writable: bool = True
    deletable: bool = True
    replicateable: bool = True
    children: tuple[Child, ...] = ()
    indexes: tuple[str, ...] = ()
    searchable: bool = True
    sparse: bool = False
    hidden: bool = False
    _by_lower: dict[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_lower = {name.lower(): each for name, each in self.fields.items()}

    @property
    def table(self) -> str:
        """The quoted SQLite table: prefixed, because one file may hold the other CRM's tables too."""
        return f'"sf_{self.name}"'

    def field(self, name: str) -> Field | None:
        """A field by its name in any case; hidden ones are not found."""
        found = self._by_lower.get(name.lower())
        return None if found is None or found.hidden else found

    def visible(self) -> Iterator[Field]:
        """The fields that describe shows, in order."""
        return (each for each in self.fields.values() if not each.hidden)

    def stored(self) -> list[Field]:
        """The fields with a column of their own."""
        return [each for each in self.fields.values() if each.expression is None]

    def add(self, added: Field) -> None:
        """Adds or replaces a field."""
        self.fields[added.name] = added
        self._by_lower[added.name.lower()] = added

    def drop(self, name: str) -> None:
        """Forgets a field."""
        self.fields.pop(name, None)
        self._by_lower.pop(name.lower(), None)

    def hide(self, name: str, *, hidden: bool = True) -> None:
        """Hides a field from this user, or shows it again (field-level security)."""
        self.add(replace(self.fields[name], hidden=hidden))

    def relationship(self, name: str) -> Field | None:
        """The reference field behind a relationship name such as `Owner`, in any case."""
        for each in self.fields.values():
            if each.relationship is not None and each.relationship.lower() == name.lower() and not each.hidden:
                return each
        return None


class Schema:
    """All objects of the org, found by name in any case: `find` and `visible` by what the user may read, the others
    by what there is.
    """

    def __init__(self, objects: Iterable[SObject]) -> None:
        self._objects = {each.name.lower(): each for each in objects}
        self._prefixes = {each.prefix: each for each in self._objects.values() if each.prefix}

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._objects.values())

    def visible(self) -> Iterator[SObject]:
        """The objects that the user may read."""
        return (each for each in self if not each.hidden)

    def find(self, name: str) -> SObject | None:
        """An object that the user may read by its name, or None."""
        found = self._objects.get(name.lower())
        return None if found is None or found.hidden else found

    def readable(self, targets: Iterable[str]) -> list[SObject]:
        """Those of the named objects that the user may read."""
        return [each for each in (self[name] for name in targets) if not each.hidden]

    def __getitem__(self, name: str) -> SObject:
        return self._objects[name.lower()]

    def of_id(self, record_id: str) -> SObject | None:
        """The object that an id's key prefix belongs to."""
        return self._prefixes.get(record_id[:3])
