"""`crmsync schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmsync.cli.result_file import out_option
from crmsync.cli.shared import config_for_out_option, put

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
@config_for_out_option
@click.option("--format", "form", type=click.Choice(["json"]), default="json", expose_value=False, hidden=True)
@out_option("the schema")
def schema(kind: str, out: Path | None, **_: Any) -> None:
    """Print the JSON Schema of a kind of file, with which editors complete and check it."""
    from crmsync.operations.files.shipped_schemas import shipped_schema

    put(shipped_schema(kind), out)
