"""`crmsync counters`: rotation counters out of a store, and into another."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.groups import SuggestingGroup
from crmsync.cli.result_file import out_option
from crmsync.cli.shared import config_option, put
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync counters export --out counters.json  before the store is changed
  crmsync run --dry-run                        the new store reads the CRMs
  crmsync counters import counters.json        it goes on where that was

\b
Exit codes:
  0  done
  1  the store cannot be used, or a run is in progress
  2  a file or an option is wrong; nothing was taken over
"""


@click.group(cls=SuggestingGroup, epilog=EPILOG)
def counters() -> None:
    """Carry rotation counters from one store to another, so that nobody gains or loses turns by the change.

    They go by the keys of the roster: a person who has another user in the CRM by now keeps their count.
    """


@counters.command("export", epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@out_option("it")
def export(connections: tuple[str, ...], config: Path, out: Path | None) -> None:
    """Print the counters as JSON. The file names people as the roster does."""
    from crmsync.operations.files.counters import export_counters
    from crmsync.settings import load_settings

    put(as_json(export_counters(load_settings(config), connections)), out)


@counters.command("import", epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
@click.option("--replace", is_flag=True, help="Even if the store has counters of the connection already.")
def take_over(file: Path, config: Path, *, replace: bool) -> None:
    """Take over the counters of FILE, made by `crmsync counters export`. The CRM is not asked."""
    from crmsync.clock import now
    from crmsync.operations.files.counters import import_counters
    from crmsync.settings import load_settings
    from crmsync.showing.foreign_text import markup

    parts = []
    for done in import_counters(load_settings(config), file, replace=replace, now=now):
        parts.append(f"[bold]{markup(done.connection)}[/bold]: {done.turns:,} turns in {done.pools} pools taken over")
        if done.unknown:
            parts.append(f"  not in the roster, their counts wait for them: {len(done.unknown)}")
        if done.unknown_pools:
            names = ", ".join(map(markup, done.unknown_pools))
            parts.append(f"  no such pools in the roster, their counts wait for them: {names}")
    put(rendered(*parts), None)
