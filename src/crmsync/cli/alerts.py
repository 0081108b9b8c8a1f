"""`crmsync alerts`: what needs a person, who is told, and whether the channels take messages."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmsync.cli.groups import SuggestingGroup
from crmsync.cli.shared import config_option, put, result_options
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync alerts                   what needs a person, and who was told
  crmsync alerts test              a message of no consequence to each channel
  crmsync alerts send              tell what is due, where no `serve` runs

\b
Exit codes:
  0  done
  1  `test`, `send`: a channel did not take the message; or the store cannot
     be used
  2  an option or a file is wrong, a secret is missing, or there is no channel
"""


class ShowByDefault(SuggestingGroup):
    """`crmsync alerts` means `crmsync alerts show`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `show` first unless a subcommand or --help stands there."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=ShowByDefault, epilog=EPILOG)
def alerts() -> None:
    """Show what needs a person, who was told, and whether the channels of `alerts:` take messages.

    `crmsync serve` tells each channel once, again after `repeat_hours`, and when it is over.
    """


@alerts.command("show", epilog=EPILOG)
@click.argument("connections", nargs=-1, metavar="[CONNECTION]...")
@config_option
@result_options
def show(connections: tuple[str, ...], config: Path, form: str, out: Path | None) -> None:
    """List what needs a person now, since when, and who was told (what `crmsync alerts` alone does)."""
    from crmsync.clock import now
    from crmsync.operations.status.alerts import alert_lines, channel_lines
    from crmsync.schedule import first_due
    from crmsync.settings import load_settings
    from crmsync.showing.history.alerts_table import alert_parts

    settings = load_settings(config)
    lines, channels = alert_lines(settings, connections, now=now, next_run=first_due), channel_lines(settings)
    if form == "json":
        told = {"alerts": [each.to_json() for each in lines], "channels": [each.to_json() for each in channels]}
        put(as_json({"format": 1, **told}), out)
    else:
        put(rendered(*alert_parts(lines, channels)), out)


@alerts.command("send", epilog=EPILOG)
@config_option
@result_options
def send(config: Path, form: str, out: Path | None) -> None:
    """Look once and tell each channel what it does not know yet, as `serve` does: for those who run by cron."""
    from contextlib import closing

    from crmsync.alerts import tell_due
    from crmsync.clock import now
    from crmsync.errors import ConfigurationError, UsageError
    from crmsync.operations.status.standing import statuses
    from crmsync.schedule import first_due
    from crmsync.settings import alert_channels, load_settings
    from crmsync.store import Store

    settings = load_settings(config)
    if not settings.alerts.channels:
        raise UsageError("no channel is configured", hint="crmsync docs alerts: channels stand under `alerts:`")
    channels, findings = alert_channels(settings.alerts, settings.file, settings.directory)
    found = statuses(settings, (), now=now, next_run=first_due)
    with closing(Store(settings.store)) as store:
        sent = list(tell_due(settings, store, found, channels, now=now))
    if form == "json":
        put(as_json({"format": 1, "sent": [each.to_json() for each in sent]}), out)
    else:
        lines = [
            f"{each.channel}: {each.alerts:,} {'told' if each.taken else 'not taken'}"
            + (f": {each.trouble}" if each.trouble else "")
            for each in sent
        ]
        put(rendered(*(lines or ["Nothing is to be told."])), out)
    if findings:
        raise ConfigurationError(findings)
    sys.exit(0 if all(each.taken for each in sent) else 1)


@alerts.command("test", epilog=EPILOG)
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@config_option
@result_options
def test(channels: tuple[str, ...], config: Path, form: str, out: Path | None) -> None:
    """Send a message of no consequence to each channel, and say what came of it. Nothing is noted in the store."""
    from crmsync.alerts import try_channels
    from crmsync.clock import now
    from crmsync.settings import load_settings

    tried = list(try_channels(load_settings(config), channels, now=now()))
    if form == "json":
        put(as_json({"format": 1, "channels": [each.to_json() for each in tried]}), out)
    else:
        lines = []
        for each in tried:
            end = "[green]taken[/green]" if each.taken else "[red]not taken[/red]"
            lines.append(
                f"[bold]{each.channel}[/bold] ({each.by}): {end}{f': {each.trouble}' if each.trouble else ''}"
            )
        put(rendered(*lines), out)
    sys.exit(0 if all(each.taken for each in tried) else 1)
