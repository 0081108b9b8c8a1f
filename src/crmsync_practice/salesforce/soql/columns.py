"""The answer to `&columns=true`, by which a client learns the selected columns (wire notes, section 2.1).

A parent's fields are the `joinColumns` of the relationship's column, a sub-query's those of an aggregate one. An
aggregate function's column is named by its alias or `expr0`, and shows the alias or how it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmsync_practice.salesforce.schema import NUMBER_TYPES, TEXT_TYPES
from crmsync_practice.salesforce.soql.plan import Column, Plan


def columns_of(plan: Plan) -> dict[str, Any]:
    """The columns in the order of selection, sub-queries last."""
    return {
        "columnMetadata": _tree([*plan.columns, *plan.children]),
        "entityName": plan.sobject.name,
        "groupBy": plan.aggregate,
        "idSelected": any(each.names == ("Id",) for each in plan.columns),
        "keyPrefix": plan.sobject.prefix,
    }


def _tree(columns: Sequence[Column], depth: int = 0) -> list[dict[str, Any]]:
    """One column for each name at this depth of the paths; what stands behind it is in its `joinColumns`."""
    grouped: dict[str, list[Column]] = {}
    for each in columns:
        grouped.setdefault(each.names[depth], []).append(each)
    return [
        _column(name, here[0], _tree([each for each in here if len(each.names) > depth + 1], depth + 1))
        for name, here in grouped.items()
    ]


def _column(name: str, column: Column, parent: list[dict[str, Any]]) -> dict[str, Any]:
    joined = parent or _tree(column.inner)
    kind = None if joined else column.kind
    return {
        "aggregate": bool(column.inner) or column.function is not None,
        "apexType": None,
        "booleanType": kind == "boolean",
        "columnName": name,
        "custom": name.endswith(("__c", "__r")),
        "displayName": column.function or name,
        "foreignKeyName": f"{name}Id" if parent else None,
        "insertable": False,
        "joinColumns": joined,
        "numberType": kind in NUMBER_TYPES,
        "textType": kind in TEXT_TYPES,
        "updatable": False,
    }
