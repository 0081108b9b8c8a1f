"""`crmsync report scorecard`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from crmsync.cli.report_options import EXIT_CODES, chart_options, of_connections, report_tongue, within_option
from crmsync.cli.shared import Day, put, show_option
from crmsync.languages.known import Language

EXAMPLES = """\b
Examples:
  crmsync report scorecard                       campaigns and sources
  crmsync report scorecard --by kind --credit linear
  crmsync report scorecard --by campaign --since 2026-01-01
  crmsync report scorecard --format html --out scorecard.html
"""


@click.command(epilog=EXAMPLES + EXIT_CODES)
@of_connections
@click.option(
    "--by",
    multiple=True,
    metavar="WHAT",
    help="Part by campaign, source, kind (of activity) or a fact's name; may be repeated.",
)
@click.option(
    "--credit",
    type=click.Choice(["first", "last", "linear", "attempt"]),
    default="first",
    show_default=True,
    help="Of tables and pages: which touches shares are put down to. JSON and CSV tell all ways.",
)
@within_option("Of those who come to a stage, who comes to another in so many days.")
@click.option("--since", type=Day(), help="Only attempts and hand-offs from this day on.")
@click.option("--as-of", type=Day(), help="As it was known on this day (default: today in the org's zone).")
@show_option
@chart_options
def scorecard(
    connections: tuple[str, ...],
    config: Path,
    by: tuple[str, ...],
    credit: Any,
    within_days: int,
    since: date | None,
    as_of: date | None,
    show: int,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """What each campaign and source has brought: leads at each stage.

    In four ways of giving credit, with how many move on (95 % intervals), which leads sales sends back, and why.
    Reads what the last run has stored; asks the CRM when there is nothing yet.
    """
    from crmsync.clock import now
    from crmsync.operations.report.scorecard import ScorecardRequest, scorecard_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.scorecard_forms import scorecard_text

    settings = load_settings(config)
    request = ScorecardRequest(by, within_days, since, as_of)
    reports = list(scorecard_reports(settings, connections, request, now=now))
    put(scorecard_text(reports, form, credit, show, report_tongue(settings, language)), out)
