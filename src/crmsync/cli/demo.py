"""`crmsync demo`."""

from __future__ import annotations

import shlex
import sys
import tempfile
from pathlib import Path

import click

from crmsync.cli.count import Count
from crmsync.cli.shared import messages, progress_bar, put, say
from crmsync.cli.this_command import this_command
from crmsync.showing.foreign_text import markup
from crmsync.showing.rendering import rendered

WHAT_NEXT = """
[bold]That was a dry run:[/bold] both practice CRMs are stopped again, and their files are gone. To try more:

  {crmsync} practice serve --leads {leads} --seed {seed} --config-dir rehearsal
      practice CRMs that stay, and a configuration for them
  cd {folder}
      in another terminal; the commands below are given there
  {crmsync} run --dry-run
      the same plan again
  {crmsync} run
      write it: every write is read back
  {crmsync} run --full
      reads everything again and finds nothing to do
  {crmsync} explain salesforce LEAD_ID
      why a lead stands where it stands

With a CRM of your own, in an empty folder:
  {crmsync} init
      asks, suggests what stands where, and writes a configuration; nothing is
      written to the CRM
"""

EPILOG = """\b
Examples:
  crmsync demo

\b
Exit codes:
  0  done; nothing is left running
  1  the practice CRMs could not be started
"""


@click.command(epilog=EPILOG)
@click.option("--leads", type=Count(0), default=400, show_default=True, help="How many leads to make up.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed and day: same leads.")
@click.option("--show", type=Count(0), default=14, show_default=True, help="How many leads to list; 0 = all.")
def demo(leads: int, seed: int, show: int) -> None:
    """Start practice CRMs, show a dry run on Salesforce and HubSpot, and stop them again.

    Needs no account and writes only into a temporary folder.
    """
    from crmsync.clock import now
    from crmsync.operations.rehearse.demo import practice_crms
    from crmsync.operations.run.every_connection import run_all
    from crmsync.run.running import RunRequest
    from crmsync.settings import load_settings
    from crmsync.showing.run.plan_table import plan_parts

    with tempfile.TemporaryDirectory(prefix="crmsync-demo-") as folder:
        directory = Path(folder) / "rehearsal"
        messages().print(f"Starting practice CRMs with {leads:,} made-up leads each …")
        with practice_crms(directory, leads=leads, seed=seed) as urls:
            places = ", ".join(f"{crm} at {url}" for crm, url in urls.items())
            messages().print(f"Running: {places}. Now: crmsync run --dry-run")
            settings = load_settings(directory / "crmsync.yaml")
            with progress_bar() as progress:
                report = run_all(settings, (), RunRequest(dry_run=True), now=now, progress=progress)
    what_next = WHAT_NEXT.format(
        crmsync=markup(this_command()),
        leads=leads,
        seed=seed,
        folder=markup(shlex.quote(str(Path("rehearsal").absolute()))),
    )
    put(rendered(*(part for done in report.done for part in plan_parts(done, show=show)), what_next), None)
    for failure in report.failures:
        say(f"{failure.connection}: {failure.error}")
    sys.exit(report.exit_code)
