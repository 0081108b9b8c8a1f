"""`crmsync console`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmsync.cli.count import Count
from crmsync.cli.groups import SuggestingGroup
from crmsync.cli.shared import config_option, language_option, put, result_options, say
from crmsync.languages.known import Language

if TYPE_CHECKING:
    from crmsync.console import SignsInBy
    from crmsync.settings import Role

EPILOG = """\b
By itself it answers on this machine only (127.0.0.1), and only reads: store
and files, never the CRM. With --as, the address is good for one visit: that
browser may approve plans and undo runs, or change files as well. With
`console:` in crmsync.yaml people sign in instead, also from other machines.
Its address is the one line on stdout. Ctrl-C or SIGTERM ends it.

\b
Examples:
  crmsync console                 print the address, answer there
  crmsync console --open          and show it in the browser
  crmsync console --port 8600     always under the same address
  crmsync console --as approver   approve plans in the browser
  crmsync console person ada --role admin
                                  let Ada sign in
  crmsync console log             who did what in it, and why

\b
Exit codes:
  0  told to stop
  1  the store cannot be used
  2  a file or an option is wrong, or the port is taken
"""
PERSON_EPILOG = """\b
Of somebody new the password is asked for, or read from stdin as one line. The
file that `console: people` names keeps its hash alone. Whoever is signed in
under an earlier password or role signs in anew.

\b
Examples:
  crmsync console person ada --role admin
  crmsync console person ben --role viewer --email b@acme.example --elsewhere
                                  by the provider of `console: oidc` alone
  crmsync console person ada --password
                                  a new password
  crmsync console person ada --remove

\b
Exit codes:
  0  done
  2  a name, a password or a file is wrong
"""

LOG_EPILOG = """\b
Examples:
  crmsync console log                   the last 50, newest first
  crmsync console log --show 0 --format json
                                        all of it, for programs

\b
Exit codes:
  0  done
  1  the store cannot be used
  2  an option or a file is wrong
"""


@click.group(cls=SuggestingGroup, invoke_without_command=True, epilog=EPILOG)
@config_option
@click.option("--port", type=click.IntRange(0, 65_535), help="The port; default: any that is free.")
@click.option("--open", "browser", is_flag=True, help="Open the console in the browser, too.")
@click.option(
    "--as",
    "role",
    type=click.Choice(["approver", "admin"]),
    help="What whoever opens the address first may do; all others look.",
)
@language_option
@click.pass_context
def console(
    context: click.Context,
    config: Path,
    port: int | None,
    browser: bool,
    role: Role | None,
    language: Language | None,
) -> None:
    """Look at connections, leads and runs in the browser; approve plans there, if you say so."""
    if context.invoked_subcommand is not None:
        return
    from contextlib import closing

    from crmsync.clock import now
    from crmsync.console import OneAddress, Site, access_by, application, listening
    from crmsync.run.started_by import started_by
    from crmsync.schedule import first_due
    from crmsync.settings import KeptSettings
    from crmsync.store import Store

    read_settings = KeptSettings(config)
    settings = read_settings()
    access = access_by(settings, role, started_by(), now)
    with closing(Store(settings.store)):
        pass  # what keeps everything from being shown is told here, not on the first page

    def ready(address: str) -> None:
        shown = address + access.path if isinstance(access, OneAddress) else address
        click.echo(shown)
        if browser:
            import webbrowser

            if not webbrowser.open(shown):
                say("no browser could be opened; the address is above")

    own = settings.console
    site = Site(read_settings, now, first_due, language, access)
    app = application(site, own.public_url if own else None)
    try:
        listening(app, port if port is not None else (own.port if own else 0), ready, own.host if own else None)
    finally:
        site.close()


@console.command(epilog=PERSON_EPILOG)
@click.argument("name")
@config_option
@click.option("--role", type=click.Choice(["viewer", "approver", "admin"]), help="What they may do.")
@click.option("--email", help="By which the provider of `console: oidc` knows them.")
@click.option("--password", "anew", is_flag=True, help="Ask for a new password.")
@click.option("--elsewhere", is_flag=True, help="They sign in with the provider alone: no password.")
@click.option("--remove", is_flag=True, help="They may sign in no longer.")
def person(
    name: str, config: Path, role: Role | None, email: str | None, anew: bool, elsewhere: bool, remove: bool
) -> None:
    """Let somebody sign in to the console, change their role or password, or take them out."""
    from crmsync.console import with_person, without_person
    from crmsync.settings import load_settings

    settings = load_settings(config)
    if remove:
        say(f"{name} is taken out of {without_person(settings, name)}")
    else:
        by: SignsInBy = "provider" if elsewhere else "new password" if anew else "as before"
        say(f"{name} is written to {with_person(settings, name, role=role, email=email, by=by, typed=_typed)}")
    if settings.console is None:
        say(f"{config} has no `console:` yet: with it people sign in → write `console: {{}}`")


@console.command("log", epilog=LOG_EPILOG)
@config_option
@click.option("--show", type=Count(0), default=50, show_default=True, help="How many; 0 = all.")
@result_options
def log_(config: Path, show: int, form: str, out: Path | None) -> None:
    """List who did what in the console, when and why: sign-ins, plans made and approved, files changed.

    Reads the store. It is kept as long as the journal's detail: `retention: journal_days` in crmsync.yaml.
    """
    from crmsync.operations.history.console_log import console_log
    from crmsync.settings import load_settings
    from crmsync.showing.history.deeds_table import deeds_parts
    from crmsync.showing.rendering import as_json, rendered

    log = console_log(load_settings(config), show=show)
    put(as_json(log.to_json()) if form == "json" else rendered(*deeds_parts(log)), out)


def _typed() -> str:
    """A password, typed twice without being shown; or a line of stdin."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
