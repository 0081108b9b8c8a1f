"""`crmsync report`: lists of stored leads for people at work, and what each of them got."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from crmsync.cli.groups import SuggestingGroup
from crmsync.cli.report_capacity import capacity
from crmsync.cli.report_conflicts import conflicts
from crmsync.cli.report_forecast import forecast
from crmsync.cli.report_funnel import funnel
from crmsync.cli.report_hand_offs import hand_offs
from crmsync.cli.report_load import load
from crmsync.cli.report_options import of_connections
from crmsync.cli.report_sales import sales
from crmsync.cli.report_scorecard import scorecard
from crmsync.cli.result_file import out_option
from crmsync.cli.shared import Day, put, show_option

F = TypeVar("F", bound=Callable[..., Any])

EPILOG = """\b
Examples:
  crmsync report worklist salesforce          whom to contact first
  crmsync report worklist --format csv --out today.csv
  crmsync report near-miss hubspot --only short --points 5
      one condition, or 5 points, short
  crmsync report near-miss --won "Closed Won" below the line, yet won
  crmsync report funnel --by cohort           who moves on, and when
  crmsync report forecast                     how many will come, by month
  crmsync report capacity                     who will get too many
  crmsync report sales                        how hand-offs go
  crmsync report scorecard                    what each campaign brought
  crmsync report load                         who got how many
  crmsync report hand-offs --late             whom nobody called in time
  crmsync report conflicts                    who replaces what crmsync writes

\b
Exit codes:
  0  done
  1  the store cannot be used
  2  an option or a file is wrong, or nothing is stored yet
"""


def report_options(function: F) -> F:
    """What every report takes."""
    decorators = (
        of_connections,
        click.option("--as-of", type=Day(), help="Decide as on this day (default: today in the org's zone)."),
        show_option,
        click.option(
            "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True,
            help="A table for people, stable JSON for programs, or CSV that is safe to open in a spreadsheet.",
        ),
        out_option(),
    )  # fmt: skip
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


@click.group(cls=SuggestingGroup, epilog=EPILOG)
def report() -> None:
    """Lists of stored leads: whom to contact first, and whom rigid criteria would overlook; and who got how many.

    Works on what the last run has stored, and never asks the CRM: before the first run there is nothing to tell.
    """


report.add_command(funnel)
report.add_command(forecast)
report.add_command(capacity)
report.add_command(load)
report.add_command(sales)
report.add_command(scorecard)
report.add_command(hand_offs)
report.add_command(conflicts)


@report.command(epilog=EPILOG)
@report_options
@click.option(
    "--stage", "stages", multiple=True, metavar="STAGE", help="Stages to contact [default: from hand-off up]."
)
@click.option("--hand-over", metavar="NAME", help="Only leads for which this one of several hand-overs counts.")
def worklist(
    connections: tuple[str, ...],
    config: Path,
    as_of: date | None,
    show: int,
    form: str,
    out: Path | None,
    stages: tuple[str, ...],
    hand_over: str | None,
) -> None:
    """Whom to contact first, by the policy's priority: the next action, why, and days since the last contact."""
    from crmsync.clock import now
    from crmsync.operations.report.worklist import work_lists
    from crmsync.settings import load_settings
    from crmsync.showing.report.parts import report_text

    settings = load_settings(config)
    reports = list(
        work_lists(settings, connections, stages=stages, hand_over=hand_over, show=show, as_of=as_of, now=now)
    )
    put(report_text("worklist", reports, form), out)


@report.command("near-miss", epilog=EPILOG)
@report_options
@click.option(
    "--only", multiple=True, type=click.Choice(["short", "quiet", "returning", "won"]), help="Only these lists."
)
@click.option(
    "--points", type=click.FloatRange(0, 1_000_000), default=10, show_default=True, help="Points a lead may be short."
)
@click.option(
    "--quiet-days", type=click.IntRange(0, 36_500), default=30, show_default=True, help="Days without contact."
)
@click.option(
    "--won", multiple=True, metavar="VALUE", help="A stage value of the CRM that means won; may be repeated."
)
@click.option(
    "--hand-over", metavar="NAME", help="Whose line, of several hand-overs (default: the first that goes to people)."
)
def near_miss(
    connections: tuple[str, ...],
    config: Path,
    as_of: date | None,
    show: int,
    form: str,
    out: Path | None,
    only: tuple[Any, ...],
    points: float,
    quiet_days: int,
    won: tuple[str, ...],
    hand_over: str | None,
) -> None:
    """Leads that rigid criteria would overlook, in four lists.

    short: one condition or a few points short of the next stage, with the question to ask. quiet: nobody was in
    contact for some time. returning: disqualified, and active since. won: below the line by evidence, yet won.
    """
    from crmsync.clock import now
    from crmsync.operations.report.near_misses import LISTS, NearMissRequest, near_miss_reports
    from crmsync.settings import load_settings
    from crmsync.showing.report.parts import report_text

    request = NearMissRequest(tuple(only) or LISTS, points, quiet_days, won, show, as_of, hand_over)
    settings = load_settings(config)
    reports = list(near_miss_reports(settings, connections, request, now=now))
    put(report_text("near-miss", reports, form), out)
