"""A plan's leads as plain texts: the cells of the plan's columns without the marks of a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from crmsync.model import Change
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.showing.run.plan_columns import COLUMNS, FIELDS, OUTCOME, Column


def columns_of(report: ConnectionReport) -> tuple[Column, ...]:
    """Fields for people where the plan writes any; the outcome once the plan was carried out."""
    fields = [FIELDS] if any(change.fields for change in report.plan.changes) else []
    return (*COLUMNS[:-1], *fields, COLUMNS[-1], *([OUTCOME] if report.plan.outcomes else []))


def row_of(change: Change, report: ConnectionReport) -> Iterator[str]:
    """One lead's cells, in the order of the columns, several lines in one where the table has them."""
    for column in columns_of(report):
        yield Text.from_markup(column.cell(change, report), emoji=False).plain
