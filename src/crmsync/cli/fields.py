"""`crmsync fields`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.shared import config_option, progress_bar, put, result_options

EPILOG = """\b
Examples:
  crmsync fields salesforce                    of the lead's object
  crmsync fields salesforce --search budget    those that are about budgets
  crmsync fields hubspot calls                 of another object
  crmsync fields hubspot contacts.company      of the records' parent
  crmsync fields hubspot --format json         for programs

\b
Exit codes:
  0  done
  1  the CRM cannot be reached, or refuses the sign-in
  2  no such connection or object; a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("connection")
@click.argument("object_name", required=False, metavar="[OBJECT]")
@click.option("--search", metavar="WORD", help="Only fields that hold this word: name, label, a choice, or its use.")
@config_option
@result_options
def fields(
    connection: str, object_name: str | None, search: str | None, config: Path, form: str, out: Path | None
) -> None:
    """List a CRM's fields as mappings name them: API name, label, type, choices, and how full they are.

    Without OBJECT, those of the object whose records are the leads, and those of parents that the mapping names.
    Reads 1,000 records or more, or all where there are fewer; writes nothing. Values that few records share are
    masked, and names and addresses always.
    """
    from crmsync.operations.fields.listing import fields_of
    from crmsync.settings import load_settings
    from crmsync.showing.fields.table import fields_json, fields_parts
    from crmsync.showing.rendering import rendered

    settings = load_settings(config)
    with progress_bar() as progress:
        listing = fields_of(settings, connection, object_name, search, progress)
    put(fields_json(listing) if form == "json" else rendered(*fields_parts(listing)), out)
