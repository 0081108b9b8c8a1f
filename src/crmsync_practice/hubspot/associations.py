"""Associations between records: kept as directed rows, one per type number, always both ways.

Numbers and names: `association_types`. What an association changes on its ends (last contacted, associated company)
is in `activity_summary`.
"""

# ruff: noqa: S608 - table names come from the type registry, property names are checked, values are bound
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from crmsync_practice.hubspot.association_types import AssociationType, types_between
from crmsync_practice.hubspot.errors import validation
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.storage import Storage

CATEGORIES = ("HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED")
UNLABELLED_CUSTOM = 1_000

Row = tuple[int, int, int, int, int, int]
"""from_type, to_type, from_id, to_id, number, category index."""


def default_type(origin: ObjectType, target: ObjectType) -> AssociationType:
    """The unlabelled type between two objects; a custom object's is made up from the type ids."""
    defined = types_between(origin.singular, target.singular)
    if defined:
        return defined[0]
    if not (origin.custom or target.custom):
        raise validation(f"No default association type exists between {origin.id} and {target.id}")
    there, back = (origin.number + target.number) % 9_000, (2 * target.number + origin.number) % 9_000
    return AssociationType(
        origin.singular, target.singular, UNLABELLED_CUSTOM + there, UNLABELLED_CUSTOM + back, None, "USER_DEFINED"
    )


def known_types(origin: ObjectType, target: ObjectType) -> list[AssociationType]:
    """All types between two objects, the default first; empty when they cannot be associated."""
    if origin.custom or target.custom:
        return [default_type(origin, target)]
    return types_between(origin.singular, target.singular)


def find_type(origin: ObjectType, target: ObjectType, number: int, category: str) -> AssociationType:
    """The type with this number. Raises the refusal for one that is not defined in this direction."""
    for each in known_types(origin, target):
        if each.number == number and each.category == category:
            return each
    raise validation(
        f"Invalid association type: {category[:30]} {number} is not defined from {origin.id} to {target.id}",
        subCategory="crm.associations.INVALID_ASSOCIATION_TYPE",
    )


def rows_of(origin: ObjectType, target: ObjectType, kind: AssociationType, from_id: int, to_id: int) -> list[Row]:
    """The two directed rows of one association."""
    category = CATEGORIES.index(kind.category)
    return [
        (origin.number, target.number, from_id, to_id, kind.number, category),
        (target.number, origin.number, to_id, from_id, kind.inverse, category),
    ]


def add(
    storage: Storage, origin: ObjectType, target: ObjectType, kind: AssociationType, from_id: int, to_id: int
) -> bool:
    """Associates two records; a labelled type brings the unlabelled one along. False if it was there already."""
    rows = rows_of(origin, target, kind, from_id, to_id)
    plain = known_types(origin, target)[0]
    if plain.number != kind.number:
        rows += rows_of(origin, target, plain, from_id, to_id)
    before = storage.connection.total_changes
    storage.connection.executemany("INSERT OR IGNORE INTO hubspot_associations VALUES (?,?,?,?,?,?)", rows)
    return storage.connection.total_changes > before


def remove(
    storage: Storage,
    origin: ObjectType,
    target: ObjectType,
    from_id: int,
    to_id: int,
    kinds: Iterable[AssociationType] | None = None,
) -> bool:
    """Takes associations away: the given types, or all between the two. False if there was none."""
    before = storage.connection.total_changes
    for one, other, a, b in ((origin, target, from_id, to_id), (target, origin, to_id, from_id)):
        if kinds is None:
            storage.connection.execute(
                "DELETE FROM hubspot_associations WHERE from_type=? AND to_type=? AND from_id=? AND to_id=?",
                (one.number, other.number, a, b),
            )
    for kind in kinds or ():
        storage.connection.executemany(
            "DELETE FROM hubspot_associations WHERE from_type=? AND to_type=? AND from_id=? AND to_id=? "
            "AND number=? AND category=?",
            rows_of(origin, target, kind, from_id, to_id),
        )
    return storage.connection.total_changes > before


def drop_all(storage: Storage, kinds: Iterable[ObjectType], kind: ObjectType, record_id: int) -> None:
    """Takes away every association of a record that is going."""
    for other in kinds:
        for to_id in read(storage, kind, other, [record_id]).get(record_id, {}):
            remove(storage, kind, other, record_id, to_id)


def move_all(storage: Storage, kinds: Iterable[ObjectType], kind: ObjectType, old: int, new: int) -> None:
    """Gives a merged record's associations to the surviving one."""
    for other in kinds:
        for to_id, numbers in read(storage, kind, other, [old]).get(old, {}).items():
            if (other.id, to_id) == (kind.id, new):
                continue
            for number, category in numbers:
                add(storage, kind, other, find_type(kind, other, number, CATEGORIES[category]), new, to_id)
    drop_all(storage, kinds, kind, old)


def read(
    storage: Storage, origin: ObjectType, target: ObjectType, ids: Sequence[int]
) -> dict[int, dict[int, list[tuple[int, int]]]]:
    """Per from id: the ids at the other end, ascending, each with its (number, category index) pairs."""
    found: dict[int, dict[int, list[tuple[int, int]]]] = defaultdict(dict)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = storage.connection.execute(
            "SELECT from_id, to_id, number, category FROM hubspot_associations "
            f"WHERE from_type = ? AND to_type = ? AND from_id IN ({','.join('?' * len(part))}) "
            "ORDER BY from_id, to_id, number",
            (origin.number, target.number, *part),
        )
        for from_id, to_id, number, category in rows:
            found[from_id].setdefault(to_id, []).append((number, category))
    return found


def shown_types(origin: ObjectType, target: ObjectType, numbers: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    """`associationTypes` of the v4 answers."""
    labels = {kind.number: kind.label for kind in known_types(origin, target)}
    return [
        {"category": CATEGORIES[category], "typeId": number, "label": labels.get(number)}
        for number, category in numbers
    ]


def v3_names(origin: ObjectType, target: ObjectType, numbers: Iterable[tuple[int, int]]) -> list[str]:
    """The names v3 answers use, one per type (the same record can be listed more than once)."""
    names = {kind.number: kind.v3_name for kind in known_types(origin, target)}
    return [names.get(number, f"{origin.singular}_to_{target.singular}") for number, _ in numbers]
