"""`crmsync undo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmsync.cli.count import Count
from crmsync.cli.letting_through import allowed_by, letting_through_options
from crmsync.cli.selection import no_blanks
from crmsync.cli.shared import config_option, dry_run_option, plan_result_options, progress_bar, show_option

if TYPE_CHECKING:
    from crmsync.plan import Part

EPILOG = """\b
Examples:
  crmsync runs                          which run was it?
  crmsync undo 17 --dry-run             what would be given back?
  crmsync undo 17                       give it back
  crmsync undo 17 --lead ada@lovelace.example --lead 101
  crmsync undo 17 --only owner          stages stay as run 17 wrote them
  crmsync undo 17 --allow changes=400 --yes
  crmsync undo 18                       18 was the undo: put it back

What is taken back is left alone for the policy's hands-off time. `crmsync
hold LEAD --release` lets crmsync go on with a lead earlier.

\b
Exit codes:
  0  done, or there is nothing to take back
  1  stopped: CRM or store unreachable, another run in progress, or Ctrl-C;
     the plan is shown with what was written
  2  no such run, a dry run, or leads that it did not write to
  3  a guard is breached, or the question before the first write was not
     answered with yes; nothing was written
  4  somebody has changed some of it since, which stays, or some was not
     written
"""


@click.command(epilog=EPILOG)
@click.argument("run", type=Count(1))
@config_option
@dry_run_option
@letting_through_options
@click.option(
    "--lead",
    "leads",
    multiple=True,
    metavar="LEAD",
    callback=no_blanks,
    help="Only this lead: record id, address of its page, or e-mail. May be repeated.",
)
@click.option(
    "--only",
    type=click.Choice(["stage", "owner", "fields"]),
    help="Only this part; the owner with all that a hand-off brought.",
)
@show_option
@plan_result_options
def undo(
    run: int,
    config: Path,
    dry_run: bool,
    allow_changes: int | None,
    allow: tuple[str, ...],
    yes: bool,
    leads: tuple[str, ...],
    only: Part | None,
    show: int,
    form: str,
    out: Path | None,
) -> None:
    """Take back what the run RUN wrote: stage, owner and every other field, where the CRM still holds it.

    What somebody has changed since stays, and is told. Tasks that the run made are closed. It is a run like any
    other, with guards, journal and reading back, and can be undone itself.
    """
    from crmsync.cli.asking import asks_on_a_terminal
    from crmsync.cli.plan_answer import errors_answered, put_report
    from crmsync.cli.stopping import told_to_stop
    from crmsync.clock import now
    from crmsync.operations.run.undoing import undo_run
    from crmsync.settings import load_settings

    with told_to_stop() as interruption:
        with errors_answered(form, dry_run=dry_run), progress_bar() as progress:
            settings = load_settings(config)
            report = undo_run(
                settings,
                run,
                dry_run=dry_run,
                leads=leads,
                only=only,
                allowed=allowed_by(allow, allow_changes),
                approve=asks_on_a_terminal(
                    yes=yes, connections=1, paused=progress.paused, always=True, interruption=interruption
                ),
                interruption=interruption,
                now=now,
                progress=progress,
            )
        put_report(report, form=form, show=show, out=out)
    sys.exit(report.exit_code)
