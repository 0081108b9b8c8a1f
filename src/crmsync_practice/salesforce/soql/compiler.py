"""Compiles a statement into its plan."""

# ruff: noqa: S608 - names come from the schema; values are bound.
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crmsync_practice.salesforce.errors import SalesforceError, no_such_object
from crmsync_practice.salesforce.schema import Schema, SObject
from crmsync_practice.salesforce.soql.aggregates import aggregate_columns, grouped_by, has_aggregate, is_count
from crmsync_practice.salesforce.soql.conditions import Conditions, Subselect
from crmsync_practice.salesforce.soql.parse import malformed
from crmsync_practice.salesforce.soql.plan import Column, Plan
from crmsync_practice.salesforce.soql.resolve import Resolved, Source
from crmsync_practice.salesforce.soql.shape import children_sql, record_sql, typed_sql
from crmsync_practice.salesforce.soql.tree import Call, Path, Query, Selected, TypeOf

ARCHIVE_AFTER_DAYS = 365


class _Output(NamedTuple):
    """What one row becomes: its columns, the record's SQL with the values that it binds, and the sub-queries."""

    resolved: list[Resolved]
    record: str
    parameters: list[object]
    children: list[Column]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(each.names, each.field.type) for each in self.resolved)


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles statements at one instant for one user; `all_rows` is queryAll, `base` is `/services/data/vXX.X`."""

    schema: Schema
    now: datetime
    zone: ZoneInfo
    user_id: str
    all_rows: bool
    text: str
    base: str = ""

    def compile(self, query: Query) -> Plan:
        """The plan of a top-level statement."""
        sobject = self.schema.find(query.source)
        if sobject is None:
            raise malformed(self.text, query.source_column, no_such_object(query.source), "INVALID_TYPE")
        return self._plan(query, sobject)

    def _source(self, query: Query, sobject: SObject, row: str) -> Source:
        archive_before = (self.now.astimezone(self.zone).date() - timedelta(days=ARCHIVE_AFTER_DAYS)).isoformat()
        return Source(self.schema, sobject, row, text=self.text, alias=query.alias, archive_before=archive_before)

    def _plan(self, query: Query, sobject: SObject) -> Plan:
        rows = self._source(query, sobject, "t")
        conditions = self._conditions(rows, self._subselect)
        where = self._where(query, rows, conditions)
        if is_count(query):
            counted = f"SELECT count(*) FROM (SELECT 1 {rows.from_sql}{where}{self._slice(query)})"
            return Plan(sobject, (), counted, tuple(conditions.parameters), count=True)
        if query.group or has_aggregate(query):
            return self._aggregate(query, rows, conditions, where)
        order = self._order(query, rows)
        output = self._source(query, sobject, "t")
        made = self._record(query, output)
        pages = f"FROM json_each(?) AS page CROSS JOIN {sobject.table} t ON t.n = page.value {output.joins_sql}"
        return Plan(
            sobject=sobject,
            columns=made.columns,
            numbers_sql=f"SELECT t.n {rows.from_sql}{where}{order}{self._slice(query)}",
            parameters=tuple(conditions.parameters),
            page_sql=f"SELECT {made.record} {pages}",
            page_parameters=tuple(made.parameters),
            values_sql=f"SELECT {', '.join(each.sql for each in made.resolved) or 'NULL'} {pages}",
            children=tuple(made.children),
        )

    def _record(self, query: Query, output: Source) -> _Output:
        sobject = output.sobject
        resolved: list[Resolved] = []
        extras: list[tuple[str, str]] = []
        parameters: list[object] = []
        children: list[Column] = []
        for each in query.select:
            if isinstance(each, Query):
                column, sql = self._child(each, output, parameters)
                extras.append((column.names[0], sql))
                children.append(column)
            elif isinstance(each, TypeOf):
                extras.append(self._typed(each, output))
            elif isinstance(each.expression, Call) and each.expression.name.upper() == "FIELDS":
                resolved += [output.path(path) for path in self._all_fields(each.expression, query, sobject)]
            else:
                if each.alias is not None:
                    raise malformed(
                        self.text, each.expression.column, "only aggregate expressions use field aliasing"
                    )
                resolved.append(output.expression(each.expression, aggregates=False))
        _refuse_duplicates(resolved)
        record = record_sql(sobject, output.row, resolved, extras, self.base, output.parent)
        return _Output(resolved, record, parameters, children)

    def _conditions(self, rows: Source, subselect: Subselect) -> Conditions:
        return Conditions(rows, self.text, now=self.now, zone=self.zone, subselect=subselect)

    def _where(self, query: Query, rows: Source, conditions: Conditions) -> str:
        parts = []
        if query.where is not None:
            parts.append(conditions.compile(query.where))
        if not self.all_rows:
            for name in ("IsDeleted", "IsArchived"):
                if name in rows.sobject.fields:
                    parts.append(f"NOT {rows.path(Path((name,), 1)).sql}")
        if query.scope is not None and query.scope.lower() == "mine":
            parts.append(f'{rows.row}."OwnerId" = ?')
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
            terms.append(f"{rows.row}.n")
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
        conditions = self._conditions(rows, self._nested)
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

    def _all_fields(self, call: Call, query: Query, sobject: SObject) -> list[Path]:
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

    def _child(self, query: Query, parent: Source, parameters: list[object]) -> tuple[Column, str]:
        """A sub-query over the parent's children, run for each parent row."""
        relationship = next(
            (each for each in parent.sobject.children if each.name.lower() == query.source.lower()), None
        )
        if relationship is None or parent.row != "t" or self.schema[relationship.child].hidden:
            raise malformed(
                self.text,
                query.source_column,
                f"Didn't understand relationship '{query.source}' in FROM part of query call. If you are attempting "
                "to use a custom relationship, be sure to append the '__r' after the custom relationship name. "
                "Please reference your WSDL or the describe call for the appropriate names.",
                "INVALID_TYPE",
            )
        rows = self._source(query, self.schema[relationship.child], "c")
        made = self._record(query, rows)
        conditions = self._conditions(rows, self._subselect)
        where = self._where(query, rows, conditions)
        own = f'c."{relationship.field}" = t."Id"'
        where = f"{where} AND {own}" if where else f" WHERE {own}"
        order = self._order(query, rows)
        parameters += [*made.parameters, *conditions.parameters]
        sql = f"SELECT {made.record} AS record {rows.from_sql}{where}{order}{self._slice(query)}"
        return Column((relationship.name,), "subquery", made.columns), children_sql(sql)

    def _typed(self, clause: TypeOf, output: Source) -> tuple[str, str]:
        reference = output.sobject.relationship(clause.relationship)
        if reference is None or len(reference.targets) < 2:
            raise malformed(self.text, clause.column, "TYPEOF needs a polymorphic relationship", "INVALID_FIELD")
        branches = dict(clause.branches)
        readable = self.schema.readable(reference.targets)
        for name in branches:
            if name not in {each.name.lower() for each in readable}:
                raise malformed(self.text, clause.column, no_such_object(name), "INVALID_TYPE")
        shown = []
        for target in readable:
            fields = [target.field(each) for each in branches.get(target.name.lower(), clause.otherwise)]
            shown.append((target, [field for field in fields if field is not None]))
        return reference.relationship or "", typed_sql(f'{output.row}."{reference.name}"', shown, self.base)

    def _aggregate(self, query: Query, rows: Source, conditions: Conditions, where: str) -> Plan:
        grouped = grouped_by(query, rows, self.text)
        columns, values = aggregate_columns(query, rows, grouped, self.text)
        group = f" GROUP BY {', '.join(grouped)}" if grouped else ""
        having = ""
        if query.having is not None:
            having = f" HAVING {conditions.compile(query.having, aggregates=True)}"
        order = self._order(query, rows, aggregates=True)
        sql = f"SELECT {', '.join(values)} {rows.from_sql}{where}{group}{having}{order}{self._slice(query)}"
        return Plan(rows.sobject, tuple(columns), sql, tuple(conditions.parameters), aggregate=True)


def _refuse_duplicates(resolved: list[Resolved]) -> None:
    seen: set[tuple[str, ...]] = set()
    for each in resolved:
        if each.names in seen:
            raise SalesforceError("INVALID_FIELD", f"duplicate field selected: {'.'.join(each.names)}")
        seen.add(each.names)
