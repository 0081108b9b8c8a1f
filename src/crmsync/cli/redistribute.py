"""`crmsync redistribute`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmsync.cli.letting_through import allowed_by, letting_through_options
from crmsync.cli.shared import (
    config_option,
    dry_run_option,
    plan_result_options,
    progress_bar,
    show_option,
)

EPILOG = """\b
Examples:
  crmsync redistribute salesforce --from mia@firm.example --dry-run
      who would get which lead, and why
  crmsync redistribute salesforce --from mia@firm.example
      write exactly that
  crmsync redistribute hubspot --from 51234567 --from 51234568
      two people at once, by their ids
  crmsync redistribute salesforce --from mia --stage sql --stage sqo
      only what was handed off

What stays is told: leads off the ladder, in stages that the mapping does not name, with an owner whom a person set
within the hands-off time, and those that nobody can take. Called again, it plans nothing.

\b
Exit codes:
  0  done
  1  stopped: CRM or store unreachable, another run in progress, or Ctrl-C;
     the plan is shown with what was written
  2  nobody of that name, or a file is wrong
  3  a guard is breached, or the question before the first write was not
     answered with yes; nothing was written
  4  some records were not written, or there is nobody to take them
"""


@click.command(epilog=EPILOG)
@click.argument("connection")
@config_option
@click.option(
    "--from",
    "people",
    multiple=True,
    required=True,
    metavar="PERSON",
    help="Whose leads: an e-mail, a user id of the CRM, or a roster key. May be repeated.",
)
@click.option(
    "--stage",
    "stages",
    multiple=True,
    metavar="STAGE",
    help="Only leads in this stage of the ladder; may be repeated.",
)
@dry_run_option
@letting_through_options
@show_option
@plan_result_options
def redistribute(
    connection: str,
    config: Path,
    people: tuple[str, ...],
    stages: tuple[str, ...],
    dry_run: bool,
    allow_changes: int | None,
    allow: tuple[str, ...],
    yes: bool,
    show: int,
    form: str,
    out: Path | None,
) -> None:
    """Give the leads of people who leave to others.

    Leads at or above the hand-off stage go by the roster's hand-off rules, those below it by its rules for new leads;
    stages stay as they are. Otherwise it is a run like any other: reads first, guards, writes, reads back.
    """
    from crmsync.cli.asking import asks_on_a_terminal
    from crmsync.cli.plan_answer import errors_answered, put_report
    from crmsync.cli.stopping import told_to_stop
    from crmsync.clock import now
    from crmsync.operations.run.every_connection import run_all
    from crmsync.run.aims.leavers import Leavers
    from crmsync.run.running import RunRequest
    from crmsync.settings import load_settings

    with told_to_stop() as interruption:
        with errors_answered(form, dry_run=dry_run), progress_bar() as progress:
            settings = load_settings(config)
            allowed = allowed_by(allow, allow_changes)
            request = RunRequest(
                dry_run=dry_run,
                allowed=allowed,
                aim=Leavers(people, stages),
                approve=asks_on_a_terminal(yes=yes, connections=1, paused=progress.paused, interruption=interruption),
                interruption=interruption,
            )
            report = run_all(settings, (connection,), request, now=now, progress=progress)
        put_report(report, form=form, show=show, out=out)
    sys.exit(report.exit_code)
