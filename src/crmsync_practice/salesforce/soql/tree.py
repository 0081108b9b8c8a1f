"""What a SOQL statement says, as small values. `column` is the 1-based column of the statement, for error texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Path:
    """A field, perhaps of a parent: `Owner.Name`."""

    names: tuple[str, ...]
    column: int

    @property
    def text(self) -> str:
        """As it was written."""
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """A function over a field, or over nothing (`COUNT()`)."""

    name: str
    arguments: tuple[Expression, ...]
    column: int


Expression = Path | Call


@dataclass(frozen=True, slots=True)
class Value:
    """A literal: its kind, its value (a text; a number's text; None), and for `LAST_N_DAYS:5` its number."""

    kind: Literal["string", "number", "datetime", "date", "null", "boolean", "range"]
    text: str
    column: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Compare:
    """`field operator value`; LIKE is an operator too."""

    left: Expression
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Among:
    """`field [NOT] IN (…)` with values or a semi-join's query."""

    left: Expression
    values: tuple[Value, ...] | Query
    negated: bool


@dataclass(frozen=True, slots=True)
class Includes:
    """`field INCLUDES ('a;b', 'c')` or EXCLUDES on a multi-select picklist."""

    left: Expression
    values: tuple[Value, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Junction:
    """AND or OR over conditions."""

    conjunction: bool
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """NOT."""

    part: Condition


Condition = Compare | Among | Includes | Junction | Negation


@dataclass(frozen=True, slots=True)
class Selected:
    """One selected expression with its alias."""

    expression: Expression
    alias: str | None


@dataclass(frozen=True, slots=True)
class TypeOf:
    """`TYPEOF Who WHEN Lead THEN Company ELSE Name END`: object name (lower case) to fields; `otherwise` for the
    rest.
    """

    relationship: str
    branches: tuple[tuple[str, tuple[str, ...]], ...]
    otherwise: tuple[str, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Ordering:
    """One ORDER BY term."""

    expression: Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole statement."""

    select: tuple[Selected | Query | TypeOf, ...]
    source: str
    source_column: int
    alias: str | None
    where: Condition | None
    group: tuple[Expression, ...]
    having: Condition | None
    order: tuple[Ordering, ...]
    limit: int | None
    offset: int | None
    scope: str | None
