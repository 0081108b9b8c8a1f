"""`crmsync report forecast`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from crmsync.cli.report_options import (
    EXIT_CODES,
    chart_options,
    known_on_option,
    months_option,
    of_connections,
    report_tongue,
)
from crmsync.cli.shared import put
from crmsync.languages.known import Language

EXAMPLES = """\b
Examples:
  crmsync report forecast                    the last stage, three months on
  crmsync report forecast hubspot --stage sql --months 6
  crmsync report forecast --as-of 2026-06-30 as it would have been then
  crmsync report forecast --format html --out forecast.html
"""


@click.command(epilog=EXAMPLES + EXIT_CODES)
@of_connections
@click.option("--stage", metavar="STAGE", help="Who comes to this stage, or past it [default: the last one].")
@months_option
@known_on_option
@chart_options
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
    from crmsync.operations.report.forecast import ForecastRequest, forecast_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.forecast_forms import forecast_text

    settings = load_settings(config)
    request = ForecastRequest(stage, months, as_of)
    reports = list(forecast_reports(settings, connections, request, now=now))
    put(forecast_text(reports, form, report_tongue(settings, language)), out)
