"""The click commands of the practice CRM, shared by `crmsync practice` and `python -m crmsync_practice`.

Importing this module is quick: the server is imported when `serve` is called.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

FIRST_YEAR, LAST_YEAR = 1980, 2200
"""Around these days there is room for the activities before and after them."""


EPILOG = """\b
Examples:
  … serve --leads 300 --config-dir rehearsal
      both CRMs, and a configuration that works against them
  … serve --crm salesforce --import leads/ --port 0
  … serve --profile stormy --seed 7     an unreliable day

\b
Exit codes:
  0  ended by SIGTERM or Ctrl-C
  2  an option, a port or the import is wrong; nothing was started
"""


@click.group(epilog=EPILOG)
def practice() -> None:
    """A Salesforce org and a HubSpot portal on this machine, to rehearse without risk."""


def _day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("expected a day such as 2026-11-21") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise click.BadParameter(f"expected a day from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _zone(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter("unknown time zone; expected a name such as Europe/Berlin") from None
    return value


@practice.command(epilog=EPILOG)
@click.option("--crm", type=click.Choice(["salesforce", "hubspot", "both"]), default="both", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8090,
    show_default=True,
    help="Port on loopback; 0 picks one. With both CRMs, HubSpot gets the next one.",
)
@click.option("--leads", type=click.IntRange(min=0), default=None, help="How many leads to make up.  [default: 1000]")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed and day: same data and faults.")
@click.option(
    "--import",
    "import_directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Take users, leads and activities from JSON Lines files instead of making them up.",
)
@click.option(
    "--today",
    callback=_day,
    metavar="DAY",
    default=None,
    help="Day that the data is anchored to; an import is shifted by whole days so that its latest activity falls "
    "on it.  [default: today]",
)
@click.option("--timezone", callback=_zone, default="UTC", show_default=True, help="The org's time zone.")
@click.option(
    "--db",
    "database",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Keep the data in this SQLite file; one that holds data is reopened as it stands.  [default: memory]",
)
@click.option(
    "--config-dir",
    "config_directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Write a crmsync configuration that works against this practice CRM.",
)
@click.option(
    "--profile",
    type=click.Choice(["calm", "busy", "stormy", "quota-poor"]),
    default="calm",
    show_default=True,
    help="Which faults to expect.",
)
@click.option(
    "--salesforce-leads",
    type=click.Choice(["Lead", "Contact"]),
    default="Lead",
    show_default=True,
    help="The object whose records carry stage and owner.",
)
@click.option(
    "--hubspot-leads",
    type=click.Choice(["contacts", "leads"]),
    default="contacts",
    show_default=True,
    help="The same in HubSpot; leads are the Leads object (0-136), each with its contact.",
)
@click.option(
    "--hooks",
    metavar="URL",
    default=None,
    help="Tell of changes there: http://127.0.0.1:PORT of `hooks: listen`. With --config-dir it is configured so.",
)
@click.option(
    "--change-events",
    is_flag=True,
    help="Salesforce tells of changes by the Pub/Sub API, too. With --config-dir it is subscribed to.",
)
@click.option("--record", is_flag=True, help="Keep the bodies of all requests for /_practice/requests.")
@click.option("--quiet", is_flag=True, help="Do not tell the next steps.")
def serve(
    crm: str,
    port: int,
    leads: int | None,
    seed: int,
    import_directory: Path | None,
    today: date | None,
    timezone: str,
    database: Path | None,
    config_directory: Path | None,
    profile: str,
    salesforce_leads: str,
    hubspot_leads: str,
    hooks: str | None,
    change_events: bool,
    record: bool,
    quiet: bool,
) -> None:
    """Serve practice CRMs on loopback until SIGTERM.

    When ready, one JSON line on stdout gives the base URLs, and stderr tells what to do next.
    """
    if leads is not None and import_directory is not None:
        raise click.UsageError("--leads and --import exclude each other")
    if crm == "both" and port == 65535:
        raise click.UsageError("--port 65535 leaves no port for the second CRM")
    if change_events and crm == "hubspot":
        raise click.UsageError("--change-events: HubSpot has none")
    if database is not None and not database.absolute().parent.is_dir():
        raise click.UsageError(f"--db: the directory {database.absolute().parent} does not exist")
    from crmsync_practice.deliveries import on_loopback  # noqa: PLC0415 - only what is asked for

    if hooks is not None and not on_loopback(hooks):
        raise click.UsageError("--hooks: expected a plain http address on loopback, such as http://127.0.0.1:9465")
    from crmsync_practice.serve import ServeOptions  # noqa: PLC0415 - the server is slow to import
    from crmsync_practice.serve import serve as serve_practice  # noqa: PLC0415

    sys.exit(
        serve_practice(
            ServeOptions(
                crms=("salesforce", "hubspot") if crm == "both" else (crm,),  # type: ignore[arg-type]
                port=port,
                leads=1000 if leads is None else leads,
                seed=seed,
                import_directory=import_directory,
                today=today,
                timezone=timezone,
                database=database,
                config_directory=config_directory,
                profile=profile,
                lead_objects={"salesforce": salesforce_leads, "hubspot": hubspot_leads},
                record=record,
                hooks=hooks.rstrip("/") if hooks else None,
                change_events=change_events,
                quiet=quiet,
            )
        )
    )
