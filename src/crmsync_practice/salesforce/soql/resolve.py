"""Finds what a field path or a function means in one FROM clause, and collects the joins that it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crmsync_practice.salesforce.errors import SalesforceError, no_such_column
from crmsync_practice.salesforce.objects import ARCHIVE_BEFORE
from crmsync_practice.salesforce.schema import NUMBER_TYPES, TEXT_TYPES, Field, Schema, SObject
from crmsync_practice.salesforce.soql.parse import malformed
from crmsync_practice.salesforce.soql.tree import Call, Expression, Path

_NAME_FIELDS = (
    "Id Name FirstName LastName Email Phone Title Type IsActive Username Alias ProfileId UserRoleId".lower().split()
)
AGGREGATES = {"COUNT": "count", "COUNT_DISTINCT": "count", "SUM": "sum", "AVG": "avg", "MIN": "min", "MAX": "max"}
_WHOLE_FUNCTIONS = {
    "CALENDAR_YEAR": "CAST(strftime('%Y', {x}) AS INTEGER)",
    "CALENDAR_QUARTER": "(CAST(strftime('%m', {x}) AS INTEGER) + 2) / 3",
    "CALENDAR_MONTH": "CAST(strftime('%m', {x}) AS INTEGER)",
    "DAY_IN_MONTH": "CAST(strftime('%d', {x}) AS INTEGER)",
    "DAY_IN_WEEK": "CAST(strftime('%w', {x}) AS INTEGER) + 1",
    "DAY_IN_YEAR": "CAST(strftime('%j', {x}) AS INTEGER)",
    "HOUR_IN_DAY": "CAST(strftime('%H', {x}) AS INTEGER)",
    "WEEK_IN_MONTH": "(CAST(strftime('%d', {x}) AS INTEGER) - 1) / 7 + 1",
    "WEEK_IN_YEAR": "(CAST(strftime('%j', {x}) AS INTEGER) - 1) / 7 + 1",
    "FISCAL_YEAR": "CAST(strftime('%Y', {x}) AS INTEGER)",
    "FISCAL_QUARTER": "(CAST(strftime('%m', {x}) AS INTEGER) + 2) / 3",
    "FISCAL_MONTH": "CAST(strftime('%m', {x}) AS INTEGER)",
}
_RATE = '(SELECT r.ConversionRate FROM "sf_CurrencyType" r WHERE r.IsoCode = {row}."CurrencyIsoCode")'


@dataclass(frozen=True, slots=True)
class Resolved:
    """An expression's SQL and the field it is about; `names` is its path in canonical spelling."""

    sql: str
    field: Field
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Node:
    """The rows that a relationship path leads to: one object, or several for a polymorphic reference."""

    targets: tuple[tuple[SObject, str], ...]
    id_sql: str
    names: tuple[str, ...]
    polymorphic: bool = False


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent row: the SQL of its Id (null when there is none) and of its object's name."""

    id_sql: str
    type_sql: str


class Source:
    """One FROM clause: `row` is the SQL alias of its rows."""

    def __init__(
        self, schema: Schema, sobject: SObject, row: str, *, text: str, alias: str | None, archive_before: str
    ) -> None:
        self._schema = schema
        self.sobject = sobject
        self.row = row
        self._text = text
        self._names = {each.lower() for each in (sobject.name, alias) if each}
        self._archive_before = archive_before
        self._nodes: dict[tuple[str, ...], _Node] = {}
        self._joins: list[str] = []

    @property
    def from_sql(self) -> str:
        """`FROM …` with all joins collected so far."""
        return " ".join([f"FROM {self.sobject.table} {self.row}", *self._joins])

    @property
    def joins_sql(self) -> str:
        """The joins collected so far."""
        return " ".join(self._joins)

    def path(self, path: Path) -> Resolved:
        """A field of this row or of a parent's; raises INVALID_FIELD in Salesforce's words."""
        names = path.names
        if len(names) > 1 and names[0].lower() in self._names and self._is_prefix(names):
            names = names[1:]
        node = _Node(((self.sobject, self.row),), f'{self.row}."Id"', ())
        for index, name in enumerate(names[:-1]):
            node = self._parent(node, name, path, names[: index + 1])
        return self._field(node, names[-1], path)

    def parent(self, names: tuple[str, ...]) -> Parent:
        """The parent row that a path of relationships leads to."""
        node = _Node(((self.sobject, self.row),), f'{self.row}."Id"', ())
        for index, name in enumerate(names):
            node = self._parent(node, name, Path(names, 1), names[: index + 1])
        present = [f'{alias}."Id"' for _, alias in node.targets]
        if len(present) == 1:
            return Parent(present[0], f"'{node.targets[0][0].name}'")
        id_sql = f"coalesce({', '.join(present)})"
        cases = " ".join(f"WHEN '{sobject.prefix}' THEN '{sobject.name}'" for sobject, _ in node.targets)
        return Parent(id_sql, f"CASE substr({id_sql}, 1, 3) {cases} END")

    def call(self, call: Call, *, aggregates: bool) -> Resolved:
        """A function's value; aggregates only where they may stand."""
        name = call.name.upper()
        if name in AGGREGATES:
            if not aggregates:
                raise malformed(self._text, call.column, f"Aggregate function not allowed here: {call.name}")
            return self._aggregate(call, name)
        if name == "TOLABEL":
            return self.expression(self._argument(call), aggregates=False)
        if name == "CONVERTCURRENCY":
            return self._converted(self.expression(self._argument(call), aggregates=False), call)
        inner = self._argument(call)
        sql, field = self._moment(inner, call)
        if name in _WHOLE_FUNCTIONS:
            return Resolved(_WHOLE_FUNCTIONS[name].format(x=sql), _pseudo("int", call), (call.name,))
        if name == "DAY_ONLY" and field.type == "datetime":
            return Resolved(f"substr({sql}, 1, 10)", _pseudo("date", call), (call.name,))
        raise malformed(self._text, call.column, f"Invalid function: {call.name}")

    def _converted(self, amount: Resolved, call: Call) -> Resolved:
        """An amount in the corporate currency, which every user of the practice org has."""
        if amount.field.type != "currency":
            raise malformed(self._text, call.column, f"convertCurrency takes a currency field: {amount.field.name}")
        row, _, column = amount.sql.rpartition(".")
        if not row or not column.startswith('"') or self._schema.find("CurrencyType") is None:
            return amount
        return replace(amount, sql=f"({amount.sql} / {_RATE.format(row=row)})")

    def expression(self, expression: Expression, *, aggregates: bool) -> Resolved:
        """A path or a function."""
        if isinstance(expression, Path):
            return self.path(expression)
        return self.call(expression, aggregates=aggregates)

    def _is_prefix(self, names: tuple[str, ...]) -> bool:
        return self.sobject.relationship(names[0]) is None or names[0].lower() != self.sobject.name.lower()

    def _argument(self, call: Call) -> Expression:
        if len(call.arguments) != 1:
            raise malformed(self._text, call.column, f"Function {call.name} takes one argument")
        return call.arguments[0]

    def _moment(self, inner: Expression, call: Call) -> tuple[str, Field]:
        """A date or datetime argument as SQLite reads it: UTC, or the org's zone inside convertTimezone()."""
        if isinstance(inner, Call) and inner.name.upper() == "CONVERTTIMEZONE":
            resolved = self.expression(self._argument(inner), aggregates=False)
            if resolved.field.type != "datetime":
                raise malformed(self._text, inner.column, "convertTimezone takes a dateTime field")
            return f"to_local({resolved.sql})", resolved.field
        resolved = self.expression(inner, aggregates=False)
        if resolved.field.type not in {"date", "datetime"}:
            raise malformed(self._text, call.column, f"Invalid function: {call.name}")
        return f"substr({resolved.sql}, 1, 19)", resolved.field

    def _aggregate(self, call: Call, name: str) -> Resolved:
        if not call.arguments:
            if name != "COUNT":
                raise malformed(self._text, call.column, f"Function {call.name} takes one argument")
            return Resolved("count(*)", _pseudo("int", call), (call.name,))
        inner = self.expression(self._argument(call), aggregates=False)
        kind = inner.field.type
        summed = name in {"SUM", "AVG"}
        if (summed and kind not in NUMBER_TYPES) or kind in {"boolean", "textarea"}:
            raise SalesforceError(
                "MALFORMED_QUERY", f"field {inner.field.name} does not support aggregate operator {name}"
            )
        distinct = "DISTINCT " if name == "COUNT_DISTINCT" else ""
        result = {"COUNT": "int", "COUNT_DISTINCT": "int", "AVG": "double"}.get(name, kind)
        return Resolved(f"{AGGREGATES[name]}({distinct}{inner.sql})", _pseudo(result, call), (call.name,))

    def _parent(self, node: _Node, name: str, path: Path, walked: tuple[str, ...]) -> _Node:
        key = tuple(each.lower() for each in walked)
        if key in self._nodes:
            return self._nodes[key]
        if len(walked) > 5:
            raise malformed(self._text, path.column, "maximum number of parent relationships is 5", "INVALID_FIELD")
        reference = None
        id_sql = ""
        for sobject, alias in node.targets:
            reference = sobject.relationship(name)
            if reference is not None:
                id_sql = f'{alias}."{reference.name}"'
                break
        readable = [] if reference is None else self._schema.readable(reference.targets)
        if reference is None or not readable:
            raise malformed(
                self._text,
                path.column,
                f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
                "relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
                "WSDL or the describe call for the appropriate names.",
                "INVALID_FIELD",
            )
        targets = []
        for target in readable:
            alias = f"{self.row}_{len(self._joins)}"
            self._joins.append(f'LEFT JOIN {target.table} {alias} ON {alias}."Id" = {id_sql}')
            targets.append((target, alias))
        names = (*node.names, reference.relationship or name)
        found = _Node(tuple(targets), id_sql, names, polymorphic=len(reference.targets) > 1)
        self._nodes[key] = found
        return found

    def _field(self, node: _Node, name: str, path: Path) -> Resolved:
        if node.polymorphic:
            return self._polymorphic(node, name, path)
        sobject, alias = node.targets[0]
        field = sobject.field(name)
        if field is None:
            raise malformed(self._text, path.column, no_such_column(name, sobject.name), "INVALID_FIELD")
        return Resolved(self._column(field, alias), field, (*node.names, field.name))

    def _polymorphic(self, node: _Node, name: str, path: Path) -> Resolved:
        """A field of `Owner`, `Who` or `What`: only those that the Name object has."""
        if name.lower() == "type":
            cases = " ".join(f"WHEN '{sobject.prefix}' THEN '{sobject.name}'" for sobject, _ in node.targets)
            sql = f"(CASE substr({node.id_sql}, 1, 3) {cases} END) COLLATE NOCASE"
            return Resolved(sql, Field("Type", "picklist", length=40), (*node.names, "Type"))
        found = [(sobject.field(name), alias) for sobject, alias in node.targets]
        columns = [(field, self._column(field, alias)) for field, alias in found if field is not None]
        if name.lower() not in _NAME_FIELDS or not columns:
            raise malformed(self._text, path.column, no_such_column(name, "Name"), "INVALID_FIELD")
        field = columns[0][0]
        sql = columns[0][1] if len(columns) == 1 else f"coalesce({', '.join(each for _, each in columns)})"
        if field.type in TEXT_TYPES - {"id", "reference"}:
            sql = f"{sql} COLLATE NOCASE"
        return Resolved(f"({sql})", field, (*node.names, field.name))

    def _column(self, field: Field, alias: str) -> str:
        if field.expression is None:
            return f'{alias}."{field.name}"'
        return field.expression.replace("{t}", alias).replace(ARCHIVE_BEFORE, self._archive_before)


def _pseudo(kind: str, call: Call) -> Field:
    return replace(Field(call.name, kind), nillable=True)
