"""`crmsync status`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmsync.cli.shared import config_option, put, result_options
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync status                      every connection, ten lines each
  crmsync status hubspot || page-me   in a monitor: exit 1 wants a person

\b
Exit codes:
  0  all is well
  1  something needs a person; it says what (or the store cannot be used)
  2  an option or a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@result_options
def status(connections: tuple[str, ...], config: Path, form: str, out: Path | None) -> None:
    """Say how each connection stands: last and next run, lag, due leads, guard, quota, hand-offs, holds.

    Reads store and files; asks no CRM. The quota is what the CRM said at the last run.
    """
    from crmsync.clock import now
    from crmsync.operations.status.standing import statuses
    from crmsync.schedule import first_due
    from crmsync.settings import load_settings
    from crmsync.showing.history.status_table import status_parts

    found = statuses(load_settings(config), connections, now=now, next_run=first_due)
    if form == "json":
        put(as_json({"format": 1, "connections": [one.to_json() for one in found]}), out)
    else:
        put(rendered(*(part for one in found for part in status_parts(one))), out)
    sys.exit(1 if any(one.attention for one in found) else 0)
