"""`crmsync history`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.count import Count
from crmsync.cli.selection import no_blanks
from crmsync.cli.shared import config_option, put, result_options
from crmsync.errors import UsageError
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync history 00Q5g00000XyZ12EAB        what became of this lead
  crmsync history ada@example.com           in every connection
  crmsync history ada@example.com hubspot   in this one only
  crmsync history --run 17 --format json    what run 17 wrote, and why

\b
Exit codes:
  0  done
  1  the store cannot be used
  2  nothing is stored of such a lead or run, or an option is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("lead", required=False, callback=no_blanks)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--run", type=Count(1), metavar="RUN", help="What this run wrote, instead of one lead's.")
@result_options
def history(
    lead: str | None, connections: tuple[str, ...], config: Path, run: int | None, form: str, out: Path | None
) -> None:
    """Show every field that crmsync wrote, with before, after, why and how it ended; and what others did.

    LEAD: the record's id (Salesforce: 15 or 18 characters), the address of its page in the CRM, or an e-mail.
    CONNECTION: only there.

    Reads the store; asks no CRM.
    """
    if (lead is None) == (run is None):
        raise UsageError("name a lead, or give --run", hint="crmsync history --help")
    from crmsync.operations.history.lead_history import history_of_lead, history_of_run
    from crmsync.settings import load_settings
    from crmsync.showing.history.history_table import history_parts

    settings = load_settings(config)
    if lead is not None:
        found = history_of_lead(settings, lead, connections)
    else:
        assert run is not None
        found = history_of_run(settings, run, connections)
    if form == "json":
        put(as_json(found.to_json()), out)
    else:
        put(rendered(*history_parts(found)), out)
