"""`crmsync backup`: a copy of the store."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.result_file import refuse_own
from crmsync.cli.shared import config_option, put
from crmsync.showing.foreign_text import cleaned

EPILOG = """\b
Examples:
  crmsync backup before-the-new-policy.db
  crmsync backup /srv/backups/crmsync-$(date +%F).db

\b
Runs may go on meanwhile. `crmsync docs back-up-and-restore` says how to put
a copy back, and what the next run does then.

\b
Exit codes:
  0  the copy is whole
  1  the store cannot be used
  2  the file is already there, or cannot be written
"""


@click.command(epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def backup(file: Path, config: Path) -> None:
    """Copy the store into FILE, whole and checked. Copying the store's own file would miss what stands beside it."""
    from crmsync.operations.store.back_up import back_up
    from crmsync.settings import load_settings

    refuse_own(file, config, "name a new file elsewhere")
    size = back_up(load_settings(config), file)
    kib = max(size // 1024, 1)
    put(cleaned(f"The store is copied to {file} ({kib:,} KiB). It holds people's data.\n"), None)
