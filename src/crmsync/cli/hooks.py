"""`crmsync hooks`: whether the way is open by which CRMs tell of changes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmsync.cli.groups import SuggestingGroup
from crmsync.cli.selection import no_blanks
from crmsync.cli.shared import config_option, put, result_options
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync hooks test hubspot                 touch the first stored lead
  crmsync hooks test salesforce --lead 00Q…  touch this one

\b
Exit codes:
  0  the service took the touch, and has read the lead
  1  nobody answers, the touch was refused, or the lead is not read yet
  2  no hooks, no secret, no such lead, or an option is wrong
"""


@click.group(cls=SuggestingGroup, epilog=EPILOG)
def hooks() -> None:
    """Try the way on which CRMs tell `crmsync serve` of changes (`hooks:` in crmsync.yaml)."""


@hooks.command("test", epilog=EPILOG)
@click.argument("connection", metavar="CONNECTION")
@click.option(
    "--lead",
    "leads",
    multiple=True,
    metavar="ID",
    callback=no_blanks,
    help="Touch this lead: id, address of its page, or e-mail.",
)
@click.option(
    "--wait", type=click.FloatRange(0, 600), default=30.0, show_default=True, help="Seconds to wait for its reading."
)
@config_option
@result_options
def test(connection: str, leads: tuple[str, ...], wait: float, config: Path, form: str, out: Path | None) -> None:
    """Send the running service a signed touch, as another program would, and say what becomes of it.

    The lead is read as it stands, and decided and written where that is due. Nothing else is changed.
    """
    from crmsync.clock import now
    from crmsync.hooks import touch
    from crmsync.settings import load_settings
    from crmsync.showing.hooks.touch_lines import touch_lines

    settings = load_settings(config)
    settings.named((connection,))
    touched = touch(settings, connection, leads, now=now, wait_seconds=wait)
    put(
        as_json({"format": 1, **touched.to_json()})
        if form == "json"
        else rendered(*touch_lines(**touched.to_json())),
        out,
    )
    sys.exit(touched.exit_code)
