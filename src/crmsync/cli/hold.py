"""`crmsync hold` and `crmsync holds`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from crmsync.cli.selection import no_blanks
from crmsync.cli.shared import Day, config_option, put, result_options
from crmsync.errors import UsageError
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync hold ada@example.com --until 2026-12-24 --why "legal looks at it"
  crmsync hold 00Q5g00000XyZ12EAB --release
  crmsync holds

\b
Exit codes:
  0  done
  1  a run is in progress, or the store cannot be used
  2  nothing is stored of such a lead, or an option or a file is wrong
"""
HOLDS_EPILOG = """\b
Examples:
  crmsync holds                  who is left alone, until when, and why
  crmsync holds salesforce --format json

\b
Exit codes:
  0  done
  1  the store cannot be used
  2  an option or a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("lead", callback=no_blanks)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--until", type=Day(), help="The last day on which the lead is left alone.")
@click.option("--why", metavar="TEXT", help="Why; plans and explanations tell it.")
@click.option("--release", is_flag=True, help="Let crmsync go on with the lead, held, stopped or undone.")
@result_options
def hold(
    lead: str,
    connections: tuple[str, ...],
    config: Path,
    until: date | None,
    why: str | None,
    release: bool,
    form: str,
    out: Path | None,
) -> None:
    """Leave LEAD alone up to a day: it is decided and explained, and not changed in anything.

    LEAD: the record's id (Salesforce: 15 or 18 characters), the address of its page in the CRM, or an e-mail.
    CONNECTION: only there. The lead is due again on the day after. `--release` ends a hold, and lets crmsync go on
    with a lead that it stopped writing because somebody else kept replacing what it wrote, or on which what a run
    wrote was taken back.
    """
    from crmsync.clock import now
    from crmsync.operations.left_alone.holds import LONGEST_WHY, hold_lead, release_lead
    from crmsync.settings import load_settings
    from crmsync.showing.left_alone.holds_table import holds_parts, released_parts

    if release:
        if until is not None or why is not None:
            raise UsageError("--release takes neither --until nor --why", hint="crmsync hold --help")
        released = release_lead(load_settings(config), lead, connections, now=now)
        told = {"format": 1, "released": [each.to_json() for each in released]}
        put(as_json(told) if form == "json" else rendered(*released_parts(released)), out)
        return
    if until is None or not (why or "").strip():
        raise UsageError("say until when, and why", hint="crmsync hold LEAD --until 2026-12-24 --why TEXT")
    if len(str(why)) > LONGEST_WHY:
        raise UsageError(f"--why takes at most {LONGEST_WHY} characters", hint="say it in a sentence")
    kept = hold_lead(load_settings(config), lead, connections, until=until, why=str(why).strip(), now=now)
    told = {"format": 1, "holds": [each.to_json() for each in kept]}
    put(as_json(told) if form == "json" else rendered(*holds_parts(kept)), out)


@click.command(epilog=HOLDS_EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@result_options
def holds(connections: tuple[str, ...], config: Path, form: str, out: Path | None) -> None:
    """List the leads that are left alone: held, pinned in the CRM, stopped after a tug-of-war, or undone."""
    from crmsync.clock import now
    from crmsync.operations.left_alone.holds import kept_leads
    from crmsync.settings import load_settings
    from crmsync.showing.left_alone.holds_table import holds_parts

    kept = kept_leads(load_settings(config), connections, now=now)
    told = {"format": 1, "holds": [each.to_json() for each in kept]}
    put(as_json(told) if form == "json" else rendered(*holds_parts(kept)), out)
