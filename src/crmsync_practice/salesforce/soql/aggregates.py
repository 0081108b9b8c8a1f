"""Statements that count, add up or group: which they are, by what they group, and what they give."""

from __future__ import annotations

from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.soql.parse import malformed
from crmsync_practice.salesforce.soql.plan import Column
from crmsync_practice.salesforce.soql.resolve import AGGREGATES, Source
from crmsync_practice.salesforce.soql.tree import Call, Expression, Path, Query, Selected


def is_count(query: Query) -> bool:
    """Whether nothing but the number of rows is asked for: `SELECT COUNT()`."""
    only = query.select[0]
    return (
        len(query.select) == 1
        and isinstance(only, Selected)
        and isinstance(only.expression, Call)
        and only.expression.name.upper() == "COUNT"
        and not only.expression.arguments
        and not query.group
    )


def has_aggregate(query: Query) -> bool:
    """Whether a function of many rows is among what is selected."""
    return any(isinstance(each, Selected) and _is_aggregate(each.expression) for each in query.select)


def grouped_by(query: Query, rows: Source, text: str) -> list[str]:
    """The SQL of what it groups by. Raises `SalesforceError` for a field that cannot be grouped."""
    grouped = []
    for each in query.group:
        resolved = rows.expression(each, aggregates=False)
        if not resolved.field.groupable:
            detail = f"field '{resolved.field.name}' can not be grouped in a query call"
            raise malformed(text, each.column, detail, "INVALID_FIELD")
        grouped.append(resolved.sql)
    return grouped


def aggregate_columns(query: Query, rows: Source, grouped: list[str], text: str) -> tuple[list[Column], list[str]]:
    """The columns with their SQL. Raises `SalesforceError` for what is neither grouped nor aggregated."""
    columns, values = [], []
    unnamed = 0
    for item in query.select:
        if not isinstance(item, Selected):
            raise SalesforceError("MALFORMED_QUERY", "Sub-queries cannot be combined with aggregate functions")
        resolved = rows.expression(item.expression, aggregates=True)
        is_aggregate = _is_aggregate(item.expression)
        if not is_aggregate and resolved.sql not in grouped:
            shown = item.expression.text if isinstance(item.expression, Path) else item.expression.name
            raise malformed(text, item.expression.column, f"Field must be grouped or aggregated: {shown}")
        name = item.alias or (None if isinstance(item.expression, Call) else resolved.names[-1])
        if name is None:
            name = f"expr{unnamed}"
            unnamed += 1
        function = (item.alias or _written(item.expression)) if is_aggregate else None
        columns.append(Column((name,), resolved.field.type, function=function))
        values.append(resolved.sql)
    return columns, values


def _is_aggregate(expression: Expression) -> bool:
    return isinstance(expression, Call) and expression.name.upper() in AGGREGATES


def _written(expression: Expression) -> str:
    if isinstance(expression, Path):
        return expression.text
    return f"{expression.name}({', '.join(_written(each) for each in expression.arguments)})"
