"""`crmsync check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmsync.cli.shared import config_option, put, result_options
from crmsync.showing.rendering import as_json, rendered


@click.command()
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@result_options
def check(connections: tuple[str, ...], config: Path, form: str, out: Path | None) -> None:
    """Hold configuration, sign-in, fields, stages and roster against the CRM.

    Nothing is written, neither to the CRM nor to the store. What is wrong is told with file, line and the mend.
    """
    from rich.table import Table

    from crmsync.clock import now
    from crmsync.operations.check.connections import check_all
    from crmsync.operations.run.every_connection import EXIT_ORDER
    from crmsync.settings import load_settings
    from crmsync.showing.foreign_text import markup

    results = check_all(load_settings(config), connections, now())
    if form == "json":
        put(as_json({"format": 1, "connections": [result.to_json() for result in results]}), out)
    else:
        table = Table(box=None, padding=(0, 1), show_edge=False)
        for name in ("Connection", "", "What", "Found"):
            table.add_column(name, overflow="fold")
        for result in results:
            for point in result.points:
                mark = "[green]ok[/green]" if point.right else "[red bold]✗[/red bold]"
                table.add_row(markup(result.connection), mark, markup(point.what), markup(point.found))
        put(rendered(table), out)
    codes = {result.exit_code for result in results}
    sys.exit(next((code for code in EXIT_ORDER if code in codes), 0))
