"""`crmsync explain`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from crmsync.cli.selection import no_blanks
from crmsync.cli.shared import (
    Day,
    config_option,
    language_option,
    progress_bar,
    put,
    put_all,
    result_or_page_options,
)
from crmsync.errors import UsageError
from crmsync.languages.known import Language
from crmsync.showing.rendering import as_json_line, rendered

EPILOG = """\b
Examples:
  crmsync explain salesforce 00Q5g00000AbCdEEAV     one lead, in words
  crmsync explain salesforce ada@lovelace.example   all with this e-mail
  crmsync explain salesforce 00Q5g00000AbCdEEAV --language it
  crmsync explain hubspot 101 102 --format json     one JSON object a line
  crmsync explain hubspot --all --as-of 2026-12-31 --out leads.txt
  crmsync explain hubspot 101 --format html --out lead.html
      one page, with the way it would take through the roster's rules

\b
Exit codes:
  0  done
  1  the store cannot be used, or the CRM not be read
  2  no such lead or connection, or a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("connection")
@click.argument("leads", nargs=-1, metavar="[LEAD]...", callback=no_blanks)
@config_option
@click.option("--all", "everyone", is_flag=True, help="Every stored lead.")
@click.option("--as-of", type=Day(), help="Decide as on this day (default: today in the org's zone).")
@language_option
@result_or_page_options
def explain(
    connection: str,
    leads: tuple[str, ...],
    config: Path,
    everyone: bool,
    as_of: date | None,
    language: Language | None,
    form: str,
    out: Path | None,
) -> None:
    """Show why leads stand where they stand: conditions, evidence, points, questions, ways up, history.

    LEAD: the record's id (Salesforce: 15 or 18 characters), the address of its page in the CRM, or an e-mail, which
    explains every lead that has it.

    Works on what the last run has stored; asks the CRM only when there is nothing yet.
    """
    if not leads and not everyone:
        raise UsageError(
            f"which lead of {connection}? Name a connection first, then leads by record id, page address or e-mail; "
            "or give --all",
            hint="crmsync explain CONNECTION LEAD",
        )
    if everyone and leads:
        raise UsageError(
            "name leads by record id, page address or e-mail, or give --all", hint="crmsync explain --help"
        )
    from crmsync.clock import now
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.explain.lead import explain_leads
    from crmsync.settings import load_settings

    settings = load_settings(config)
    wanted = language or settings.environment.language
    tongue = tongue_of(wanted) if wanted else None
    with progress_bar() as progress:
        stories = explain_leads(
            settings, connection, leads, as_of=as_of, now=now, progress=progress, tongue=tongue, ways=form == "html"
        )
        if form == "json":
            put_all((as_json_line(story.to_json()) for story in stories), out)
        elif form == "html":
            from crmsync.showing.explain.lead_page import lead_pages

            put(lead_pages(stories), out)
        else:
            from crmsync.showing.explain.story import story_parts

            put_all((rendered(*story_parts(story)) for story in stories), out)
