"""`crmsync report sales`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.result_file import out_option
from crmsync.cli.shared import config_option, language_option, put, show_option
from crmsync.languages.known import Language

EPILOG = """\b
Examples:
  crmsync report sales                           the last 30 days
  crmsync report sales --days 90 --quiet-days 21
  crmsync report sales --format html --out sales.html

\b
Exit codes:
  0  done
  1  the store cannot be used, or the CRM not be read
  2  an option or a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far to look back.")
@click.option(
    "--quiet-days",
    type=click.IntRange(1, 3660),
    default=14,
    show_default=True,
    help="Leads that nobody was in contact with for so many days.",
)
@show_option
@language_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "html"]),
    default="table",
    show_default=True,
    help="A table for people, stable JSON for programs, CSV for spreadsheets, or one HTML page with charts.",
)
@out_option()
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
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.report.sales import sales_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.sales_forms import sales_text

    settings = load_settings(config)
    reports = list(sales_reports(settings, connections, days=days, quiet_days=quiet_days, now=now))
    tongue = tongue_of(language or settings.environment.language or settings.language)
    put(sales_text(reports, form, show, tongue), out)
