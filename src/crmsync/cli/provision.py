"""`crmsync provision`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmsync.cli.shared import config_option, dry_run_option, put, result_options
from crmsync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmsync.operations.provision.provisioning import ProvisionReport

EPILOG = """\b
Examples:
  crmsync provision salesforce --dry-run
      what is there, what is missing, what only a person can do
  crmsync provision hubspot
      make what is missing, after a question
  crmsync provision salesforce --files metadata
      the same as files, for a pipeline of your own

\b
Exit codes:
  0  done: everything is there, or a person was told what to do
  1  stopped: the CRM refuses the sign-in, or does not answer
  2  a file or an option is wrong
  3  the question was not answered with yes; nothing was made
  4  some of it was refused by the CRM, or is not to be seen there
"""


@click.command(epilog=EPILOG)
@click.argument("connection")
@config_option
@dry_run_option
@click.option(
    "--files",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write what is needed as files into DIR, and make nothing in the CRM.",
)
@click.option("--yes", is_flag=True, help="Do not ask before something is made.")
@result_options
def provision(
    connection: str, config: Path, dry_run: bool, files: Path | None, yes: bool, form: str, out: Path | None
) -> None:
    """Give the CRM what crmsync needs there: values, fields, access, and a list of the leads to be worked.

    Asked for is what mapping and policy write: values of stages and answers, the fields of `write:` and of hand-offs,
    and what the signed-in user has to be allowed. Nothing that exists is changed or deleted; what was made is looked
    at again. It is set-up and no sync: it goes before `writes: on`, and touches no lead.
    """
    from crmsync.operations.provision.provisioning import provisioned
    from crmsync.settings import load_settings
    from crmsync.showing.provision.table import provision_parts
    from crmsync.showing.rendering import as_json, rendered

    if dry_run and files is not None:
        raise UsageError("--dry-run and --files exclude each other", hint="--files makes nothing in the CRM anyway")
    settings = load_settings(config)
    settings.named([connection])
    report = provisioned(settings, connection, dry_run=dry_run, files=files, approve=_approval(yes=yes))
    put(as_json(report.to_json()) if form == "json" else rendered(*provision_parts(report)), out)
    sys.exit(report.exit_code)


def _approval(*, yes: bool) -> Callable[[ProvisionReport], bool]:
    from crmsync.cli.asking import on_a_terminal
    from crmsync.showing.provision.table import provision_parts

    def approve(report: ProvisionReport) -> bool:
        if yes or not on_a_terminal():
            return True
        from crmsync.cli.shared import messages

        for part in provision_parts(report):
            messages().print(part)
        try:
            return click.confirm("Make what is missing?", default=False, err=True)
        except click.Abort:
            click.echo(err=True)
            return False

    return approve
