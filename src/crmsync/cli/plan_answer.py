"""The answer of a command that plans and writes: plans on stdout, stopped connections on stderr."""

from __future__ import annotations

from pathlib import Path

from crmsync.cli.shared import messages, put, say
from crmsync.operations.run.every_connection import RunReport
from crmsync.plan import report_to_json
from crmsync.showing.foreign_text import markup
from crmsync.showing.rendering import as_json, rendered


def put_report(report: RunReport, *, form: str, show: int, out: Path | None) -> None:
    """As a table or JSON. `show`: how many leads to list in the table (0 = all)."""
    if form == "json":
        plans = [done.plan for done in report.done]
        answer = report_to_json(plans, report.errors_to_json(), dry_run=report.dry_run, as_of=report.as_of)
        put(as_json(answer), out)
    else:
        from crmsync.showing.run.plan_table import plan_parts

        put(rendered(*(part for done in report.done for part in plan_parts(done, show=show))), out)
    for failure in report.failures:
        messages().print(f"[red bold]{markup(failure.connection)}:[/red bold] ", end="")
        say(str(failure.error))
