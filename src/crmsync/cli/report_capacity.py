"""`crmsync report capacity`."""

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
  crmsync report capacity                    who gets how many, by month
  crmsync report capacity hubspot --hand-over to_sales --months 6
  crmsync report capacity --format html --out capacity.html
"""


@click.command(epilog=EXAMPLES + EXIT_CODES)
@of_connections
@click.option("--hand-over", metavar="NAME", help="One of several hand-overs [default: all that go to people].")
@months_option
@known_on_option
@chart_options
def capacity(
    connections: tuple[str, ...],
    config: Path,
    hand_over: str | None,
    months: int,
    as_of: date | None,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """Expected hand-offs against what receivers can take: who gets too many or too few, and when.

    Hand-offs are forecast as `report forecast` does. Leads of the ladder are placed on trial by the roster's rules,
    to see who gets which part; absences, first and last days and limits of the roster are looked at month by month.
    Nothing is counted or written. Reads what the last run has stored; asks the CRM when there is nothing yet.
    """
    from crmsync.clock import now
    from crmsync.operations.report.capacity import CapacityRequest, capacity_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.capacity_forms import capacity_text

    settings = load_settings(config)
    request = CapacityRequest(hand_over, months, as_of)
    reports = list(capacity_reports(settings, connections, request, now=now))
    put(capacity_text(reports, form, report_tongue(settings, language)), out)
