"""`crmsync report forecast`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from crmsync.cli.result_file import out_option
from crmsync.cli.shared import Day, config_option, language_option, put
from crmsync.languages.known import Language

EPILOG = """\b
Examples:
  crmsync report forecast                    the last stage, three months on
  crmsync report forecast hubspot --stage sql --months 6
  crmsync report forecast --as-of 2026-06-30 as it would have been then
  crmsync report forecast --format html --out forecast.html

\b
Exit codes:
  0  done
  1  the store cannot be used, or the CRM not be read
  2  an option or a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--stage", metavar="STAGE", help="Who comes to this stage, or past it [default: the last one].")
@click.option(
    "--months", type=click.IntRange(1, 12), default=3, show_default=True, help="So many months after this one."
)
@click.option("--as-of", type=Day(), help="With what was known on this day (default: today in the org's zone).")
@language_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "html"]),
    default="table",
    show_default=True,
    help="A table for people, stable JSON for programs, CSV for spreadsheets, or one HTML page with a figure.",
)
@out_option()
def forecast(
    connections: tuple[str, ...],
    config: Path,
    stage: str | None,
    months: int,
    as_of: date | None,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """How many will come to a stage by month, and how far off that would have been.

    Expected from those who stand below it, by how others moved who had been there for as long, and from new leads
    at the rate of the last 90 days; with 80 % intervals. Beside it: how far off such forecasts were in the past
    year, and how far off the mean of the last three months. Says so where the history is too short. Reads what the
    last run has stored; asks the CRM when there is nothing yet.
    """
    from crmsync.clock import now
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.policy.named import language_of
    from crmsync.operations.report.forecast import ForecastRequest, forecast_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.forecast_forms import forecast_text

    settings = load_settings(config)
    request = ForecastRequest(stage, months, as_of)
    reports = list(forecast_reports(settings, connections, request, now=now))
    put(forecast_text(reports, form, tongue_of(language or language_of(config))), out)
