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
    from crmsync.cli.logs import configure
    from crmsync.cli.service import Service
    from crmsync.settings import load_settings

    settings = load_settings(config)
    configure(settings.environment)
    Service(config, settings, connections).run()
