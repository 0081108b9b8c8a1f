"""`crmsync schema`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.shared import put

EPILOG = """\b
Examples:
  crmsync schema policy --out policy.schema.json
  # yaml-language-server: $schema=policy.schema.json
      the first line of policy.yaml, for editors

\b
Exit codes:
  0  done
  2  no such kind of file
"""


@click.command(epilog=EPILOG)
@click.argument("kind", type=click.Choice(["policy", "roster", "mapping", "settings", "tests"]))
@click.option("--config", expose_value=False, help="Taken as everywhere; not needed here.")
@click.option("--format", "form", type=click.Choice(["json"]), default="json", expose_value=False, hidden=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Also write the schema to this file.",
)
def schema(kind: str, out: Path | None) -> None:
    """Print the JSON Schema of a kind of file, with which editors complete and check it."""
    from crmsync.operations.files.shipped_schemas import shipped_schema

    put(shipped_schema(kind), out)
