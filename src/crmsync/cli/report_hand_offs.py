"""`crmsync report hand-offs`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.shared import config_option, put, result_options, show_option
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync report hand-offs                 the last 30 days
  crmsync report hand-offs --late          whom nobody called in time
  crmsync report hand-offs salesforce --days 90 --out hand-offs.txt

\b
Exit codes:
  0  done
  1  the store cannot be used, or the CRM not be read
  2  an option or a file is wrong
"""


@click.command("hand-offs", epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far to look back.")
@click.option("--late", is_flag=True, help="Only those without contact in time.")
@show_option
@result_options
def hand_offs(
    connections: tuple[str, ...], config: Path, days: int, late: bool, show: int, form: str, out: Path | None
) -> None:
    """Who was handed what, who was in touch in time, what came back and why.

    Hours are the receiver's own working hours. Reads what the last run has stored; asks the CRM nothing.
    """
    from crmsync.clock import now
    from crmsync.operations.report.hand_offs import hand_off_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.hand_off_table import hand_off_parts

    reports = hand_off_reports(load_settings(config), connections, days=days, late_only=late, now=now)
    if form == "json":
        text = as_json({"format": 1, "report": "hand-offs", "connections": [one.to_json() for one in reports]})
    else:
        text = rendered(*(part for one in reports for part in hand_off_parts(one, show)))
    put(text, out)
