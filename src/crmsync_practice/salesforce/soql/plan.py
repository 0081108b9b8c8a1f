"""A statement as it will be run: which rows, in which order, and how a row becomes a record.

A query is run in two steps, so that paging stays cheap at a million rows: the numbers of all matching rows are
found once and kept by the locator; each page then reads its 2,000 rows by number.
"""

from __future__ import annotations

from dataclasses import dataclass

from crmsync_practice.salesforce.schema import SObject


@dataclass(frozen=True, slots=True)
class Column:
    """One selected value: where it goes in the record, its field's type, a sub-query's own columns, and the aggregate
    function that it is: its alias, or as it was written.
    """

    names: tuple[str, ...]
    kind: str
    inner: tuple[Column, ...] = ()
    function: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The compiled statement.

    `numbers_sql` finds the rows' numbers in order; for an aggregate it gives the result itself, and `count` says
    that only the number of rows was asked for. `page_sql` gives the records' JSON texts, `values_sql` the bare
    values, for a JSON list of row numbers, which is bound after `page_parameters`. `children` are the sub-queries.
    """

    sobject: SObject
    columns: tuple[Column, ...]
    numbers_sql: str
    parameters: tuple[object, ...]
    page_sql: str = ""
    page_parameters: tuple[object, ...] = ()
    values_sql: str = ""
    aggregate: bool = False
    count: bool = False
    children: tuple[Column, ...] = ()
