"""What every command shares: `--config`, `--format`, `--out`, the console on stderr, and progress bars."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crmsync.errors import UsageError
from crmsync.showing.foreign_text import clean_console, cleaned

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., Any])

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("crmsync.yaml"),
    show_default=True,
    envvar="CRMSYNC_CONFIG",
    help="The configuration; all paths in it are relative to it.",
)


dry_run_option = click.option("--dry-run", is_flag=True, help="Show the plan and stop before the first write.")
allow_changes_option = click.option(
    "--allow-changes",
    type=click.IntRange(min=0),
    metavar="N",
    help="Let this run change up to N leads, whatever the guard.",
)
show_option = click.option(
    "--show", type=click.IntRange(min=0), default=20, show_default=True, help="How many leads to list; 0 = all."
)


_OTHER_OUT = "name another file with --out"


def result_options(function: F) -> F:
    """`--format table|json` and `--out FILE`."""
    function = click.option(
        "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True,
        help="A table for people, or stable JSON for programs.",
    )(function)  # fmt: skip
    return click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False, writable=True),
        callback=_in_a_folder,
        help="Also write the result to this file.",
    )(function)


def _in_a_folder(_context: click.Context, _parameter: click.Parameter, out: Path | None) -> Path | None:
    """A result that has no place is told before anything is done for it."""
    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError(f"{out} cannot be written: there is no folder {out.parent}", hint=_OTHER_OUT)
    return out


FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
"""Far from the ends of the calendar, so that windows and deadlines around a day are days, too."""


class Day(click.ParamType[date]):
    """A day such as 2026-11-21."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse, or fail with words."""
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"`{value}` is not a day; write it as 2026-11-21", param, ctx)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail(f"`{value}` is not between {FIRST_DAY} and {LAST_DAY}", param, ctx)
        return day


def put(text: str, out: Path | None) -> None:
    """The result on stdout, and in a file when asked. Raises `UsageError` when the file cannot be written."""
    sys.stdout.write(text)
    sys.stdout.flush()
    if out is not None:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{out} cannot be written: {error.strerror}", hint=_OTHER_OUT) from None


def put_all(texts: Iterable[str], out: Path | None) -> None:
    """Like `put`, piece by piece as they come, so that a long result needs no memory."""
    with contextlib.ExitStack() as stack:
        file = None
        if out is not None:
            try:
                file = stack.enter_context(out.open("w", encoding="utf-8"))
            except OSError as error:
                raise UsageError(f"{out} cannot be written: {error.strerror}", hint=_OTHER_OUT) from None
        for text in texts:
            sys.stdout.write(text)
            if file is not None:
                file.write(text)
        sys.stdout.flush()


def say(text: str) -> None:
    """A message on stderr. It may hold words that are not ours."""
    click.echo(cleaned(text), err=True)


def messages() -> Console:
    """A console on stderr, for everything that is not the result."""
    return clean_console(stderr=True, highlight=False, emoji=False)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """Yields `report(what, done, total)`; shows bars on stderr when it is a terminal, nothing otherwise."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=messages(), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield report
