"""`crmsync report capacity`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from crmsync.cli.result_file import out_option
from crmsync.cli.shared import Day, config_option, language_option, put
from crmsync.languages.known import Language

EPILOG = """\b
Examples:
  crmsync report capacity                    who gets how many, by month
  crmsync report capacity hubspot --hand-over to_sales --months 6
  crmsync report capacity --format html --out capacity.html

\b
Exit codes:
  0  done
  1  the store cannot be used, or the CRM not be read
  2  an option or a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--hand-over", metavar="NAME", help="One of several hand-overs [default: all that go to people].")
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
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.policy.named import language_of
    from crmsync.operations.report.capacity import CapacityRequest, capacity_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.capacity_forms import capacity_text

    settings = load_settings(config)
    request = CapacityRequest(hand_over, months, as_of)
    reports = list(capacity_reports(settings, connections, request, now=now))
    put(capacity_text(reports, form, tongue_of(language or language_of(config))), out)
