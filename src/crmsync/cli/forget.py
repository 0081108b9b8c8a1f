"""`crmsync forget`: erase a person from the store."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.selection import no_blanks
from crmsync.cli.shared import config_option, put, result_options
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync forget salesforce 00Q5g00000XyZ12EAB
  crmsync forget hubspot 151 --format json

\b
Erase the person in the CRM first: what is still there comes back with the
next reading. `crmsync docs personal-data` says what is stored where.

\b
Exit codes:
  0  erased
  1  a run is in progress, or the store cannot be used
  2  nothing is stored of such a lead, or a change of it is still open
"""


@click.command(epilog=EPILOG)
@click.argument("connection")
@click.argument("lead", callback=no_blanks)
@config_option
@result_options
def forget(connection: str, lead: str, config: Path, form: str, out: Path | None) -> None:
    """Erase all that the store holds of LEAD, down to the bytes of the file.

    LEAD: the record's id (Salesforce: 15 or 18 characters), the address of its page in the CRM, or an e-mail that one
    lead has.

    Rotation counters stay right: of each write, only the lead's id, its owner and the turn are kept. Neither the
    CRM nor files that you wrote with --out are touched. This cannot be undone.
    """
    from crmsync.clock import now
    from crmsync.operations.store.forget import forget_lead
    from crmsync.settings import load_settings

    done = forget_lead(load_settings(config), connection, lead, now=now)
    if form == "json":
        put(as_json(done.to_json()), out)
        return
    erased = done.erased
    put(
        rendered(
            f"Erased from the store: {erased.activities:,} activities, {erased.stage_moves:,} stage moves, "
            f"{erased.hand_offs:,} hand-offs, {erased.holds:,} holds, facts and decision of the lead.",
            f"Of runs and plans: {erased.planned:,} planned changes, set aside {erased.set_aside:,} times; "
            f"{erased.marks:,} other marks.",
            f"Emptied in the journal: {erased.entries:,} entries (lead, owner and turn stay).",
        ),
        out,
    )
