"""`crmsync simulate routing`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from crmsync.cli.shared import Day, config_option, progress_bar, put, result_or_page_options
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync simulate routing --reps 12               a made-up team
  crmsync simulate routing --days 30 --leads 3000  the configured roster
  crmsync simulate routing --rejoin catch_up --format html --out new.html
      what another rule would do

\b
Exit codes:
  0  done
  2  the roster or an option is wrong
"""


class Duration(click.ParamType[timedelta]):
    """Minutes or hours, such as 15m or 4h, up to a week."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Parse, or fail with words."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,5})\s*([mh])", str(value).strip())
        if not found:
            self.fail(f"`{value}` is not a duration; write 15m or 4h", param, ctx)
        length = timedelta(minutes=int(found[1]) * (60 if found[2] == "h" else 1))
        if not timedelta() < length <= timedelta(days=7):
            self.fail(f"`{value}` is not between 1m and 168h", param, ctx)
        return length


@click.command(epilog=EPILOG)
@config_option
@click.argument("connection", required=False, metavar="[CONNECTION]")
@click.option(
    "--reps",
    "people",
    type=click.IntRange(1, 500),
    metavar="N",
    help="Make up N AEs instead of reading the configured roster.",
)
@click.option("--zone", "zones", multiple=True, metavar="ZONE", help="Time zones of made-up AEs; may be repeated.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="Days to simulate.")
@click.option("--leads", type=click.IntRange(1, 500_000), default=20_000, show_default=True, help="Leads in all.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed and start give the same leads.")
@click.option("--start", type=Day(), help="The first day (default: today in UTC).")
@click.option(
    "--every",
    type=Duration(),
    default="15m",
    show_default=True,
    help="Time between two runs of the schedule.",
)
@click.option(
    "--sla", type=Duration(), default="4h", show_default=True, help="Limit for the first touch, in working time."
)
@click.option(
    "--minutes-per-lead",
    type=click.IntRange(0, 480),
    default=10,
    show_default=True,
    help="Working minutes that a lead takes its owner.",
)
@click.option(
    "--open-days",
    type=click.IntRange(0, 366),
    default=30,
    show_default=True,
    help="Days that a lead counts as open, for capacity.",
)
@click.option("--no-absences", is_flag=True, help="As if nobody were ever away.")
@click.option(
    "--rejoin", type=click.Choice(["no_catch_up", "catch_up", "gradual"]), help="Instead of what the roster says."
)
@click.option(
    "--outside-hours", type=click.Choice(["last_resort", "wait", "ignore"]), help="Instead of what the roster says."
)
@click.option(
    "--hand-over",
    metavar="NAME",
    help="Which of several hand-overs (default: the last that goes to people).",
)
@result_or_page_options
def routing(
    config: Path,
    start: date | None,
    minutes_per_lead: int,
    no_absences: bool,
    form: str,
    out: Path | None,
    **options: Any,
) -> None:
    """Try the roster: are shares fair, does anybody drown, how long do leads wait?

    A made-up stream of leads goes through the real assignment, batch by batch, as a schedule would run it. Nothing is
    read from a CRM and nothing is written to the store. CONNECTION says whose users count (default: the first).
    What is assumed: `crmsync docs routing-simulation`.
    """
    from crmsync.clock import local_day, now
    from crmsync.operations.simulate.routing import RoutingRequest, simulate_routing
    from crmsync.showing.simulate.routing_html import routing_page
    from crmsync.showing.simulate.routing_table import routing_parts

    request = RoutingRequest(
        start=start or local_day(now(), "UTC"),
        each=timedelta(minutes=minutes_per_lead),
        absences=not no_absences,
        **options,
    )
    with progress_bar() as progress:
        simulation = simulate_routing(config, request, progress=progress)
    if form == "html":
        put(routing_page(simulation), out)
    elif form == "json":
        put(as_json({"format": 1, "simulation": simulation.to_json()}), out)
    else:
        put(rendered(*routing_parts(simulation)), out)
