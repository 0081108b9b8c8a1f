"""`crmsync tidy`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.shared import config_option, put, result_options
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync tidy --dry-run         what would go, and how much
  crmsync tidy                   let it go; `serve` does so once a day

\b
Exit codes:
  0  done
  1  a run is in progress, or the store cannot be used
  2  an option or a file is wrong
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@click.option("--dry-run", is_flag=True, help="Say what would go, and let it stay.")
@result_options
def tidy(connections: tuple[str, ...], config: Path, dry_run: bool, form: str, out: Path | None) -> None:
    """Let go of what the store could do without, once it is older than `retention` in crmsync.yaml says.

    That is: dry runs, runs that wrote nothing, which fields a run wrote with which scores and reasons, which leads it
    set aside, and the console's log. Whatever can be undone within the promised time stays whole, and so do counters,
    hand-offs and stage history.
    """
    from crmsync.clock import now
    from crmsync.operations.store.tidy import tidy_all
    from crmsync.settings import load_settings

    done = tidy_all(load_settings(config), connections, only_count=dry_run, now=now)
    if form == "json":
        put(as_json({"format": 1, "dry_run": dry_run, **done.to_json()}), out)
        return
    goes = "would go" if dry_run else "went"
    lines = [
        f"{each.connection}: {each.went.dry_runs:,} dry runs and {each.went.runs:,} runs that wrote nothing {goes}, "
        f"and the detail of {each.went.entries:,} writes; {each.went.holds:,} holds that are over, "
        f"{each.went.overruled:,} overrulings that count no more."
        for each in done.connections
    ]
    lines += [f"console: {done.deeds:,} lines of its log {goes}."]
    put(rendered(*lines), out)
