"""`crmsync report conflicts`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.report_options import of_connections
from crmsync.cli.shared import put, result_options, show_option
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync report conflicts                 who replaces what crmsync writes
  crmsync report conflicts hubspot --no-ask
      without asking the CRM who it was

\b
Exit codes:
  0  done
  1  the store cannot be used
  2  an option or a file is wrong
"""


@click.command("conflicts", epilog=EPILOG)
@of_connections
@click.option("--no-ask", is_flag=True, help="Do not ask the CRM who it was.")
@show_option
@result_options
def conflicts(
    connections: tuple[str, ...], config: Path, no_ask: bool, show: int, form: str, out: Path | None
) -> None:
    """Values of crmsync's that somebody replaced: ours, theirs, when, how often, and who did it.

    Who it was is asked of the CRM's field history, for the leads shown only, and remembered. Salesforce keeps it for
    fields that the admin tracks (Setup, Object Manager, Lead, Set History Tracking).
    """
    from crmsync.clock import now
    from crmsync.operations.report.conflicts import conflict_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.conflict_table import conflict_parts

    reports = conflict_reports(load_settings(config), connections, show=show, ask=not no_ask, now=now)
    if form == "json":
        text = as_json({"format": 1, "report": "conflicts", "connections": [one.to_json() for one in reports]})
    else:
        text = rendered(*(part for one in reports for part in conflict_parts(one)))
    put(text, out)
