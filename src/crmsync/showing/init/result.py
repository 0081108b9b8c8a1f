"""What `crmsync init` made: files, gaps, what records make of it, the first dry run, the next commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from crmsync.operations.check.connections import findings_of
from crmsync.operations.init.story import NewSetUp
from crmsync.showing.check.table import check_parts
from crmsync.showing.foreign_text import markup
from crmsync.showing.rendering import as_json
from crmsync.showing.run.plan_table import plan_parts


def set_up_json(made: NewSetUp) -> str:
    """The answer for programs."""
    return as_json(made.to_json())


def set_up_parts(made: NewSetUp) -> Iterator[Any]:
    """Renderables from top to bottom."""
    yield from check_parts(made.check, findings_of(made.check))
    if made.pilot is not None:
        yield "\n[bold]A first dry run[/bold]: nothing was written"
        for done in made.pilot.done:
            yield from plan_parts(done, show=5)
        for failure in made.pilot.failures:
            yield f"[red bold]{markup(failure.connection)}:[/red bold] {markup(str(failure.error))}"
    yield "\n[bold]Files[/bold]"
    table = Table(box=None, padding=(0, 1), show_edge=False, show_header=False)
    for file in made.files:
        table.add_row(f"[dim]{file.state}[/dim]", markup(file.path))
    yield table
    for file in made.files:
        if not file.diff:
            continue
        if file.state == "added to":
            yield f"\nAdded to {markup(file.path)}:"
            yield from (markup(line) for line in file.diff.splitlines()[2:] if line.startswith("+"))
            continue
        yield f"\n{markup(file.path)} is kept as it is. init would change:"
        yield from (markup(line) for line in file.diff.splitlines()[2:])
        yield "[dim]Take it over by hand, or run init again with --replace.[/dim]"
    if not made.changed and not any(file.diff for file in made.files):
        yield "Nothing has changed since."
    for title, lines in (("Open", made.gaps), ("Not readable", made.notes)):
        if lines:
            yield f"\n[bold]{title}[/bold]"
            yield from (f" [yellow]![/yellow] {markup(line)}" for line in lines)
    yield "\n[bold]Next[/bold]"
    steps = Table(box=None, padding=(0, 1), show_edge=False, show_header=False)
    steps.add_column(no_wrap=True)
    steps.add_column(overflow="fold")
    for command, why in made.next_commands():
        steps.add_row(markup(command), f"[dim]{markup(why)}[/dim]")
    yield steps
