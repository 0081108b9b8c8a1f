"""`crmsync init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from crmsync.cli.shared import progress_bar, put, say

EPILOG = """\b
Examples:
  crmsync init                         asks, suggests, writes, checks
  crmsync init --directory firm        in another folder
  crmsync init --connector hubspot --yes
                                       asks nothing; the token is in
                                       CRMSYNC_HUBSPOT_ACCESS_TOKEN
  crmsync init --answers answers.yaml --yes
                                       what was answered elsewhere

\b
Secrets come from the environment or from .env, or are typed unseen; they are
kept in .env, which nobody else may read. Where init was interrupted it goes
on: its answers are kept in init-answers.yaml, without secrets.

\b
Exit codes:
  0  the configuration works
  1  the CRM cannot be reached, or refuses the sign-in
  2  something is not told, or the configuration has mistakes
  4  it works, and facts had to stay unmapped; listed
"""


@click.command(epilog=EPILOG)
@click.option("--connector", metavar="NAME", help="Which CRM: salesforce, hubspot, or another that is installed.")
@click.option("--lead-object", metavar="OBJECT", help="Whose records are the leads, such as Contact or leads.")
@click.option("--url", metavar="ADDRESS", help="The address of its API, such as https://acme.my.salesforce.com.")
@click.option("--sign-in", metavar="WAY", help="How to sign in, such as client_credentials, jwt, token.")
@click.option("--set", "options", multiple=True, metavar="NAME=VALUE", help="A setting of the connector, no secret.")
@click.option("--connection", metavar="NAME", help="What the connection is called (default: as the connector).")
@click.option("--preset", metavar="NAME", help="The policy to begin with, instead of two questions: saas, agency …")
@click.option("--sells", type=click.Choice(["software", "consulting", "agency", "other"]), help="What you sell.")
@click.option(
    "--ladder", type=click.Choice(["whole", "sql-sqo", "sal-sqo", "mql-sql"]), help="Which stages make it qualified."
)
@click.option("--hand-off", metavar="STAGE", help="From which stage a receiver owns the lead, or never.")
@click.option("--answers", type=click.Path(path_type=Path, dir_okay=False), help="A file of answers to replay.")
@click.option(
    "--directory", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where files are written."
)
@click.option("--yes", is_flag=True, help="Ask nothing: options, answers and suggestions only.")
@click.option("--replace", is_flag=True, help="Replace files that say something else, instead of showing it.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True,
              help="A table for people, or stable JSON for programs.")  # fmt: skip
def init(
    options: tuple[str, ...],
    answers: Path | None,
    directory: Path,
    yes: bool,
    replace: bool,
    form: str,
    **given: Any,
) -> None:
    """Set a CRM up: sign in, read its fields, stages, people; suggest; write a configuration; check it.

    It ends with `check --data`, a dry run of ten changes, and the next three commands. Nothing is written to the CRM,
    and no file is replaced unasked: run again, it shows what it would change. Without a terminal it asks nothing.
    """
    from crmsync.cli.asking import on_a_terminal
    from crmsync.cli.init_dialogue import Terminal
    from crmsync.clock import now
    from crmsync.operations.init.asking import Asking, Nobody
    from crmsync.operations.init.story import set_up
    from crmsync.showing.init.result import set_up_json, set_up_parts
    from crmsync.showing.rendering import rendered

    told = _answers(given, options, answers)
    with progress_bar() as progress:
        asks = on_a_terminal() and not yes
        asking: Asking = Terminal(progress.paused) if asks else Nobody(replaces=replace)
        try:
            made = set_up(directory, told, asking, now=now, progress=progress)
        except (click.Abort, KeyboardInterrupt):
            say("\nStopped. Your answers are kept: `crmsync init` goes on from there.")
            sys.exit(130)
    put(set_up_json(made) if form == "json" else rendered(*set_up_parts(made)), None)
    sys.exit(made.exit_code)


def _answers(given: dict[str, Any], options: tuple[str, ...], file: Path | None) -> Any:
    """Options before the file of answers."""
    from crmsync.errors import UsageError
    from crmsync.operations.files.answers_file import Answers
    from crmsync.operations.init.answers import answers_from

    settings: dict[str, Any] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals:
            raise UsageError(f"--set {option}: no value", hint="write --set NAME=VALUE")
        settings[name.strip()] = int(value) if value.isdigit() else value.strip()
    if given["url"]:
        settings["url"] = given["url"]
    names = ("connector", "lead_object", "sign_in", "preset", "sells", "ladder", "hand_off")
    told = {name: given[name] for name in names if given[name] is not None}
    told |= {"options": settings} if settings else {}
    told |= {"connection": given["connection"]} if given["connection"] else {}
    own = Answers.model_validate(told)
    return own.over(answers_from(file)) if file else own
