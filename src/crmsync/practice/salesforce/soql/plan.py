"""A statement as it will be run: which rows, in which order, and how a row becomes a record.

A query is run in two steps, so that paging stays cheap at a million rows: the numbers of all matching rows are
found once and kept by the locator; each page then reads its 2,000 rows by number.
"""

# ruff: noqa: S608 - names come from the schema; values are bound.
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crmsync.practice.salesforce.errors import SalesforceError, no_such_object
from crmsync.practice.salesforce.schema import Child, Schema, SObject
from crmsync.practice.salesforce.soql.conditions import Conditions
from crmsync.practice.salesforce.soql.parse import malformed
from crmsync.practice.salesforce.soql.resolve import AGGREGATES, Resolved, Source
from crmsync.practice.salesforce.soql.tree import Call, Expression, Path, Query, Selected, TypeOf

ARCHIVE_AFTER_DAYS = 365


@dataclass(frozen=True, slots=True)
class Column:
    """One selected value: where it goes in the record, and whether it is stored as 0 or 1."""

    names: tuple[str, ...]
    boolean: bool


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """A sub-query over a parent's children."""

    relationship: Child
    plan: Plan
    limit: int | None


@dataclass(frozen=True, slots=True)
class TypedPlan:
    """A TYPEOF: relationship, the reference field, and the fields to show of each object it may lead to."""

    relationship: str
    reference: str
    fields: tuple[tuple[SObject, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The compiled statement.

    `numbers_sql` finds the rows' numbers in order. `page_sql` reads rows for a JSON list of numbers (one parameter
    `?`): Id, then one value per parent in `parents` (its Id or null), then one reference per TYPEOF, then the
    columns; for a child plan the parent's Id comes first, and the conditions' parameters follow. For an aggregate
    `numbers_sql` gives the result itself, and `count` says that only the number of rows was asked for.
    """

    sobject: SObject
    columns: tuple[Column, ...]
    parents: tuple[tuple[str, ...], ...]
    children: tuple[ChildPlan, ...]
    typed: tuple[TypedPlan, ...]
    numbers_sql: str
    parameters: tuple[object, ...]
    page_sql: str
    aggregate: bool
    count: bool


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles statements at one instant for one user; `all_rows` is queryAll."""

    schema: Schema
    now: datetime
    zone: ZoneInfo
    user_id: str
    all_rows: bool
    text: str

    def compile(self, query: Query) -> Plan:
        """The plan of a top-level statement."""
        sobject = self.schema.find(query.source)
        if sobject is None:
            raise malformed(self.text, query.source_column, no_such_object(query.source), "INVALID_TYPE")
        return self._plan(query, sobject, None)

    def _source(self, query: Query, sobject: SObject, row: str) -> Source:
        archive_before = (self.now.astimezone(self.zone).date() - timedelta(days=ARCHIVE_AFTER_DAYS)).isoformat()
        return Source(self.schema, sobject, row, text=self.text, alias=query.alias, archive_before=archive_before)

    def _plan(self, query: Query, sobject: SObject, child_of: Child | None) -> Plan:
        rows = self._source(query, sobject, "t")
        conditions = Conditions(rows, self.text, now=self.now, zone=self.zone, subselect=self._subselect)
        where = self._where(query, rows, conditions)
        if self._is_count(query):
            inner = f"SELECT 1 {rows.from_sql}{where}{self._slice(query)}"
            return self._result(
                sobject, f"SELECT count(*) FROM ({inner})", conditions, columns=(), aggregate=False, count=True
            )
        if query.group or self._has_aggregate(query):
            return self._aggregate(query, rows, conditions, where)
        order = self._order(query, rows)
        selected, children, typed = self._selected(query, sobject, nested=child_of is not None)
        output = rows if child_of is not None else self._source(query, sobject, "t")
        resolved = [output.expression(each, aggregates=False) for each in selected]
        columns = self._columns(resolved)
        parents = tuple(
            dict.fromkeys(column.names[:depth] for column in columns for depth in range(1, len(column.names)))
        )
        parent_ids = [output.parent_node(names, Path(names, 1))[0] for names in parents]
        references = [f't."{each.reference}"' for each in typed]
        values = ", ".join(['t."Id"', *parent_ids, *references, *(each.sql for each in resolved)])
        if child_of is not None:
            numbers = f't."{child_of.field}" IN (SELECT value FROM json_each(?))' + (
                f" AND {where.removeprefix(' WHERE ')}" if where else ""
            )
            page = f'SELECT t."{child_of.field}", {values} {rows.from_sql} WHERE {numbers}{order}'
        else:
            page = (
                f"SELECT {values} FROM json_each(?) AS page CROSS JOIN {sobject.table} t ON t.n = page.value "
                f"{output.joins_sql}"
            )
        return Plan(
            sobject=sobject,
            columns=columns,
            parents=parents,
            children=tuple(children),
            typed=tuple(typed),
            numbers_sql=f"SELECT t.n {rows.from_sql}{where}{order}{self._slice(query)}",
            parameters=tuple(conditions.parameters),
            page_sql=page,
            aggregate=False,
            count=False,
        )

    def _where(self, query: Query, rows: Source, conditions: Conditions) -> str:
        parts = []
        if query.where is not None:
            parts.append(conditions.compile(query.where))
        if not self.all_rows:
            for name in ("IsDeleted", "IsArchived"):
                if name in rows.sobject.fields:
                    parts.append(f"NOT {rows.path(Path((name,), 1)).sql}")
        if query.scope is not None and query.scope.lower() == "mine":
            parts.append('t."OwnerId" = ?')
            conditions.parameters.append(self.user_id)
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def _order(self, query: Query, rows: Source, *, aggregates: bool = False) -> str:
        terms = []
        unique = False
        for each in query.order:
            resolved = rows.expression(each.expression, aggregates=aggregates)
            if not resolved.field.sortable:
                raise malformed(
                    self.text,
                    each.expression.column,
                    f"field '{resolved.field.name}' can not be sorted in a query call",
                    "INVALID_FIELD",
                )
            nulls = (" NULLS LAST" if each.nulls_last else " NULLS FIRST") if resolved.field.nillable else ""
            terms.append(f"{resolved.sql}{' DESC' if each.descending else ''}{nulls}")
            unique = unique or resolved.names == ("Id",)
        if not aggregates and not unique:
            terms.append("t.n")
        return f" ORDER BY {', '.join(terms)}" if terms else ""

    @staticmethod
    def _slice(query: Query) -> str:
        if query.limit is None and query.offset is None:
            return ""
        return f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset or 0}"

    def _subselect(self, query: Query) -> tuple[str, list[object]]:
        sobject = self.schema.find(query.source)
        if sobject is None:
            raise malformed(self.text, query.source_column, no_such_object(query.source), "INVALID_TYPE")
        rows = self._source(query, sobject, "s")
        conditions = Conditions(rows, self.text, now=self.now, zone=self.zone, subselect=self._nested)
        only = query.select[0]
        if len(query.select) != 1 or not isinstance(only, Selected) or not isinstance(only.expression, Path):
            raise SalesforceError("MALFORMED_QUERY", "semi join sub-selects can only select a single field")
        resolved = rows.path(only.expression)
        if resolved.field.type not in {"id", "reference"}:
            raise SalesforceError(
                "MALFORMED_QUERY",
                f"The inner select field '{resolved.field.name}' cannot have more than one level of relationships or "
                "is not an id field",
            )
        where = self._where(query, rows, conditions)
        known = f"{resolved.sql} IS NOT NULL"
        where = f"{where} AND {known}" if where else f" WHERE {known}"
        return f"SELECT {resolved.sql} {rows.from_sql}{where}{self._slice(query)}", conditions.parameters

    def _nested(self, _: Query) -> tuple[str, list[object]]:
        raise SalesforceError("MALFORMED_QUERY", "Nesting of semi join sub-selects is not supported")

    def _selected(
        self, query: Query, sobject: SObject, *, nested: bool
    ) -> tuple[list[Expression], list[ChildPlan], list[TypedPlan]]:
        selected: list[Expression] = []
        children: list[ChildPlan] = []
        typed: list[TypedPlan] = []
        for each in query.select:
            if isinstance(each, Query):
                if nested:
                    raise SalesforceError("MALFORMED_QUERY", "Nested sub-queries are not supported here")
                children.append(self._child(each, sobject))
            elif isinstance(each, TypeOf):
                typed.append(self._typed(each, sobject))
            elif isinstance(each.expression, Call) and each.expression.name.upper() == "FIELDS":
                selected += self._all_fields(each.expression, query, sobject)
            else:
                if each.alias is not None:
                    raise malformed(
                        self.text, each.expression.column, "only aggregate expressions use field aliasing"
                    )
                selected.append(each.expression)
        return selected, children, typed

    def _all_fields(self, call: Call, query: Query, sobject: SObject) -> list[Expression]:
        which = call.arguments[0].text.upper() if call.arguments and isinstance(call.arguments[0], Path) else ""
        if which not in {"ALL", "STANDARD", "CUSTOM"}:
            raise malformed(self.text, call.column, "FIELDS takes ALL, STANDARD or CUSTOM")
        if which != "STANDARD" and (query.limit is None or query.limit > 200):
            raise SalesforceError(
                "MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200 for ALL and CUSTOM"
            )
        return [
            Path((field.name,), call.column)
            for field in sobject.visible()
            if which == "ALL" or field.custom is (which == "CUSTOM")
        ]

    def _child(self, query: Query, parent: SObject) -> ChildPlan:
        for each in parent.children:
            if each.name.lower() == query.source.lower():
                return ChildPlan(each, self._plan(query, self.schema[each.child], each), query.limit)
        raise malformed(
            self.text,
            query.source_column,
            f"Didn't understand relationship '{query.source}' in FROM part of query call. If you are attempting to "
            "use a custom relationship, be sure to append the '__r' after the custom relationship name. Please "
            "reference your WSDL or the describe call for the appropriate names.",
            "INVALID_TYPE",
        )

    def _typed(self, clause: TypeOf, sobject: SObject) -> TypedPlan:
        reference = sobject.relationship(clause.relationship)
        if reference is None or len(reference.targets) < 2:
            raise malformed(self.text, clause.column, "TYPEOF needs a polymorphic relationship", "INVALID_FIELD")
        branches = dict(clause.branches)
        for name in branches:
            if name not in {each.lower() for each in reference.targets}:
                raise malformed(self.text, clause.column, no_such_object(name), "INVALID_TYPE")
        shown = []
        for target in (self.schema[name] for name in reference.targets):
            names = branches.get(target.name.lower(), clause.otherwise)
            known = [target.field(each) for each in names]
            shown.append((target, tuple(field.name for field in known if field is not None)))
        return TypedPlan(reference.relationship or "", reference.name, tuple(shown))

    def _columns(self, resolved: list[Resolved]) -> tuple[Column, ...]:
        seen: set[tuple[str, ...]] = set()
        for each in resolved:
            if each.names in seen:
                raise SalesforceError("INVALID_FIELD", f"duplicate field selected: {'.'.join(each.names)}")
            seen.add(each.names)
        return tuple(Column(each.names, each.field.type == "boolean") for each in resolved)

    @staticmethod
    def _is_count(query: Query) -> bool:
        only = query.select[0]
        return (
            len(query.select) == 1
            and isinstance(only, Selected)
            and isinstance(only.expression, Call)
            and only.expression.name.upper() == "COUNT"
            and not only.expression.arguments
            and not query.group
        )

    @staticmethod
    def _has_aggregate(query: Query) -> bool:
        return any(
            isinstance(each, Selected)
            and isinstance(each.expression, Call)
            and each.expression.name.upper() in AGGREGATES
            for each in query.select
        )

    def _aggregate(self, query: Query, rows: Source, conditions: Conditions, where: str) -> Plan:
        grouped = []
        for each in query.group:
            resolved = rows.expression(each, aggregates=False)
            if not resolved.field.groupable:
                detail = f"field '{resolved.field.name}' can not be grouped in a query call"
                raise malformed(self.text, each.column, detail, "INVALID_FIELD")
            grouped.append(resolved.sql)
        columns, values = [], []
        unnamed = 0
        for item in query.select:
            if not isinstance(item, Selected):
                raise SalesforceError("MALFORMED_QUERY", "Sub-queries cannot be combined with aggregate functions")
            resolved = rows.expression(item.expression, aggregates=True)
            is_aggregate = isinstance(item.expression, Call) and item.expression.name.upper() in AGGREGATES
            if not is_aggregate and resolved.sql not in grouped:
                shown = item.expression.text if isinstance(item.expression, Path) else item.expression.name
                raise malformed(self.text, item.expression.column, f"Field must be grouped or aggregated: {shown}")
            name = item.alias or (None if isinstance(item.expression, Call) else resolved.names[-1])
            if name is None:
                name = f"expr{unnamed}"
                unnamed += 1
            columns.append(Column((name,), resolved.field.type == "boolean"))
            values.append(resolved.sql)
        group = f" GROUP BY {', '.join(grouped)}" if grouped else ""
        having = ""
        if query.having is not None:
            having = f" HAVING {conditions.compile(query.having, aggregates=True)}"
        order = self._order(query, rows, aggregates=True)
        sql = f"SELECT {', '.join(values)} {rows.from_sql}{where}{group}{having}{order}{self._slice(query)}"
        return self._result(rows.sobject, sql, conditions, columns=tuple(columns), aggregate=True, count=False)

    @staticmethod
    def _result(
        sobject: SObject,
        sql: str,
        conditions: Conditions,
        *,
        columns: tuple[Column, ...],
        aggregate: bool,
        count: bool,
    ) -> Plan:
        return Plan(sobject, columns, (), (), (), sql, tuple(conditions.parameters), "", aggregate, count)
