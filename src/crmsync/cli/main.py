"""The `crmsync` command. Each subcommand's module is imported only when it is called, so that --help is quick."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Mapping
from typing import NoReturn

import click

from crmsync import __version__
from crmsync.cli.groups import SuggestingGroup
from crmsync.cli.streams import ResultLost, lost_in_words, make_ready, throw_away_the_rest
from crmsync.errors import CrmsyncError, LeftOut

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("crmsync.cli.init", "Set a CRM up: sign in, suggest, write a configuration, check it, plan a pilot."),
    "run": (
        "crmsync.cli.run",
        "Decide every lead that is due and write stage and owner back; plan only with --dry-run.",
    ),
    "apply": ("crmsync.cli.apply", "Write a plan that a dry run has put into a file, and no other."),
    "undo": ("crmsync.cli.undo", "Take back what a run wrote, where the CRM still holds it."),
    "explain": ("crmsync.cli.explain", "Show why leads stand where they stand, from evidence."),
    "redistribute": (
        "crmsync.cli.redistribute",
        "Give the leads of somebody who leaves to others, by the same rules; plan only with --dry-run.",
    ),
    "check": ("crmsync.cli.check", "Hold configuration, sign-in, fields and roster against the CRM. Writes nothing."),
    "fields": ("crmsync.cli.fields", "List a CRM's fields as mappings name them, and what stands in them."),
    "status": ("crmsync.cli.status", "Say how each connection stands, and what needs a person."),
    "alerts": ("crmsync.cli.alerts", "Show what needs a person and who was told; try the channels that are told."),
    "hooks": ("crmsync.cli.hooks", "Try the way on which CRMs tell the service of changes."),
    "runs": ("crmsync.cli.runs", "List what ran, by whom, and how it ended."),
    "history": ("crmsync.cli.history", "Show what became of a lead, or what a run wrote, and why."),
    "provision": (
        "crmsync.cli.provision",
        "Give the CRM what crmsync needs there: fields, values, access, a list of leads to work.",
    ),
    "hold": ("crmsync.cli.hold", "Leave a lead alone up to a day, or let crmsync go on with it."),
    "holds": ("crmsync.cli.hold", "List the leads that are left alone, until when and why."),
    "report": (
        "crmsync.cli.report",
        "Whom to contact first, whom rigid criteria would overlook, and who got how many leads.",
    ),
    "counters": ("crmsync.cli.counters", "Carry rotation counters from one store to another."),
    "backup": ("crmsync.cli.backup", "Copy the store into a new file, whole, while runs go on."),
    "store": ("crmsync.cli.store", "Move the store into another database, with everything that it remembers."),
    "forget": ("crmsync.cli.forget", "Erase a person from the store, down to the bytes of the file."),
    "tidy": ("crmsync.cli.tidy", "Let go of old journal detail and runs that the store could do without."),
    "policy": (
        "crmsync.cli.policy",
        "Read a policy: in plain language to agree on and sign, or written out in full.",
    ),
    "test": ("crmsync.cli.test", "Decide example leads and compare with what is expected of them, as in CI."),
    "docs": ("crmsync.cli.docs", "Read the documentation of this version, without a network."),
    "fmt": ("crmsync.cli.fmt", "Put files of a configuration in order; comments are kept, and they say the same."),
    "schema": ("crmsync.cli.schema", "Print the JSON Schema of a kind of file, for editors."),
    "simulate": (
        "crmsync.cli.simulate",
        "Try another policy on the stored leads, or the roster on months of leads. Writes nothing.",
    ),
    "backtest": (
        "crmsync.cli.backtest",
        "Hold a policy against what became of the leads, with only what was known then; suggest points.",
    ),
    "serve": ("crmsync.cli.serve", "Run every connection on its own schedule until stopped."),
    "console": (
        "crmsync.cli.console",
        "Look at connections, leads and runs in the browser; approve plans there, if you say so.",
    ),
    "demo": ("crmsync.cli.demo", "Start practice CRMs and show a dry run on both. Leaves nothing running."),
    "practice": ("crmsync.cli.practice", "A Salesforce org and a HubSpot portal on this machine, to rehearse on."),
}

EPILOG = """\b
Examples:
  crmsync demo                     see it work, without any account
  crmsync init                     set up your own CRM, step by step
  crmsync check                    is my configuration right?
  crmsync run --dry-run            what would change, and why?
  crmsync run salesforce           write it
  crmsync explain salesforce 00Q…  why does this lead stand there?

\b
Exit codes:
  0  done
  1  a run stopped: sign-in, CRM or store unreachable, another run in progress
  2  usage or configuration: something to mend first
  3  a guard is breached: too much would change; nothing was written
  4  finished, but some records were set aside or not written
"""


_UNTRACED = frozenset({"practice", "demo", "docs"})
"""Commands that do nothing with a CRM's leads."""


class LazyGroup(SuggestingGroup):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table above: what a newcomer needs first comes first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command's module; the function has the command's name."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[name][0]), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The summaries come from the table, so that --help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def _say_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """crmsync's version, and each connector with that of its package; no connector is imported."""
    if not asked or ctx.resilient_parsing:
        return
    from crmsync.connection.installed import installed

    click.echo(f"crmsync {__version__}")
    there = (f"{name} {entry.dist.version if entry.dist else ''}".rstrip() for name, entry in installed().items())
    click.echo(f"connectors: {', '.join(there) or 'none'}")
    ctx.exit()


@click.group(
    cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_say_version,
    help="Show the version, and the connectors that are installed.",
)  # fmt: skip
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Qualify CRM leads by your own policy, hand them over, and write stage and owner back. The plan comes first."""
    if any(name.startswith("OTEL_EXPORTER_OTLP") for name in os.environ):
        _trace(ctx)


def _trace(ctx: click.Context) -> None:
    """Send spans while the command runs, where the environment asks for it and the packages are there."""
    from crmsync import spans

    if ctx.invoked_subcommand in _UNTRACED or not spans.are_wanted(os.environ):
        return
    try:
        ctx.with_resource(spans.sent(__version__, os.environ))
    except ImportError as error:
        said = f"no traces are sent, as {error.name} is not installed: pip install 'crmsync[traces]'"
        click.echo(f"{click.style('Note:', fg='yellow', bold=True)} {said}", err=True)


def main() -> None:
    """Run the command. Every expected error ends in words and its exit code, never in a traceback."""
    try:
        make_ready()
        warnings.showwarning = _noted
        warnings.simplefilter("always", LeftOut)
        cli(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except CrmsyncError as error:
        _say(error)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. What was read is kept; what was journaled is settled by the next run.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        throw_away_the_rest()  # of a command that only shows: whoever read it has had enough
        sys.exit(0)
    except ResultLost as error:
        _say(lost_in_words(error))
    except Exception as error:
        if os.environ.get("CRMSYNC_TRACEBACK"):
            raise
        from crmsync.run.unforeseen import in_words

        _say(in_words(error))


def _noted(message: Warning | str, *_: object, **__: object) -> None:
    """A warning on stderr, in words and without the place in the code that it comes from."""
    from crmsync.showing.foreign_text import cleaned

    if sys.stderr:
        click.echo(f"{click.style('Note:', fg='yellow', bold=True)} {cleaned(str(message))}", err=True)


def _say(error: CrmsyncError) -> NoReturn:
    """The error on stderr, and its exit code; on stdout where stderr is closed."""
    from crmsync.showing.foreign_text import cleaned

    if sys.stdout or sys.stderr:
        told = f"{click.style('Error:', fg='red', bold=True)} {cleaned(str(error))}"
        click.echo(told, err=sys.stderr is not None)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
