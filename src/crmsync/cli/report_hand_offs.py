"""`crmsync report hand-offs`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.result_file import out_option
from crmsync.cli.shared import config_option, language_option, put, show_option
from crmsync.languages.known import Language

EPILOG = """\b
Examples:
  crmsync report hand-offs                 the last 30 days
  crmsync report hand-offs --late          whom nobody called in time
  crmsync report hand-offs salesforce --days 90 --out hand-offs.txt
  crmsync report hand-offs --format csv --out hand-offs.csv

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
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.report.hand_offs import hand_off_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.hand_off_forms import hand_off_text

    settings = load_settings(config)
    reports = hand_off_reports(settings, connections, days=days, late_only=late, now=now)
    tongue = tongue_of(language or settings.environment.language or settings.language)
    put(hand_off_text(reports, form, show, tongue), out)
