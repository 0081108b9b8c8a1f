"""Runs as a table, one a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.history.runs import RunLine
from crmsync.showing.foreign_text import markup
from crmsync.showing.instants import instant, zone_name

if TYPE_CHECKING:
    from rich.table import Table


def runs_parts(lines: Sequence[RunLine]) -> Iterator[Any]:
    """Renderables for all runs."""
    if not lines:
        yield "No run yet."
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    zone = zone_name(lines[0].run.started_at)
    for name in (
        "Run",
        "Connection",
        "Kind",
        f"Started ({zone})",
        "Took",
        "Exit",
        "Planned",
        "Written",
        "Aside",
        "By",
    ):
        number = name in {"Run", "Took", "Exit", "Planned", "Written", "Aside"}
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for line in lines:
        _row(table, line, zone)
    yield table
    for line in lines:
        if line.run.breaches:
            guards = ", ".join(map(str, line.run.breaches))
            yield f"[yellow]run {line.run.id} was stopped: {markup(guards)}[/yellow]"
        for each in line.undone_by:
            whole = not line.left and len(line.undone_by) == 1
            of = "" if whole else f", {each.leads:,} of {line.written:,} leads{', in part' if line.left else ''}"
            yield f"run {line.run.id} was taken back by run {each.run} at {instant(each.at)}{of}"


def kind_of(line: RunLine) -> str:
    """Its kind, and whether it was dry, or what it takes back."""
    of = f" of {line.run.undo_of}" if line.run.undo_of else ""
    return f"{line.run.kind}{of}{', dry' if line.run.dry_run else ''}"


def _row(table: Table, line: RunLine, zone: str) -> None:
    run = line.run
    took = "" if run.ended_at is None else f"{(run.ended_at - run.started_at).total_seconds():.0f} s"
    written = line.outcomes.get("written", 0)
    table.add_row(
        f"{run.id}",
        markup(line.connection),
        kind_of(line),
        instant(run.started_at, in_zone=zone),
        took,
        "…" if run.exit_code is None else f"{run.exit_code}",
        f"{run.counts.get('changes', 0):,}",
        "" if run.dry_run else f"{written:,}",
        f"{run.counts.get('set_aside', 0):,}",
        markup(run.by or ""),
    )
