"""`crmsync store`: where everything that crmsync remembers is kept."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.groups import SuggestingGroup
from crmsync.cli.shared import progress_bar, put, result_options
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync store copy crmsync.db postgresql://crmsync@db/crmsync
  crmsync store copy postgresql://crmsync@db/crmsync copy.db

\b
`crmsync docs share-the-store` goes through the move step by step. A password
belongs into PGPASSWORD or ~/.pgpass, where nobody else reads it.

\b
Exit codes:
  0  every row is there
  1  a store cannot be used, or a run is in progress
  2  there is no store to copy, or something where the copy would go
"""


@click.group(cls=SuggestingGroup, epilog=EPILOG)
def store() -> None:
    """Move everything that crmsync remembers into another database."""


@store.command(epilog=EPILOG)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@result_options
def copy(source: str, target: str, form: str, out: Path | None) -> None:
    """Copy the store FROM into TO, a new file or an empty PostgreSQL database.

    Leads, decisions, journal, counters, history, hand-offs and holds go along under their numbers: runs, saved plans
    and undo go on from the copy. While it is made no run may work on the store; the store itself stays as it is.
    """
    from crmsync.clock import now
    from crmsync.operations.store.copy import copy_store
    from crmsync.showing.foreign_text import markup

    with progress_bar() as progress:
        done = copy_store(source, target, now=now, progress=progress)
    if form == "json":
        put(as_json(done.to_json()), out)
        return
    put(
        rendered(
            f"{markup(done.source)} is copied to {markup(done.target)}: {sum(done.rows.values()):,} rows.",
            "Name it as `store` in crmsync.yaml, or as CRMSYNC_STORE; the former one is as it was.",
        ),
        out,
    )
