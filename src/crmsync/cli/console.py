"""`crmsync console`."""

from __future__ import annotations

from pathlib import Path

import click

from crmsync.cli.shared import config_option, language_option, say
from crmsync.languages.known import Language

EPILOG = """\b
It answers on this machine only (127.0.0.1), and only reads: store and files,
never the CRM. Its address is the one line on stdout. Ctrl-C or SIGTERM ends
it.

\b
Examples:
  crmsync console                 print the address, answer there
  crmsync console --open          and show it in the browser
  crmsync console --port 8600     always under the same address

\b
Exit codes:
  0  told to stop
  1  the store cannot be used
  2  a file or an option is wrong, or the port is taken
"""


@click.command(epilog=EPILOG)
@config_option
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="The port; default: any that is free.")
@click.option("--open", "browser", is_flag=True, help="Open the console in the browser, too.")
@language_option
def console(config: Path, port: int, browser: bool, language: Language | None) -> None:
    """Look at connections, leads and runs in the browser. Reads only, on this machine only."""
    from contextlib import closing

    from crmsync.clock import now
    from crmsync.console import Site, application, listening
    from crmsync.schedule import first_due
    from crmsync.settings import load_settings
    from crmsync.store import Store

    with closing(Store(load_settings(config).store)):
        pass  # what keeps everything from being shown is told here, not on the first page

    def ready(address: str) -> None:
        click.echo(address)
        if browser:
            import webbrowser

            if not webbrowser.open(address):
                say("no browser could be opened; the address is above")

    listening(application(Site(lambda: load_settings(config), now, first_due, language)), port, ready)
