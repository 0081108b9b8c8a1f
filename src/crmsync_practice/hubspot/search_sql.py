"""A search as SQL over one object type's table.

Case rules (wire notes, section 2.4): texts compare whatever their case, except that `IN`/`NOT_IN` want lower-case
values and that enumerations compare exactly. A negated operator does not match an empty property (MEM).
"""

# ruff: noqa: S608 - table names come from the type registry, property names are checked, values are bound
from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from crmsync_practice.hubspot.call import parse_id
from crmsync_practice.hubspot.definitions import Definition
from crmsync_practice.hubspot.errors import validation
from crmsync_practice.hubspot.instants import iso, parse_day, parse_ms
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.search_request import Filter, Search
from crmsync_practice.hubspot.storage import value_of
from crmsync_practice.hubspot.values import Scalar, scalar_text

_COMPARE = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_WORD = re.compile(r"\w+")


@dataclass
class Where:
    """A condition with its parameters."""

    sql: str
    values: list[str | int | float] = field(default_factory=list)


def add_functions(connection: sqlite3.Connection) -> None:
    """Gives SQLite the text functions that searches use."""
    connection.create_function("hs_fold", 1, _fold, deterministic=True)
    connection.create_function("hs_token", 2, _has_token, deterministic=True)
    connection.create_function("hs_query", 2, _answers_query, deterministic=True)


def _fold(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _has_token(text: str | None, wanted: str) -> int:
    """Whether a word of the text is the wanted one; `*` stands for any characters."""
    if text is None:
        return 0
    text, wanted = text.lower(), wanted.lower()
    words = {text, *text.split(), *_WORD.findall(text), *re.split(r"[;,\s]+", text)}
    if "*" in wanted:
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("*")), re.DOTALL)
        return int(any(pattern.fullmatch(word) for word in words))
    return int(wanted in words or (" " in wanted and wanted in text))


def _answers_query(text: str | None, query: str) -> int:
    """Whether every word of the query begins a word of the text."""
    if text is None:
        return 0
    words = [*text.lower().split(), *_WORD.findall(text.lower())]
    return int(all(any(word.startswith(part) for word in words) for part in query.lower().split()))


def build(portal: Portal, kind: ObjectType, search: Search) -> Where:
    """The condition of a whole search (without the order)."""
    definitions = portal.properties.live(kind)
    values: list[str | int | float] = []
    groups = []
    for group in search.groups:
        parts = [_filter(portal, kind, definitions, each) for each in group]
        groups.append("(" + " AND ".join(part.sql for part in parts) + ")")
        values += [value for part in parts for value in part.values]
    sql = " OR ".join(groups) if groups else "1"
    if search.query.strip():
        # The plain text search sorts most rows out before the slow one looks at them.
        words = [word for word in search.query.lower().split() if re.fullmatch("[a-z0-9]+", word)]
        joined = " || ' ' || ".join(f"coalesce({value_of(name)}, '')" for name in kind.searchable)
        likely = "".join(" AND instr(lower(props), ?)" for _ in words)
        sql = f"({sql}){likely} AND hs_query({joined}, ?)"
        values += [*words, search.query]
    return Where(f"archived = 0 AND ({sql})", values)


def index_for(portal: Portal, kind: ObjectType, search: Search) -> None:
    """Makes indexes for the properties that a search compares, so that paging through it is quick."""
    definitions = portal.properties.live(kind)
    for each in (each for group in search.groups for each in group):
        definition = definitions.get(each.property_name or "")
        if definition is None or definition.multiple or definition.name in kind.columns:
            continue
        if each.operator in ("EQ", "IN", "GT", "GTE", "BETWEEN"):
            expression = _expression(kind, definition)
            text = definition.type in ("string", "phone_number")
            portal.storage.index_value(kind, definition.name, f"lower({expression})" if text else expression)


def streams(kind: ObjectType, search: Search) -> bool:
    """Whether the rows can be read in their order up to the page's end, instead of finding all matches first."""
    filters = [each for group in search.groups for each in group]
    if search.query.strip() or any(each.property_name not in kind.columns for each in filters):
        return False
    return not filters or (search.sort is not None and search.sort[0] == "hs_object_id")


def order_by(portal: Portal, kind: ObjectType, search: Search, *, by_index: bool) -> str:
    """The ORDER BY clause: one property, then the id; without a sort the oldest first.

    `by_index` False keeps SQLite from following an index of the order, so that it follows one of the filters.
    """
    plus = "" if by_index else "+"
    if search.sort is None:
        return f"{plus}created, {plus}id"
    name, descending = search.sort
    definition = portal.properties.live(kind).get(name)
    if definition is None:
        raise validation(f"Sort property '{name[:100]}' does not exist")
    expression = _expression(kind, definition)
    way = "DESC" if descending else "ASC"
    if expression == "id":
        return f"{plus}id {way}"
    last = "" if expression in ("created", "updated") else " NULLS LAST"
    return f"{plus}{expression} {way}{last}, {plus}id"


def _expression(kind: ObjectType, definition: Definition) -> str:
    column = kind.columns.get(definition.name)
    if column is not None:
        return column
    text = value_of(definition.name)
    return f"CAST({text} AS REAL)" if definition.type == "number" else text


def _filter(portal: Portal, kind: ObjectType, definitions: dict[str, Definition], each: Filter) -> Where:
    name = each.property_name or ""
    if name.startswith("associations."):
        return _associated(portal, kind, name.partition(".")[2], each)
    definition = definitions.get(name)
    if definition is None:
        raise validation(
            "There was a problem with the request.",
            errors=[
                {"message": f"Property '{name[:100]}' does not exist", "context": {"propertyName": [name[:100]]}}
            ],
        )
    if each.operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        negated = "NOT " if each.operator == "HAS_PROPERTY" else ""
        return Where(f"{_expression(kind, definition)} IS {negated}NULL")
    if each.operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        wanted = 1 if each.operator == "CONTAINS_TOKEN" else 0
        text = f"CAST({_expression(kind, definition)} AS TEXT)"
        return Where(f"({text} IS NOT NULL AND hs_token({text}, ?) = {wanted})", [scalar_text(each.value)])
    if definition.type in ("string", "phone_number"):
        return _text_filter(definition, each.operator or "", each)
    return _typed_filter(kind, definition, each.operator or "", each)


def _typed_filter(kind: ObjectType, definition: Definition, operator: str, each: Filter) -> Where:
    expression = _expression(kind, definition)
    convert = _converter(kind, definition)
    if operator == "BETWEEN":
        return Where(f"{expression} BETWEEN ? AND ?", [convert(each.value), convert(each.high_value)])
    if operator in ("IN", "NOT_IN"):
        return _any_of(definition, expression, operator, [convert(value) for value in each.values or []])
    return Where(f"{expression} {_COMPARE[operator]} ?", [convert(each.value)])


def _text_filter(definition: Definition, operator: str, each: Filter) -> Where:
    text = value_of(definition.name)
    given = each.values or [] if operator in ("IN", "NOT_IN") else [each.value, each.high_value]
    wanted = [scalar_text(value) for value in given]
    # SQLite's lower() knows ASCII only, and is what indexes are made of.
    folded = f"lower({text})" if all(value.isascii() for value in wanted) else f"hs_fold({text})"
    if operator in ("IN", "NOT_IN"):
        return _any_of(definition, folded, operator, list(wanted))
    value, high = (text.lower() for text in wanted)
    if operator == "BETWEEN":
        return Where(f"{folded} BETWEEN ? AND ?", [value, high])
    return Where(f"{folded} {_COMPARE[operator]} ?", [value])


def _any_of(definition: Definition, expression: str, operator: str, values: list[str | int | float]) -> Where:
    if definition.multiple:
        parts = " OR ".join(f"instr(';' || {expression} || ';', ?)" for _ in values)
        negated = "NOT " if operator == "NOT_IN" else ""
        return Where(f"({expression} IS NOT NULL AND {negated}({parts}))", [f";{value};" for value in values])
    marks = ",".join("?" * len(values))
    return Where(f"{expression} {'NOT IN' if operator == 'NOT_IN' else 'IN'} ({marks})", values)


def _converter(kind: ObjectType, definition: Definition) -> Callable[[Scalar], str | int | float]:
    """How a filter value becomes comparable with the property's expression. Raises the refusal."""
    column = kind.columns.get(definition.name)

    def convert(value: Scalar) -> str | int | float:
        text = scalar_text(value).strip()
        found: str | int | float | None = text
        if column == "id":
            found = parse_id(text)
        elif definition.type == "number":
            found = _number(text)
        elif definition.type == "datetime":
            ms = parse_ms(text)
            found = ms if column or ms is None else iso(ms)
        elif definition.type == "date":
            found = parse_day(text)
        elif definition.type == "bool":
            found = text.lower()
        if found is None:
            raise validation(
                "There was a problem with the request.",
                errors=[
                    {
                        "message": f"{text[:100]} is not a valid value for property {definition.name}",
                        "context": {"propertyName": [definition.name]},
                    }
                ],
            )
        return found

    return convert


def _number(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?[0-9]{1,300}(\.[0-9]{0,300})?", text):
        return None
    value = float(text)
    return value if abs(value) < 1e300 else None


def _associated(portal: Portal, kind: ObjectType, alias: str, each: Filter) -> Where:
    """The pseudo-property `associations.contact`: EQ or IN ids of the other object (DOC)."""
    other = portal.types.find(alias)
    if other is None or other.custom or each.operator not in ("EQ", "IN"):
        raise validation(f"Filtering on associations.{alias[:50]} is not supported with this operator")
    ids = [parse_id(scalar_text(value)) for value in (each.values if each.operator == "IN" else [each.value]) or []]
    wanted: list[str | int | float] = [number for number in ids if number is not None]
    marks = ",".join("?" * len(wanted))
    return Where(
        f"id IN (SELECT to_id FROM hubspot_associations WHERE from_type = {other.number} "
        f"AND to_type = {kind.number} AND from_id IN ({marks}))",
        wanted,
    )
