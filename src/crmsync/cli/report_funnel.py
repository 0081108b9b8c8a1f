"""`crmsync report funnel`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from crmsync.cli.report_options import EXIT_CODES, chart_options, of_connections, report_tongue, within_option
from crmsync.cli.shared import Day, put
from crmsync.languages.known import Language

EXAMPLES = """\b
Examples:
  crmsync report funnel                          from stage to stage
  crmsync report funnel --by cohort --by source  by month of entry, by source
  crmsync report funnel --per person --since 2026-01-01
  crmsync report funnel --by owner --format csv --out funnel.csv
"""


@click.command(epilog=EXAMPLES + EXIT_CODES)
@of_connections
@click.option(
    "--per",
    type=click.Choice(["attempt", "person"]),
    default="attempt",
    show_default=True,
    help="Each pass through the stages, or each person once.",
)
@click.option(
    "--by",
    multiple=True,
    metavar="WHAT",
    help="Part leads by cohort, segment, owner, team, source, or a fact's name; may be repeated.",
)
@click.option(
    "--cohort",
    type=click.Choice(["week", "month", "quarter"]),
    default="month",
    show_default=True,
    help="How long the time is in which a cohort came.",
)
@within_option("Of those who come to a stage, who moves on in so many days.")
@click.option("--since", type=Day(), help="Only who came from this day on.")
@click.option("--as-of", type=Day(), help="As it was known on this day (default: today in the org's zone).")
@chart_options
def funnel(
    connections: tuple[str, ...],
    config: Path,
    per: Any,
    by: tuple[str, ...],
    cohort: Any,
    within_days: int,
    since: date | None,
    as_of: date | None,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """How many come to each stage, how many move on, how long it takes.

    Who is still open counts as open: shares and days are estimated with what is known of them so far, with 95 %
    intervals. Leads' past comes from the CRM's own history, as far as it keeps one. Reads what the last run has
    stored; asks the CRM when there is nothing yet.
    """
    from crmsync.clock import now
    from crmsync.operations.report.funnel import FunnelRequest, funnel_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.funnel_forms import funnel_text

    settings = load_settings(config)
    request = FunnelRequest(per, tuple(dict.fromkeys(by)), cohort, within_days, since, as_of)
    reports = list(funnel_reports(settings, connections, request, now=now))
    put(funnel_text(reports, form, report_tongue(settings, language)), out)
