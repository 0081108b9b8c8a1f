"""`crmsync runs`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.count import Count
from crmsync.cli.shared import config_option, put, result_options
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync runs                          the last 20, newest first
  crmsync runs salesforce --show 0      every one of this connection
  crmsync history --run 17              what run 17 wrote

\b
Exit codes:
  0  done
  1  the store cannot be used
  2  an option or a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--show", type=Count(0), default=20, show_default=True, help="How many runs to list; 0 = all.")
@result_options
def runs(connections: tuple[str, ...], config: Path, show: int, form: str, out: Path | None) -> None:
    """List what ran: when, by whom, how many leads it meant to change, how it ended.

    Reads the store; asks no CRM. `crmsync tidy` says how long runs are kept.
    """
    from crmsync.operations.history.runs import run_lines
    from crmsync.settings import load_settings
    from crmsync.showing.history.runs_table import runs_parts

    lines = run_lines(load_settings(config), connections, show=show)
    if form == "json":
        put(as_json({"format": 1, "runs": [line.to_json() for line in lines]}), out)
    else:
        put(rendered(*runs_parts(lines)), out)
