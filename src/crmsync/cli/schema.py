"""`crmsync schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmsync.cli.result_file import out_option
from crmsync.cli.shared import config_for_out_option, put
from crmsync.errors import UsageError

EPILOG = """\b
Examples:
  crmsync schema policy --out policy.schema.json
  # yaml-language-server: $schema=policy.schema.json
      the first line of policy.yaml, for editors
  crmsync schema --answer report-load
      of what `crmsync report load --format json` answers

\b
Exit codes:
  0  done
  2  no such kind of file, or no such answer
"""

FILES = ("policy", "roster", "mapping", "settings", "tests", "answers")
ANSWERS = (
    "run", "explain", "check", "fields", "init", "provision", "status", "alerts-show",
    "alerts-send", "alerts-test", "hooks-test", "runs", "history", "hold", "holds",
    "report-worklist", "report-near-miss", "report-capacity", "report-conflicts", "report-forecast", "report-funnel",
    "report-hand-offs", "report-load", "report-sales", "report-scorecard", "counters",
    "simulate", "simulate-routing", "backtest", "test", "policy-describe", "policy-presets", "policy-routing",
    "console-log", "tidy", "forget", "docs", "fmt", "store-copy",
)  # fmt: skip
"""Those of `crmsync.showing.answers.every`, whose models take half a second to make."""


@click.command(epilog=EPILOG)
@click.argument("kind", type=click.Choice(FILES), required=False)
@click.option(
    "--answer", type=click.Choice(ANSWERS), metavar="COMMAND",
    help="The schema of what this command answers as JSON; a subcommand's name follows a hyphen (report-load).",
)  # fmt: skip
@config_for_out_option
@click.option("--format", "form", type=click.Choice(["json"]), default="json", expose_value=False, hidden=True)
@out_option("the schema")
def schema(kind: str | None, answer: str | None, out: Path | None, **_: Any) -> None:
    """Print the JSON Schema of a kind of file, with which editors complete and check it, or of a JSON answer.

    Keys of answers are added, never renamed or taken away; the page is `crmsync docs json-answers`.
    """
    from crmsync.operations.files.shipped_schemas import shipped_schema

    if (kind is None) == (answer is None):
        raise UsageError("name a kind of file, or a command with --answer", hint="crmsync schema --help")
    if answer is None:
        put(shipped_schema(str(kind)), out)
        return
    from crmsync.showing.answers.shipped import shipped_answer_schema

    put(shipped_answer_schema(answer), out)
