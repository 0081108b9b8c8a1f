"""`crmsync apply`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmsync.cli.letting_through import allowed_by, letting_through_options
from crmsync.cli.shared import config_option, dry_run_option, progress_bar, result_options, show_option

EPILOG = """\b
Examples:
  crmsync run --dry-run --format json --out plan.json
      make the plan
  crmsync apply plan.json
      write that and no other
  crmsync apply plan.json --dry-run
      what of it still holds?

Leads whose fields, facts or owners have moved since are conflicts and stay as they are; what the plan has written
already stays written and takes no second turn.

\b
Exit codes:
  0  done
  1  stopped: CRM or store unreachable, another run in progress, or Ctrl-C;
     the plan is shown with what was written
  2  no plan, changed by hand, made with another store, account, policy,
     mapping or roster
  3  a guard is breached; nothing was written
  4  some leads have moved since, or were not written
"""


@click.command(epilog=EPILOG)
@click.argument("plan", type=click.Path(path_type=Path))
@config_option
@dry_run_option
@letting_through_options
@show_option
@result_options
def apply(
    plan: Path,
    config: Path,
    dry_run: bool,
    allow_changes: int | None,
    allow: tuple[str, ...],
    yes: bool,
    show: int,
    form: str,
    out: Path | None,
) -> None:
    """Write the plan that a dry run has put into the file PLAN, as it is.

    Reads first what has changed in the CRM. Otherwise it is a run like any other: guards, journal, reading back.
    """
    from crmsync.cli.asking import asks_on_a_terminal
    from crmsync.cli.plan_answer import errors_answered, put_report
    from crmsync.cli.stopping import told_to_stop
    from crmsync.clock import now
    from crmsync.operations.run.saved_plans import apply_plans, plans_in
    from crmsync.settings import load_settings

    with told_to_stop() as interruption:
        with errors_answered(form, dry_run=dry_run), progress_bar() as progress:
            settings = load_settings(config)
            file = plans_in(plan)
            report = apply_plans(
                settings,
                file,
                dry_run=dry_run,
                allowed=allowed_by(allow, allow_changes),
                approve=asks_on_a_terminal(
                    yes=yes, connections=len(file.plans), paused=progress.paused, interruption=interruption
                ),
                interruption=interruption,
                now=now,
                progress=progress,
            )
        put_report(report, form=form, show=show, out=out)
    sys.exit(report.exit_code)
