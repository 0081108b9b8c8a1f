"""Plans as CSV: one row a change, for spreadsheets and programs that read nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from crmsync.model import Change
from crmsync.operations.run.every_connection import ConnectionReport, RunReport
from crmsync.showing.foreign_text import MOST_OF_REASONS, cut
from crmsync.showing.run.plan_columns import ARROW
from crmsync.showing.run.plan_words import hand_over_of, kind_of_move
from crmsync.showing.spreadsheet import Cell, csv_text

COLUMNS: dict[str, Callable[[Change, ConnectionReport], Cell]] = {
    "connection": lambda _, report: report.plan.connection,
    "as_of": lambda _, report: report.plan.as_of.isoformat(),
    "lead": lambda change, _: change.lead,
    "url": lambda change, report: report.plan.urls.get(change.lead),
    "name": lambda change, report: report.lead_names.get(change.lead),
    "move": lambda change, _: kind_of_move(change),
    "stage_before": lambda change, _: change.stage_before,
    "stage_after": lambda change, _: change.stage_after,
    "owner_before": lambda change, _: change.owner_before,
    "owner_before_name": lambda change, report: report.user_names.get(change.owner_before or ""),
    "owner_after": lambda change, _: change.owner_after,
    "owner_after_name": lambda change, report: report.user_names.get(change.owner_after or ""),
    "hand_off": lambda change, _: change.hand_off.move if change.hand_off else None,
    "attempt": lambda change, _: change.hand_off.attempt if change.hand_off else None,
    "reasons": lambda change, _: "; ".join(change.reasons),
    "writes": lambda change, _: "; ".join(_write(field, *ends) for field, ends in change.writes.items()),
    "outcome": lambda change, report: report.plan.outcomes.get(change.lead),
    "message": lambda change, report: report.plan.messages.get(change.lead),
    "hand_over": lambda change, _: hand_over_of(change),
}
"""Column → its cell. They stay as they are and in this order; new ones come last."""


def plans_csv(report: RunReport) -> str:
    """All changes of all connections; the head alone where there is none.

    After COLUMNS one for each field for people that is written on any of the leads, under the field's own name.
    """
    changes = (change for done in report.done for change in done.plan.changes)
    fields = list(dict.fromkeys(field for change in changes for field in change.fields))
    return csv_text([*COLUMNS, *fields], _rows(report, fields))


def _rows(report: RunReport, fields: Sequence[str]) -> Iterator[list[Cell]]:
    for done in report.done:
        for change in done.plan.changes:
            told = [cell(change, done) for cell in COLUMNS.values()]
            told += [_move(*change.writes[field]) if field in change.fields else None for field in fields]
            yield [_short(cell) for cell in told]


def _short(cell: Cell) -> Cell:
    """Spreadsheets hold some 32,000 characters in a cell."""
    return cut(cell, MOST_OF_REASONS) if isinstance(cell, str) else cell


def _write(field: str, before: str | None, after: str | None) -> str:
    return f"{field}: {_move(before, after)}"


def _move(before: str | None, after: str | None) -> str:
    return f"{before or '(empty)'} {ARROW} {after or '(empty)'}"
