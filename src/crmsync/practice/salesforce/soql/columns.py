"""The answer to `&columns=true`, by which a client learns the selected columns (wire notes, section 2.1).

A parent's fields are the `joinColumns` of the relationship's column, a sub-query's those of an aggregate one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmsync.practice.salesforce.schema import NUMBER_TYPES, TEXT_TYPES
from crmsync.practice.salesforce.soql.plan import Column, Plan


def columns_of(plan: Plan) -> dict[str, Any]:
    """The columns in the order of selection."""
    columns = _tree([(each.names, each.kind) for each in plan.columns], aggregate=plan.aggregate)
    columns += [
        _column(each.names[0], each.kind, _tree([(inner.names, inner.kind) for inner in each.inner]), aggregate=True)
        for each in plan.children
    ]
    return {
        "columnMetadata": columns,
        "entityName": plan.sobject.name,
        "groupBy": plan.aggregate,
        "idSelected": Column(("Id",), "id") in plan.columns,
        "keyPrefix": plan.sobject.prefix,
    }


def _tree(paths: Sequence[tuple[tuple[str, ...], str]], *, aggregate: bool = False) -> list[dict[str, Any]]:
    """One column for each first name; what stands behind it in its `joinColumns`."""
    grouped: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for names, kind in paths:
        grouped.setdefault(names[0], []).append((names[1:], kind))
    return [
        _column(name, inner[0][1], _tree([each for each in inner if each[0]]), aggregate=aggregate)
        for name, inner in grouped.items()
    ]


def _column(name: str, kind: str, joined: list[dict[str, Any]], *, aggregate: bool) -> dict[str, Any]:
    plain = not joined
    return {
        "aggregate": aggregate,
        "apexType": None,
        "booleanType": plain and kind == "boolean",
        "columnName": name,
        "custom": name.endswith(("__c", "__r")),
        "displayName": name,
        "foreignKeyName": None if plain or aggregate else f"{name}Id",
        "insertable": False,
        "joinColumns": joined,
        "numberType": plain and kind in NUMBER_TYPES,
        "textType": plain and kind in TEXT_TYPES,
        "updatable": False,
    }
