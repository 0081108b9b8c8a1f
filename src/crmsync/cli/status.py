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
    from crmsync.operations.status.alerts import channel_lines
    from crmsync.operations.status.standing import statuses
    from crmsync.schedule import first_due
    from crmsync.settings import load_settings
    from crmsync.showing.history.alerts_table import channels_told
    from crmsync.showing.history.status_table import status_parts

    settings = load_settings(config)
    found, channels = statuses(settings, connections, now=now, next_run=first_due), channel_lines(settings)
    if form == "json":
        told = {
            "connections": [one.to_json() for one in found],
            "alert_channels": [one.to_json() for one in channels],
        }
        put(as_json({"format": 1, **told}), out)
    else:
        put(rendered(*(part for one in found for part in status_parts(one)), *channels_told(channels)), out)
    sys.exit(1 if any(one.needs for one in found) or any(one.trouble for one in channels) else 0)
