"""The answer of a command that plans and writes: plans on stdout, stopped connections on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmsync.cli.shared import messages, put, say
from crmsync.clock import local_day, now
from crmsync.errors import CrmsyncError
from crmsync.operations.run.every_connection import RunReport, error_to_json
from crmsync.plan import report_to_json
from crmsync.showing.foreign_text import markup
from crmsync.showing.rendering import as_json, rendered


@contextmanager
def errors_answered(form: str, *, dry_run: bool) -> Iterator[None]:
    """What keeps a command from beginning stands on stdout, too, where JSON was asked for; a file stays as it was."""
    try:
        yield
    except CrmsyncError as error:
        if form == "json":
            told = [error_to_json(None, error)]
            put(as_json(report_to_json([], told, dry_run=dry_run, as_of=local_day(now(), "UTC"))), None)
        raise


def put_report(report: RunReport, *, form: str, show: int, out: Path | None) -> None:
    """In the format that was asked for. `show`: how many leads a table or Markdown lists (0 = all)."""
    put(_text(report, form, show), out)
    if form == "csv":  # which has no place for them
        _say_what_rows_cannot(report)
    for failure in report.failures:
        messages().print(f"[red bold]{markup(failure.connection)}:[/red bold] ", end="")
        say(str(failure.error))


def _text(report: RunReport, form: str, show: int) -> str:
    match form:
        case "json":
            plans = [done.plan for done in report.done]
            return as_json(report_to_json(plans, report.errors_to_json(), dry_run=report.dry_run, as_of=report.as_of))
        case "markdown":
            from crmsync.showing.run.plan_markdown import plans_markdown

            return plans_markdown(report, show=show)
        case "html":
            from crmsync.showing.run.plan_html import plans_html

            return plans_html(report)
        case "csv":
            from crmsync.showing.run.plan_csv import plans_csv

            return plans_csv(report)
    from crmsync.showing.run.plan_table import plan_parts

    return rendered(*(part for done in report.done for part in plan_parts(done, show=show)))


def _say_what_rows_cannot(report: RunReport) -> None:
    """Guards, notes and what is set aside, of each connection."""
    from crmsync.showing.run.guard_words import guard_lines
    from crmsync.showing.run.plan_table import set_aside_lines

    for done in report.done:
        notes = (f"  {markup(note)}" for note in done.plan.notes)
        lines = [*guard_lines(done.plan), *notes, *set_aside_lines(done.plan)]
        if lines:
            messages().print("\n".join((f"[bold]{markup(done.plan.connection)}[/bold]", *lines)))
