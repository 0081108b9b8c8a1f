"""`crmsync run`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmsync.cli.letting_through import allowed_by, letting_through_options
from crmsync.cli.selection import selection_options
from crmsync.cli.shared import (
    Day,
    config_option,
    dry_run_option,
    plan_result_options,
    progress_bar,
    show_option,
)
from crmsync.errors import UsageError

if TYPE_CHECKING:
    from crmsync.plan import Part

EPILOG = """\b
Examples:
  crmsync run --dry-run                the whole plan, nothing written
  crmsync run salesforce --dry-run     for one connection
  crmsync run                          write exactly that
  crmsync run --full                   read everything again
  crmsync run --allow-changes 800      let one larger plan through the guards
  crmsync run --allow owner-changes=400 --allow calls=900
  crmsync run --yes                    ask nobody before the first write
  crmsync run hubspot --limit 10       a pilot: the ten most urgent changes
  crmsync run hubspot --lead ada@lovelace.example --lead 101
  crmsync run hubspot --stage sql --only owner
  crmsync run hubspot --where is_customer --dry-run
  crmsync run --dry-run --format json  for programs
  crmsync run --dry-run --format html --out plan.html
                                       every lead, to filter, sort and review
  crmsync run --dry-run --format markdown --show 30
                                       for a comment to review

\b
What a pilot leaves out stays due, and takes no turn; the plan says how much
that is.

On a terminal you are asked before a run writes to one of several
connections, or to one for the first time. What a connection may write at all
says `writes` in crmsync.yaml; what the guards are: crmsync docs guards.

\b
Exit codes:
  0  done
  1  a run stopped, as by Ctrl-C or SIGTERM; its plan is shown with what was
     written
  2  usage or configuration
  3  a guard is breached, or the question before the first write was not
     answered with yes; nothing was written
  4  some records were set aside or not written
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@dry_run_option
@click.option("--as-of", type=Day(), help="With --dry-run: decide as on this day (default: today in the org's zone).")
@click.option("--full", is_flag=True, help="Read all records again instead of what changed, and decide every lead.")
@letting_through_options
@selection_options
@show_option
@plan_result_options
def run(
    connections: tuple[str, ...],
    config: Path,
    dry_run: bool,
    as_of: date | None,
    full: bool,
    allow_changes: int | None,
    allow: tuple[str, ...],
    yes: bool,
    leads: tuple[str, ...],
    limit: int | None,
    only: Part | None,
    stages: tuple[str, ...],
    criteria: tuple[str, ...],
    show: int,
    form: str,
    out: Path | None,
) -> None:
    """Decide every lead that is due, and write stage, owner and fields back.

    Fields are those that reps see (`write:` in the mapping).

    With --dry-run the same happens up to the first write: what it shows is exactly what a run would write now.
    Options that select make it a pilot; several of them narrow each other.
    """
    if as_of is not None and not dry_run:
        raise UsageError("--as-of goes with --dry-run only", hint="a run that writes decides as of today")
    from crmsync.cli.asking import asks_on_a_terminal
    from crmsync.cli.plan_answer import errors_answered, put_report
    from crmsync.cli.stopping import told_to_stop
    from crmsync.clock import now
    from crmsync.operations.run.every_connection import run_all
    from crmsync.run.aims.chosen import Chosen
    from crmsync.run.aims.everybody import Everybody
    from crmsync.run.running import RunRequest
    from crmsync.settings import load_settings

    with told_to_stop() as interruption:
        with errors_answered(form, dry_run=dry_run), progress_bar() as progress:
            settings = load_settings(config)
            selects = any((leads, limit is not None, only, stages, criteria))
            names = settings.named(connections)
            allowed = allowed_by(allow, allow_changes)
            request = RunRequest(
                dry_run=dry_run,
                as_of=as_of,
                full=full,
                allowed=allowed,
                aim=Chosen(leads, stages, criteria, limit, only, len(names) == 1) if selects else Everybody(),
                approve=asks_on_a_terminal(
                    yes=yes, connections=len(names), paused=progress.paused, interruption=interruption
                ),
                interruption=interruption,
            )
            report = run_all(settings, connections, request, now=now, progress=progress)
        put_report(report, form=form, show=show, out=out)
    sys.exit(report.exit_code)
