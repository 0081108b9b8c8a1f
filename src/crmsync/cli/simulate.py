"""`crmsync simulate`: another policy on the stored leads, or the roster on a made-up stream of leads."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from crmsync.cli.count import Count
from crmsync.cli.groups import SuggestingGroup, suggestion
from crmsync.cli.shared import Day, config_option, page_language_option, put, result_or_page_options, say
from crmsync.cli.simulate_routing import routing
from crmsync.languages.known import Language
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync simulate --policy new.yaml   instead of the configured policy
  crmsync simulate hubspot --policy new.yaml --by lead_source
  crmsync simulate --policy new.yaml --against old.yaml --format html
      one page with charts
  crmsync simulate routing --reps 12   is the rotation fair?

\b
Exit codes:
  0  done
  1  the store cannot be used
  2  a policy or an option is wrong, or nothing is stored yet
"""


class PolicyByDefault(SuggestingGroup):
    """`crmsync simulate --policy …` means `crmsync simulate policy --policy …`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `policy` first unless a subcommand or --help stands there."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            meant = "" if args[0].startswith("-") or "--policy" in args else suggestion(args[0], [*self.commands])
            if meant:
                raise click.UsageError(f"No such command '{args[0]}'.{meant}", ctx)
            args = ["policy", *args]
        return super().parse_args(ctx, args)


@click.group(cls=PolicyByDefault, epilog=EPILOG)
def simulate() -> None:
    """Try before it counts: another policy on the stored leads, or the roster on months of leads.

    `policy` may be left out: `crmsync simulate --policy new.yaml`.
    """


@simulate.command("policy", epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--policy", required=True, metavar="FILE|PRESET", help="The policy to try.")
@click.option("--against", metavar="FILE|PRESET", help="Compare with this policy (default: the configured one).")
@click.option("--as-of", type=Day(), help="Decide as on this day (default: today in the org's zone).")
@click.option(
    "--by", multiple=True, metavar="FACT", help="Also split by this fact, or by `segment`; may be repeated."
)
@click.option("--show", type=Count(0), default=20, show_default=True, help="Leads to list; 0 = all.")
@page_language_option
@result_or_page_options
def of_policy(
    connections: tuple[str, ...],
    config: Path,
    policy: str,
    against: str | None,
    as_of: date | None,
    by: tuple[str, ...],
    show: int,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """Show what another policy would make of the stored leads: who moves, and what each owner then has.

    Works on what the last run has stored. Asks the CRM nothing and writes nothing. Connections that were never
    read are told, and the exit code is 2 only if they were named or none was read.
    """
    from crmsync.clock import now
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.policy.named import chosen_policy
    from crmsync.operations.run.ready import NeverRead
    from crmsync.operations.simulate.policy import simulate as simulated
    from crmsync.settings import load_settings
    from crmsync.showing.simulate.policy_html import simulation_page
    from crmsync.showing.simulate.policy_table import simulation_parts

    settings = load_settings(config)
    old = chosen_policy(config, against) if against else None
    found, unread = simulated(
        settings, connections, chosen_policy(config, policy), against=old, by=by, as_of=as_of, now=now
    )
    if form == "html":
        tongue = tongue_of(language or settings.environment.language or settings.language)
        put(simulation_page(found, tongue), out)
    elif form == "json":
        put(
            as_json(
                {
                    "format": 1,
                    "simulations": [one.to_json() for one in found],
                    "unread": [one.to_json() for one in unread],
                }
            ),
            out,
        )
    else:
        put(rendered(*(part for one in found for part in simulation_parts(one, show=show))), out)
    for one in unread:
        say(f"{one.connection}: {one.error}")
    if any(one.connection in connections for one in unread):
        sys.exit(NeverRead.exit_code)


simulate.add_command(routing)
