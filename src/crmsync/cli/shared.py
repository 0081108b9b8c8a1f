"""What every command shares: `--config`, `--format`, `--out`, the console on stderr, and progress bars."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crmsync.cli.count import Count
from crmsync.cli.result_file import ResultFile, out_option
from crmsync.cli.streams import throw_away_the_rest
from crmsync.errors import CrmsyncError, UsageError
from crmsync.languages.known import LANGUAGES
from crmsync.showing.foreign_text import clean_console, cleaned
from crmsync.showing.rendering import width

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., Any])


def _variables_told(_context: click.Context, _parameter: click.Parameter, config: Path) -> Path:
    """What is doubtful in `.env` is told by every command that may read it; what is wrong, where it is read."""
    if (config.parent / ".env").is_file():
        from crmsync.errors import ConfigurationError
        from crmsync.settings import read_dotenv

        with contextlib.suppress(ConfigurationError):
            for doubt in read_dotenv(config.parent).doubts:
                say(str(doubt))
    return config


def _config(**more: Any) -> Callable[[F], F]:
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("crmsync.yaml"),
        show_default=True,
        envvar="CRMSYNC_CONFIG",
        help="The configuration; all paths in it are relative to it.",
        **more,
    )


config_option = _config(callback=_variables_told)
config_for_out_option = _config()
"""For commands that need no configuration: it says which files a result must leave alone."""

language_option = click.option(
    "--language",
    type=click.Choice(sorted(LANGUAGES)),
    help="Language of the texts (default: CRMSYNC_LANGUAGE, then the configuration's).",
)

page_language_option = click.option(
    "--language",
    type=click.Choice(sorted(LANGUAGES)),
    help="Language of the HTML page (default: CRMSYNC_LANGUAGE, then the configuration's).",
)
"""Where tables and JSON are English in any case."""

dry_run_option = click.option("--dry-run", is_flag=True, help="Show the plan and stop before the first write.")
show_option = click.option(
    "--show", type=Count(0), default=20, show_default=True, help="How many leads to list; 0 = all."
)


def result_options(function: F) -> F:
    """`--format table|json` and `--out FILE`."""
    return _with_result(function, ("table", "json"), "A table for people, or stable JSON for programs.")


def result_or_page_options(function: F) -> F:
    """The same, and `--format html`: one page with charts."""
    told = "A table for people, stable JSON for programs, or one HTML page with charts."
    return _with_result(function, ("table", "json", "html"), told)


def plan_result_options(function: F) -> F:
    """The same for plans, which are reviewed as Markdown, HTML and CSV, too."""
    told = (
        "A table for people, Markdown for a comment, one HTML file with every lead, CSV with a row a change, or "
        "stable JSON for programs."
    )
    return _with_result(function, ("table", "markdown", "html", "csv", "json"), told)


def _with_result(function: F, forms: Sequence[str], told: str) -> F:
    form = click.option("--format", "form", type=click.Choice(forms), default="table", show_default=True, help=told)
    return out_option()(form(function))


class Day(click.ParamType[date]):
    """A day such as 2026-11-21."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse, or fail with words."""
        if isinstance(value, date):
            return value
        from crmsync.clock import day_from

        try:
            return day_from(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def put(text: str, out: Path | None) -> None:
    """The result in a file when asked, and on stdout whatever becomes of the file.

    Raises `UsageError` when the file cannot be written; it is then as it was.
    """
    try:
        if out is not None:
            with ResultFile(out) as file:
                file.write(text)
    finally:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read it has had enough: the command's own exit code stands
            throw_away_the_rest()


def put_all(texts: Iterable[str], out: Path | None) -> None:
    """Like `put`, piece by piece as they come, so that a long result needs no memory.

    A `UsageError` of `texts` comes after all that it is not about, and the file holds that. After any other error the
    result is not whole: the file is as it was, and that is said.
    """
    wrong: list[UsageError] = []
    shown = _shown(texts, wrong, whole=out is not None)
    try:
        with ResultFile(out) if out is not None else contextlib.nullcontext() as file:
            for text in shown:
                if file is not None:
                    file.write(text)
    except UsageError as error:  # of the file
        for _ in shown:
            pass
        wrong.append(error)
    except CrmsyncError:
        if out is not None:
            say(f"{out} is as it was: the result is not whole")
        raise
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            throw_away_the_rest()
    for further in wrong[1:]:
        say(f"Error: {further}")
    if wrong:
        raise wrong[0]


def _shown(texts: Iterable[str], wrong: list[UsageError], *, whole: bool) -> Iterator[str]:
    """The texts, once they are on stdout; a `UsageError` among them is put aside, and ends them.

    `whole`: they are wanted also when nobody reads stdout any more.
    """
    try:
        for text in texts:
            try:
                sys.stdout.write(text)
            except BrokenPipeError:
                throw_away_the_rest()
                if not whole:
                    return
            yield text
    except UsageError as error:
        wrong.append(error)


def say(text: str) -> None:
    """A message on stderr. It may hold words that are not ours."""
    if sys.stderr is not None:  # named, as click would write UTF-8 to a terminal that has ASCII only
        click.echo(cleaned(text), file=sys.stderr)


def messages() -> Console:
    """A console on stderr, for everything that is not the result."""
    return clean_console(stderr=True, width=width(sys.stderr) or None, highlight=False, emoji=False)


class Bars:
    """Bars of progress that are not shown."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """`done` of `total` (null = not known) of `what`."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep the terminal free for something else."""
        yield


@contextmanager
def progress_bar() -> Iterator[Bars]:
    """Bars on stderr when it is a terminal, nothing otherwise."""
    if not sys.stderr.isatty():
        yield Bars()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    def new() -> Progress:
        told = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*told, console=messages(), transient=True)

    class Shown(Bars):
        def __init__(self) -> None:
            self.bar = new()
            self.tasks: dict[str, Any] = {}

        def __call__(self, what: str, done: int, total: int | None) -> None:
            if what not in self.tasks:
                self.tasks[what] = self.bar.add_task(what, total=total)
            self.bar.update(self.tasks[what], completed=done, total=total)

        @contextmanager
        def paused(self) -> Iterator[None]:
            self.bar.stop()
            yield
            # One that starts again would wipe as many lines as it had shown before: those of the question.
            self.bar, self.tasks = new(), {}
            self.bar.start()

    shown = Shown()
    shown.bar.start()
    try:
        yield shown
    finally:
        shown.bar.stop()
