"""Turns rows into the records of REST answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec

from crmsync.practice.salesforce.schema import Schema
from crmsync.practice.salesforce.soql.plan import ChildPlan, Plan, TypedPlan

Record = dict[str, Any]


class RecordReader:
    """Reads pages of one plan; `base` is `/services/data/vXX.X`."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema, plan: Plan, base: str) -> None:
        self._connection = connection
        self._schema = schema
        self._plan = plan
        self._base = base
        self._make = _record_maker(plan, schema, base, lead_columns=1)

    def page(self, numbers: Sequence[int]) -> list[Record]:
        """The records of these row numbers, in that order."""
        plan = self._plan
        rows = self._connection.execute(plan.page_sql, (_json(list(numbers)),)).fetchall()
        records = [self._make(row) for row in rows]
        if plan.children or plan.typed:
            for child in plan.children:
                self._add_children(child, rows, records)
            for index, typed in enumerate(plan.typed):
                self._add_typed(typed, 1 + len(plan.parents) + index, rows, records)
        return records

    def aggregates(self) -> list[Record]:
        """The result of an aggregate statement."""
        names = [column.names[-1] for column in self._plan.columns]
        booleans = [column.boolean for column in self._plan.columns]
        return [
            {
                "attributes": {"type": "AggregateResult"},
                **{
                    name: bool(value) if boolean and value is not None else value
                    for name, value, boolean in zip(names, row, booleans, strict=True)
                },
            }
            for row in self._connection.execute(self._plan.numbers_sql, self._plan.parameters)
        ]

    def _add_children(self, child: ChildPlan, rows: list[Any], records: list[Record]) -> None:
        plan = child.plan
        make = _record_maker(plan, self._schema, self._base, lead_columns=2)
        found = self._connection.execute(
            plan.page_sql, (_json([row[0] for row in rows]), *plan.parameters)
        ).fetchall()
        by_parent: dict[str, list[Record]] = {}
        for row in found:
            siblings = by_parent.setdefault(row[0], [])
            if child.limit is None or len(siblings) < child.limit:
                siblings.append(make(row))
        for row, record in zip(rows, records, strict=True):
            children = by_parent.get(row[0])
            record[child.relationship.name] = (
                None if not children else {"totalSize": len(children), "done": True, "records": children}
            )

    def _add_typed(self, typed: TypedPlan, position: int, rows: list[Any], records: list[Record]) -> None:
        wanted = sorted({row[position] for row in rows if row[position] is not None})
        found: dict[str, Record] = {}
        shown = {sobject.prefix: (sobject, fields) for sobject, fields in typed.fields}
        for prefix, ids in groupby(wanted, key=lambda each: str(each)[:3]):
            if prefix not in shown:
                continue
            sobject, fields = shown[prefix]
            columns = ", ".join(['"Id"', *(f'"{name}"' for name in fields)])
            statement = f"SELECT {columns} FROM {sobject.table} WHERE Id IN (SELECT value FROM json_each(?))"  # noqa: S608
            for row in self._connection.execute(statement, (_json(list(ids)),)):
                record: Record = {"attributes": attributes(sobject.name, row[0], self._base)}
                for name, value in zip(fields, row[1:], strict=True):
                    record[name] = bool(value) if sobject.fields[name].type == "boolean" else value
                found[row[0]] = record
        for row, record in zip(rows, records, strict=True):
            record[typed.relationship] = found.get(row[position])


def attributes(name: str, record_id: str, base: str) -> dict[str, str]:
    """A record's `attributes`."""
    return {"type": name, "url": f"{base}/sobjects/{name}/{record_id}"}


def _record_maker(plan: Plan, schema: Schema, base: str, *, lead_columns: int) -> Callable[[Any], Record]:
    """A function from row to record. `lead_columns` counts what stands before the first value: Id, or parent and
    Id.
    """
    name = plan.sobject.name
    url = f"{base}/sobjects/{name}/"
    at_id = lead_columns - 1
    first = lead_columns + len(plan.parents) + len(plan.typed)
    if not plan.parents:
        names = [column.names[0] for column in plan.columns]
        booleans = [column.names[0] for column in plan.columns if column.boolean]

        def flat(row: Any) -> Record:
            record: Record = {"attributes": {"type": name, "url": url + row[at_id]}}
            record.update(zip(names, row[first:], strict=True))
            for each in booleans:
                record[each] = record[each] == 1
            return record

        return flat

    def nested(row: Any) -> Record:
        record: Record = {"attributes": {"type": name, "url": url + row[at_id]}}
        parents: dict[tuple[str, ...], Record | None] = {(): record}
        for names, parent_id in zip(plan.parents, row[lead_columns:], strict=False):
            above = parents.get(names[:-1])
            if above is None:
                parents[names] = None
            elif parent_id is None:
                parents[names] = above[names[-1]] = None
            else:
                sobject = schema.of_id(parent_id)
                kind = "Name" if sobject is None else sobject.name
                parents[names] = above[names[-1]] = {"attributes": attributes(kind, parent_id, base)}
        for column, value in zip(plan.columns, row[first:], strict=True):
            target = parents.get(column.names[:-1])
            if target is not None:
                target[column.names[-1]] = value == 1 if column.boolean and value is not None else value
        return record

    return nested


def flat_rows(connection: sqlite3.Connection, plan: Plan, numbers: Sequence[int]) -> Iterator[list[Any]]:
    """The selected values only, for CSV; booleans as Python booleans."""
    first = 1 + len(plan.parents) + len(plan.typed)
    booleans = [index for index, column in enumerate(plan.columns) if column.boolean]
    for row in connection.execute(plan.page_sql, (_json(list(numbers)),)):
        values = list(row[first:])
        for index in booleans:
            values[index] = None if values[index] is None else values[index] == 1
        yield values


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
