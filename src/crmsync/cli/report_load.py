"""`crmsync report load`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from crmsync.cli.report_options import EXIT_CODES, of_connections
from crmsync.cli.shared import Day, put, result_options
from crmsync.showing.rendering import as_json, rendered

EXAMPLES = """\b
Examples:
  crmsync report load                      turns against the fair share
  crmsync report load hubspot --format json
"""


@click.command(epilog=EXAMPLES + EXIT_CODES)
@of_connections
@click.option("--as-of", type=Day(), help="Who is there at noon of this day in the org's zone (default: now).")
@result_options
def load(connections: tuple[str, ...], config: Path, as_of: date | None, form: str, out: Path | None) -> None:
    """Who got how many leads: turns against the fair share, load against capacity, and who takes leads now.

    Reads what the last run has stored; asks the CRM nothing. How far a count can be from its share, and why:
    `crmsync docs fairness`.
    """
    from crmsync.clock import now
    from crmsync.operations.report.load import load_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.load_table import load_parts

    reports = load_reports(load_settings(config), connections, as_of=as_of, now=now)
    if form == "json":
        text = as_json({"format": 1, "report": "load", "connections": [one.to_json() for one in reports]})
    else:
        text = rendered(*(part for one in reports for part in load_parts(one)))
    put(text, out)
