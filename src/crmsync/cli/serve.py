"""`crmsync serve`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.shared import config_option

EPILOG = """\b
Each connection runs on its own `schedule` of crmsync.yaml: at once, then
every so many minutes, or by a crontab line in a time zone; not in its quiet
hours. A run reads what changed, looks again at leads whose review day has
come, and writes. Files that have changed are taken once all are right,
within a minute, or at once after SIGHUP.
A connection whose files are wrong is told and waits until they are mended;
the others run. Missed runs become one; SIGTERM or Ctrl-C ends between two
batches. Logs go to stderr. With `watch: {listen: 127.0.0.1:9464}` it
answers /healthz, /readyz and /metrics there; with `alerts:` it tells what
needs a person; with `hooks:` CRMs tell it of changes, which it reads at once;
with `console:` people sign in to it in the browser.

\b
Examples:
  crmsync serve
  CRMSYNC_LOG_FORMAT=json crmsync serve 2>>crmsync.log

\b
Exit codes:
  0  told to stop
  1  the store cannot be used
  2  configuration: nothing could be started
"""


@click.command(epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
def serve(connections: tuple[str, ...], config: Path) -> None:
    """Run every connection on its own schedule until stopped."""
    from contextlib import closing

    from crmsync.alerts import Lookout
    from crmsync.cli.logs import configure
    from crmsync.clock import now
    from crmsync.console import ConsoleListener
    from crmsync.hooks import Followers, HooksListener, Intake
    from crmsync.operations.run.connection_job import RunEnd
    from crmsync.operations.run.serve import ServedConnections
    from crmsync.schedule import LOOK_SECONDS, Jobs, OnCall, first_due
    from crmsync.schedule import serve as run_on_schedule
    from crmsync.settings import load_settings
    from crmsync.watch import Counted, Heartbeat, Listener, StandingGauges

    settings = load_settings(config)
    configure(settings.environment)
    counted, heartbeat = Counted(), Heartbeat(5 * LOOK_SECONDS)

    def ended(run: RunEnd) -> None:
        counted.ended(run)
        if not run.told:  # these come by the second
            lookout.wake()

    def listened_to(name: str) -> bool:
        return followers.listens_to(name)

    served = ServedConnections(settings, connections, now, lambda: load_settings(config), ended, listened_to)
    lookout = Lookout(served.served, now, first_due, lambda it: counted.told(it.channel, taken=it.taken))
    standing = StandingGauges(served.served, now, first_due)
    counted.registry.register(standing)
    listener = Listener(counted.registry, heartbeat.trouble, standing.trouble)
    on_call = OnCall(served.gather_seconds, lambda: served.shared)
    intake = Intake(lambda: served.served()[0].store, now, on_call.call, counted.told_of)
    hooks, followers = HooksListener(intake, now), Followers(intake, now, lambda: served.served()[0].store)

    console = ConsoleListener(lambda: load_settings(config), now, first_due)

    def reread(asked: bool) -> Jobs | None:
        jobs = served.reread(asked)
        if jobs is not None:
            listener.take_if_it_can_be(served.served()[0])
            hooks.take_if_it_can_be(*served.served())
            console.take_if_it_can_be(served.served()[0])
            followers.take(*served.served())
            on_call.run(served.told_jobs())
        return jobs

    with (
        closing(listener),
        lookout.at_work(),
        on_call.at_work(),
        intake.at_work(),
        closing(hooks),
        followers.at_work(),
        closing(console),
    ):
        listener.take(settings)
        console.take(settings)
        hooks.take(*served.served())
        followers.take(*served.served())
        on_call.run(served.told_jobs())
        run_on_schedule(
            served.jobs(),
            clock=now,
            reread=reread,
            elsewhere=served.run_elsewhere,
            abandoned=served.abandoned,
            looked=heartbeat.beat,
        )
