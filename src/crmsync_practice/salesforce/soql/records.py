"""Reads the rows of a plan: as records' JSON texts, as bare values, or as an aggregate's result."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from crmsync_practice.salesforce.soql.plan import Plan


def record_texts(connection: sqlite3.Connection, plan: Plan, numbers: Sequence[int]) -> list[str]:
    """The JSON texts of the records with these row numbers, in that order."""
    return [row[0] for row in connection.execute(plan.page_sql, (*plan.page_parameters, _json(numbers)))]


def value_rows(connection: sqlite3.Connection, plan: Plan, numbers: Sequence[int]) -> Iterator[list[Any]]:
    """The selected values only, as they are stored."""
    for row in connection.execute(plan.values_sql, (_json(numbers),)):
        yield list(row)


def aggregate_records(connection: sqlite3.Connection, plan: Plan) -> list[dict[str, Any]]:
    """The result of an aggregate statement."""
    return [
        {
            "attributes": {"type": "AggregateResult"},
            **{
                column.names[-1]: value == 1 if column.kind == "boolean" and value is not None else value
                for column, value in zip(plan.columns, row, strict=True)
            },
        }
        for row in connection.execute(plan.numbers_sql, plan.parameters)
    ]


def _json(numbers: Sequence[int]) -> str:
    return msgspec.json.encode(list(numbers)).decode()
