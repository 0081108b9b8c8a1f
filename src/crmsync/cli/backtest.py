"""`crmsync backtest`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import click

from crmsync.cli.count import Count
from crmsync.cli.shared import Day, config_option, page_language_option, progress_bar, put, result_or_page_options
from crmsync.languages.known import Language
from crmsync.showing.rendering import as_json, rendered
from crmsync.tongue import ENGLISH

MOST_DAYS = 3650
EPILOG = """\b
Examples:
  crmsync backtest --outcome stage=customer
      what did today's customers look like at first?
  crmsync backtest hubspot --outcome became_on --at created+14
  crmsync backtest --outcomes won.csv --suggest --format html --out won.html

\b
Exit codes:
  0  done
  1  the store cannot be used, or the CRM not be read
  2  an option or a file is wrong
"""


class MomentOption(click.ParamType[int]):
    """A moment in a lead's past: `created+30`; its value is the number of days."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse, or fail with words."""
        found = re.fullmatch(r"created\+(\d{1,4})", str(value).replace(" ", ""))
        if found is None or int(found[1]) > MOST_DAYS:
            self.fail(f"`{value}` is not a moment; write created+30 (at most {MOST_DAYS} days)", param, ctx)
        return int(found[1])


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--outcome", metavar="FACT[=VALUE]", help="What counts as won: a fact, or stage=VALUE.")
@click.option(
    "--outcomes", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.csv",
    help="Or a CSV file: lead (id, page or e-mail), outcome, perhaps the day of the outcome.",
)  # fmt: skip
@click.option(
    "--at", "days", multiple=True, type=MomentOption(), default=("created+30",), show_default=True,
    help="Decide each lead as of so many days after its creation; may be repeated.",
)  # fmt: skip
@click.option("--policy", metavar="FILE|PRESET", help="The policy to try (default: the configured one).")
@click.option("--without", multiple=True, metavar="FACT", help="Make this fact unknown; may be repeated.")
@click.option("--line", metavar="STAGE", help="Winners below it are missed (default: the hand-off stage).")
@click.option("--hand-over", metavar="NAME", help="Or the line of this one of several hand-overs.")
@click.option("--created-from", type=Day(), help="Only leads created on this day or later.")
@click.option("--created-to", type=Day(), help="Only leads created on this day or earlier.")
@click.option("--suggest", is_flag=True, help="Fit points to the outcomes and show them beside the policy's.")
@click.option(
    "--source", default="lead_source", show_default=True, metavar="FACT",
    help="The fact that the source-only ranking of --suggest goes by.",
)  # fmt: skip
@click.option("--as-of", type=Day(), help="The day up to which the past goes (default: today in the org's zone).")
@click.option("--show", type=Count(0), default=10, show_default=True, help="Leads to list; 0 = all.")
@page_language_option
@result_or_page_options
def backtest(
    connections: tuple[str, ...],
    config: Path,
    outcome: str | None,
    outcomes: Path | None,
    days: tuple[int, ...],
    policy: str | None,
    without: tuple[str, ...],
    line: str | None,
    hand_over: str | None,
    created_from: date | None,
    created_to: date | None,
    suggest: bool,
    source: str,
    as_of: date | None,
    show: int,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """Hold a policy against what became of the leads: each is decided as of its past, with only what was known then.

    Works on what the last run has stored. Asks the CRM nothing and writes nothing.
    """
    from crmsync.clock import now
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.backtest.answer import BacktestQuestion
    from crmsync.operations.backtest.outcomes import wanted
    from crmsync.operations.backtest.replayed import backtest as backtested
    from crmsync.operations.policy.named import chosen_policy
    from crmsync.settings import load_settings
    from crmsync.showing.backtest.html import backtest_page
    from crmsync.showing.backtest.table import backtest_parts

    question = BacktestQuestion(
        outcome=wanted(outcome, outcomes),
        policy=chosen_policy(config, policy) if policy else None,
        days=tuple(dict.fromkeys(days)),
        without=without,
        line=line,
        hand_over=hand_over,
        source=source,
        created_from=created_from,
        created_to=created_to,
        suggest=suggest,
        as_of=as_of,
    )
    settings = load_settings(config)
    tongue = ENGLISH
    if form == "html":
        tongue = tongue_of(language or settings.environment.language or settings.language)
    with progress_bar() as progress:
        found = backtested(settings, connections, question, now=now, progress=progress, tongue=tongue)
    if form == "html":
        put(backtest_page(found, tongue), out)
    elif form == "json":
        put(as_json({"format": 1, "backtests": [one.to_json() for one in found]}), out)
    else:
        put(rendered(*(part for one in found for part in backtest_parts(one, show=show))), out)
