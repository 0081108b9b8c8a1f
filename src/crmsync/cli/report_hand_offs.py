"""`crmsync report hand-offs`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.report_options import EXIT_CODES, chart_options, days_option, of_connections, report_tongue
from crmsync.cli.shared import put, show_option
from crmsync.languages.known import Language

EXAMPLES = """\b
Examples:
  crmsync report hand-offs                 the last 30 days
  crmsync report hand-offs --late          whom nobody called in time
  crmsync report hand-offs salesforce --days 90 --out hand-offs.txt
  crmsync report hand-offs --format csv --out hand-offs.csv
"""


@click.command("hand-offs", epilog=EXAMPLES + EXIT_CODES)
@of_connections
@days_option
@click.option("--late", is_flag=True, help="Only those without contact in time.")
@show_option
@chart_options
def hand_offs(
    connections: tuple[str, ...],
    config: Path,
    days: int,
    late: bool,
    show: int,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """Who was handed what, who was in touch in time, what came back and why.

    Hours are the receiver's own working hours. Reads what the last run has stored; asks the CRM nothing.
    """
    from crmsync.clock import now
    from crmsync.operations.report.hand_offs import hand_off_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.hand_off_forms import hand_off_text

    settings = load_settings(config)
    reports = hand_off_reports(settings, connections, days=days, late_only=late, now=now)
    put(hand_off_text(reports, form, show, report_tongue(settings, language)), out)
