"""WHERE and HAVING as SQL.

SOQL knows two truth values: a null field makes `=`, `<`, LIKE and IN false and `!=`, NOT IN and NOT(…) true. So
NOT is pushed down to the comparisons, and each comparison has a form and a negated form that cover null.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.ids import read_id
from crmsync_practice.salesforce.instants import read_datetime, read_day, to_stamp
from crmsync_practice.salesforce.schema import NUMBER_TYPES, Field
from crmsync_practice.salesforce.soql.parse import malformed, unescape
from crmsync_practice.salesforce.soql.ranges import day_range
from crmsync_practice.salesforce.soql.resolve import Resolved, Source
from crmsync_practice.salesforce.soql.tree import (
    Among,
    Compare,
    Condition,
    Includes,
    Junction,
    Negation,
    Query,
    Value,
)

_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_SHOWN_TYPES = {"datetime": "dateTime", "currency": "currency", "id": "ID"}
Subselect = Callable[[Query], tuple[str, list[object]]]


class Conditions:
    """Compiles conditions over one source; `parameters` collects the values to bind, in order."""

    def __init__(self, source: Source, text: str, *, now: datetime, zone: ZoneInfo, subselect: Subselect) -> None:
        self._source = source
        self._text = text
        self._today = now.astimezone(zone).date()
        self._zone = zone
        self._subselect = subselect
        self.parameters: list[object] = []

    def compile(self, condition: Condition, *, aggregates: bool = False, negated: bool = False) -> str:
        """The SQL of a condition (or of its negation)."""
        if isinstance(condition, Negation):
            return self.compile(condition.part, aggregates=aggregates, negated=not negated)
        if isinstance(condition, Junction):
            word = " AND " if condition.conjunction is not negated else " OR "
            parts = [self.compile(part, aggregates=aggregates, negated=negated) for part in condition.parts]
            return f"({word.join(parts)})"
        resolved = self._source.expression(condition.left, aggregates=aggregates)
        if not resolved.field.filterable:
            raise malformed(
                self._text,
                condition.left.column,
                f"field '{resolved.field.name}' can not be filtered in a query call",
                "INVALID_FIELD",
            )
        if isinstance(condition, Compare):
            return self._compare(resolved, condition, negated)
        if isinstance(condition, Includes):
            return self._includes(resolved, condition, negated)
        return self._among(resolved, condition, negated)

    def _compare(self, left: Resolved, condition: Compare, negated: bool) -> str:
        sql, literal = left.sql, condition.value
        if condition.operator == "LIKE":
            return self._like(left, literal, negated)
        operator = _OPPOSITE[condition.operator] if negated else condition.operator
        if literal.kind == "null" or (literal.kind == "string" and literal.text == "''"):
            if left.field.type == "boolean" or operator not in {"=", "!="}:
                return "1" if operator == "!=" else "0"
            return f"{sql} IS NULL" if operator == "=" else f"{sql} IS NOT NULL"
        if literal.kind == "range":
            return self._range(left, condition.operator, literal, negated)
        value = self._value(left.field, literal)
        if left.field.type in {"id", "reference"} and operator not in {"=", "!="}:
            raise self._refused(literal, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field")
        if isinstance(value, str) and not value.isascii():
            sql, mark = f"fold({sql})", "fold(?)"
        else:
            mark = "?"
        self.parameters.append(value)
        comparison = f"{sql} {'<>' if operator == '!=' else operator} {mark}"
        with_null = (condition.operator != "!=") if negated else (operator == "!=")
        return f"({comparison} OR {left.sql} IS NULL)" if with_null else comparison

    def _like(self, left: Resolved, literal: Value, negated: bool) -> str:
        if left.field.type in {"id", "reference"}:
            raise self._refused(literal, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field")
        if left.field.column_type != "TEXT COLLATE NOCASE":
            raise self._refused(
                literal, "INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {left.field.type} field"
            )
        if literal.kind != "string":
            raise self._mistyped(left.field, literal)
        pattern = unescape(literal.text, keep_wildcards=True)
        self.parameters.append(pattern)
        sql, mark = (left.sql, "?") if pattern.isascii() else (f"fold({left.sql})", "fold(?)")
        if negated:
            return f"({sql} NOT LIKE {mark} ESCAPE '\\' OR {left.sql} IS NULL)"
        return f"{sql} LIKE {mark} ESCAPE '\\'"

    def _range(self, left: Resolved, operator: str, literal: Value, negated: bool) -> str:
        days = day_range(literal.text, literal.number, self._today)
        if days is None or left.field.type not in {"date", "datetime"}:
            if literal.number is None and days is None:
                raise malformed(self._text, literal.column, f"unexpected token: '{literal.text}'")
            raise self._mistyped(left.field, literal)
        low, high = (self._edge(day, left.field) for day in days)
        sql = left.sql
        shapes = {
            "=": (f"({sql} >= ? AND {sql} < ?)", f"({sql} < ? OR {sql} >= ? OR {sql} IS NULL)", (low, high)),
            "<": (f"{sql} < ?", f"({sql} >= ? OR {sql} IS NULL)", (low,)),
            "<=": (f"{sql} < ?", f"({sql} >= ? OR {sql} IS NULL)", (high,)),
            ">": (f"{sql} >= ?", f"({sql} < ? OR {sql} IS NULL)", (high,)),
            ">=": (f"{sql} >= ?", f"({sql} < ? OR {sql} IS NULL)", (low,)),
        }
        if operator == "!=":
            operator, negated = "=", not negated
        positive, negative, values = shapes[operator]
        self.parameters.extend(values)
        return negative if negated else positive

    def _edge(self, day: date, field: Field) -> str:
        """Where a day begins: the day itself, or its midnight in the org's zone."""
        if field.type == "date":
            return day.isoformat()
        return to_stamp(datetime.combine(day, time(), self._zone).astimezone(UTC))

    def _among(self, left: Resolved, condition: Among, negated: bool) -> str:
        excluding = condition.negated is not negated
        word = "NOT IN" if excluding else "IN"
        if isinstance(condition.values, Query):
            if left.field.type not in {"id", "reference"}:
                raise SalesforceError(
                    "MALFORMED_QUERY",
                    f"The left operand field in the where expression for outer query should be an id field, cannot "
                    f"use: '{left.field.name}'",
                )
            sql, parameters = self._subselect(condition.values)
            self.parameters.extend(parameters)
            return f"({left.sql} {word} ({sql})" + (f" OR {left.sql} IS NULL)" if excluding else ")")
        nulls = any(each.kind == "null" or each.text == "''" for each in condition.values)
        values = [
            self._value(left.field, each)
            for each in condition.values
            if each.kind != "null" and not (each.kind == "string" and each.text == "''")
        ]
        plain = all(not isinstance(each, str) or each.isascii() for each in values)
        sql, mark = (left.sql, "?") if plain else (f"fold({left.sql})", "fold(?)")
        self.parameters.extend(values)
        listed = f"{sql} {word} ({', '.join([mark] * len(values))})"
        if excluding:
            return f"({listed} AND {left.sql} IS NOT NULL)" if nulls else f"({listed} OR {left.sql} IS NULL)"
        return f"({listed} OR {left.sql} IS NULL)" if nulls else listed

    def _includes(self, left: Resolved, condition: Includes, negated: bool) -> str:
        if left.field.type != "multipicklist":
            raise SalesforceError(
                "INVALID_FIELD", f"includes or excludes operator is not valid on field {left.field.name}"
            )
        options = []
        for literal in condition.values:
            if literal.kind != "string":
                raise self._mistyped(left.field, literal)
            wanted = unescape(literal.text, keep_wildcards=False).split(";")
            self.parameters.extend(wanted)
            options.append(
                " AND ".join([f"instr(fold(';' || {left.sql} || ';'), fold(';' || ? || ';')) > 0"] * len(wanted))
            )
        found = " OR ".join(f"({option})" for option in options)
        if condition.negated is not negated:
            return f"(NOT ({found}) OR {left.sql} IS NULL)"
        return f"({found})"

    def _value(self, field: Field, literal: Value) -> object:
        """The literal as the column holds it; a literal of another type is refused in Salesforce's words."""
        kind = field.type
        if literal.kind == "range" or not self._fits(kind, literal):
            raise self._mistyped(field, literal)
        if literal.kind == "boolean":
            return int(literal.text == "true")
        if literal.kind == "number":
            return float(literal.text)
        if literal.kind == "datetime":
            at = read_datetime(literal.text)
            if at is None:
                raise malformed(self._text, literal.column, f"Invalid datetime: {literal.text}")
            return to_stamp(at)
        if literal.kind == "date":
            if read_day(literal.text) is None:
                raise malformed(self._text, literal.column, f"Invalid date: {literal.text}")
            return literal.text
        text = unescape(literal.text, keep_wildcards=False)
        if kind not in {"id", "reference"}:
            return text
        canonical = read_id(text)
        if canonical is None:
            raise self._refused(literal, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
        return canonical

    @staticmethod
    def _fits(kind: str, literal: Value) -> bool:
        if kind in {"date", "datetime", "boolean"}:
            return literal.kind == kind
        if kind in NUMBER_TYPES:
            return literal.kind == "number"
        return literal.kind == "string"

    def _mistyped(self, field: Field, literal: Value) -> SalesforceError:
        quotes = field.type in {"date", "datetime", "boolean"} or field.type in NUMBER_TYPES
        wanted = "should not be enclosed in quotes" if quotes else "should be enclosed in quotes"
        shown = _SHOWN_TYPES.get(field.type, field.type if quotes else "string")
        return malformed(
            self._text,
            literal.column,
            f"value of filter criterion for field '{field.name}' must be of type {shown} and {wanted}",
            "INVALID_FIELD",
        )

    def _refused(self, literal: Value, code: str, detail: str) -> SalesforceError:
        return malformed(self._text, literal.column, detail, code)
