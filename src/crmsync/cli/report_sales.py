"""`crmsync report sales`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.report_options import EXIT_CODES, chart_options, days_option, of_connections, report_tongue
from crmsync.cli.shared import put, show_option
from crmsync.languages.known import Language

EXAMPLES = """\b
Examples:
  crmsync report sales                           the last 30 days
  crmsync report sales --days 90 --quiet-days 21
  crmsync report sales --format html --out sales.html
"""


@click.command(epilog=EXAMPLES + EXIT_CODES)
@of_connections
@days_option
@click.option(
    "--quiet-days",
    type=click.IntRange(1, 3660),
    default=14,
    show_default=True,
    help="Leads that nobody was in contact with for so many days.",
)
@show_option
@chart_options
def sales(
    connections: tuple[str, ...],
    config: Path,
    days: int,
    quiet_days: int,
    show: int,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """How hand-offs go: to whom, how soon, accepted or not.

    With load against capacity and fair share, leads that nobody nurtures, and what people and other programs replace.
    Reads what the last run has stored; asks the CRM nothing.
    """
    from crmsync.clock import now
    from crmsync.operations.report.sales import sales_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.sales_forms import sales_text

    settings = load_settings(config)
    reports = list(sales_reports(settings, connections, days=days, quiet_days=quiet_days, now=now))
    put(sales_text(reports, form, show, report_tongue(settings, language)), out)
