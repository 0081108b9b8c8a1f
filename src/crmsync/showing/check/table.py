"""What `crmsync check` found, as tables: what was looked at, what the records hold, what to mend. Fits 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.table import Table

from crmsync.errors import Finding
from crmsync.operations.check.connections import ConnectionCheck
from crmsync.operations.check.data_counts import DataCheck
from crmsync.showing.foreign_text import MOST_OF_REASONS, markup, markup_lines
from crmsync.showing.rendering import as_json

_MARK = {"error": "[red bold]✗[/red bold]", "warning": "[yellow bold]![/yellow bold]"}
Row = tuple[str, ...]


def check_json(results: Sequence[ConnectionCheck], findings: Sequence[Finding]) -> str:
    """The answer for programs."""
    return as_json(
        {
            "format": 1,
            "connections": [result.to_json() for result in results],
            "findings": [finding.to_json() for finding in findings],
        }
    )


def check_parts(results: Sequence[ConnectionCheck], findings: Sequence[Finding]) -> Iterator[Any]:
    """Renderables: one table of all that was looked at, then the records, then the findings."""
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for name in ("Connection", "", "What", "Found"):
        table.add_column(name, overflow="fold")
    for result in results:
        for point in result.points:
            mark = "[green]ok[/green]" if point.right else _MARK["error"]
            table.add_row(markup(result.connection), mark, markup(point.what), markup_lines(_lines(point.found)))
    yield table
    for result in results:
        if result.data is not None:
            yield from _data(result.connection, result.data)
    yield from _findings(findings)


def _findings(findings: Sequence[Finding]) -> Iterator[Any]:
    for severity, title in (("error", "To mend"), ("warning", "Worth a look")):
        told = [finding for finding in findings if finding.severity == severity]
        if not told:
            continue
        yield f"\n[bold]{title}[/bold] [dim]({len(told):,})[/dim]"
        table = Table(box=None, padding=(0, 1), show_edge=False, show_header=False)
        table.add_column()
        table.add_column(overflow="fold")
        for finding in told:
            table.add_row(_MARK[severity], markup_lines(_lines(str(finding)), most=MOST_OF_REASONS))
        yield table


def _lines(text: str) -> list[str]:
    """What was found, and below it the next step."""
    message, arrow, hint = text.partition("\n  → ")
    return [message, f"  → {hint}"] if arrow else [message]


def _data(connection: str, data: DataCheck) -> Iterator[Any]:
    read = ", ".join(
        f"{count:,} of {name}{' (the first ones)' if name in data.cut else ''}" for name, count in data.read.items()
    )
    yield f"\n[bold]{markup(connection)}[/bold], by its records: {markup(read, most=MOST_OF_REASONS)}"
    facts = (
        (
            fact.fact,
            _percent(fact.filled, data.leads),
            _percent(fact.converted, data.leads),
            _counted(fact.unconverted.most_common(5)),
            ", ".join(fact.unused),
        )
        for fact in data.facts
    )
    yield from _table("Facts", ("Fact", "Filled", "Known", "Not understood", "Never met"), facts, numbers=(1, 2))
    stages = ((stage, native or "(empty)", f"{count:,}") for (stage, native), count in data.stages.items())
    yield from _table("Stages", ("Stage", "In the CRM", "Leads"), stages, numbers=(2,))
    unmanaged = ((value, f"{count:,}") for value, count in data.unmanaged.most_common())
    yield from _table("Stages that are left alone", ("In the CRM", "Leads"), unmanaged, numbers=(1,))
    activities = (
        (name, kind or "(none)", outcome or "(none)", f"{count:,}")
        for (name, kind, outcome), count in sorted(data.activities.items(), key=str)
    )
    yield from _table("Activities", ("Object", "Kind", "Outcome", "Count"), activities, numbers=(3,))
    unnamed = (
        (name, f"{part} by {native}", value, f"{count:,}")
        for (name, part, native, value), count in data.unnamed.most_common()
    )
    yield from _table("Words that no rule names", ("Object", "For", "Value", "Count"), unnamed, numbers=(3,))


def _table(title: str, headings: Row, rows: Iterable[Row], *, numbers: tuple[int, ...]) -> Iterator[Any]:
    """A table with its title; nothing without rows."""
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for index, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", justify="right" if index in numbers else "left")
    for row in rows:
        table.add_row(*(markup(cell) for cell in row))
    if table.row_count:
        yield f"\n{title}"
        yield table


def _counted(values: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"“{value}” ({count:,})" for value, count in values)


def _percent(count: int, of: int) -> str:
    return f"{100 * count / of:.0f} %" if of else "–"
