"""How a row becomes a record's JSON text, inside SQLite: three times faster than by way of Python dictionaries.

Each function gives an SQL expression. A record is `{"attributes": {"type", "url"}, field: value, …}` with parents
as records of their own, or null, in the order of selection (wire notes, section 2.2).
"""

# ruff: noqa: S608 - names come from the schema; values are bound.
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crmsync_practice.salesforce.schema import Field, SObject
from crmsync_practice.salesforce.soql.resolve import Parent, Resolved

_PAIRS = 50
"""Pairs in one json_object() call: older SQLite builds take 127 arguments."""


Parents = Callable[[tuple[str, ...]], Parent]
"""Gives the parent row that a path of relationships leads to."""


@dataclass
class _Tree:
    """Values and parents by name, in the order of selection."""

    entries: dict[str, Resolved | _Tree] = field(default_factory=dict)
    path: tuple[str, ...] = ()


def record_sql(
    sobject: SObject,
    row: str,
    resolved: Sequence[Resolved],
    extras: Sequence[tuple[str, str]],
    base: str,
    parents: Parents,
) -> str:
    """The record of alias `row`; `extras` are further names with their JSON expressions (sub-queries, TYPEOF)."""
    tree = _Tree()
    for each in resolved:
        node = tree
        for depth, name in enumerate(each.names[:-1], start=1):
            known = node.entries.setdefault(name, _Tree(path=each.names[:depth]))
            assert isinstance(known, _Tree)
            node = known
        node.entries[each.names[-1]] = each
    pairs = [_attributes(f"'{sobject.name}'", f'{row}."Id"', base)]
    return _object([*pairs, *_entries(tree, base, parents), *extras])


def children_sql(inner: str) -> str:
    """A sub-query's result, or null when it is empty; `inner` selects one record a row, named `record`."""
    return (
        "(SELECT iif(count(*) = 0, NULL, json_object('totalSize', count(*), 'done', json('true'), 'records', "
        f"json_group_array(json(record)))) FROM ({inner}))"
    )


def typed_sql(reference: str, shown: Sequence[tuple[SObject, Sequence[Field]]], base: str) -> str:
    """A TYPEOF's record: the fields of whichever object the reference leads to."""
    cases = []
    for sobject, fields in shown:
        pairs = [_attributes(f"'{sobject.name}'", 'x."Id"', base)]
        pairs += [(each.name, value_sql(f'x."{each.name}"', each)) for each in fields if each.expression is None]
        record = f'(SELECT {_object(pairs)} FROM {sobject.table} x WHERE x."Id" = {reference})'
        cases.append(f"WHEN '{sobject.prefix}' THEN {record}")
    return f"json(coalesce(CASE substr({reference}, 1, 3) {' '.join(cases)} END, 'null'))"


def value_sql(sql: str, kind: Field) -> str:
    """A field's value in JSON: 0 and 1 become false and true, numbers keep all their digits.

    An org returns a number as it was stored, whatever the field's scale, within the precision of a double. SQLite
    shows 15 digits, which not every double comes back from; 17 digits it does.
    """
    if kind.type == "boolean":
        return f"json(iif({sql} IS NULL, 'null', iif({sql}, 'true', 'false')))"
    if kind.type in {"double", "currency", "percent"}:
        exact = f"{sql} IS NULL OR CAST(CAST({sql} AS TEXT) AS REAL) = {sql}"
        return f"iif({exact}, {sql}, json(printf('%!.17g', {sql})))"
    return sql


def _entries(tree: _Tree, base: str, parents: Parents) -> list[tuple[str, str]]:
    pairs = []
    for name, entry in tree.entries.items():
        if isinstance(entry, Resolved):
            pairs.append((name, value_sql(entry.sql, entry.field)))
            continue
        parent = parents(entry.path)
        inner = _object([_attributes(parent.type_sql, parent.id_sql, base), *_entries(entry, base, parents)])
        pairs.append((name, f"json(iif({parent.id_sql} IS NULL, 'null', {inner}))"))
    return pairs


def _attributes(type_sql: str, id_sql: str, base: str) -> tuple[str, str]:
    url = f"'{base}/sobjects/' || {type_sql} || '/' || {id_sql}"
    return "attributes", f"json_object('type', {type_sql}, 'url', {url})"


def _object(pairs: Sequence[tuple[str, str]]) -> str:
    """json_object() over any number of pairs: longer ones are joined from pieces."""
    pieces = [
        "json_object(" + ", ".join(f"'{name}', {sql}" for name, sql in pairs[start : start + _PAIRS]) + ")"
        for start in range(0, len(pairs), _PAIRS)
    ]
    if len(pieces) == 1:
        return pieces[0]
    bare = " || ',' || ".join(f"substr({piece}, 2, length({piece}) - 2)" for piece in pieces)
    return f"json('{{' || {bare} || '}}')"
