"""Values that somebody replaced, as lines: what, how often, and who."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmsync.operations.report.conflicts import Conflict, ConflictReport, latest_actor
from crmsync.showing.foreign_text import markup
from crmsync.showing.record_link import linked

_KINDS: Mapping[str, str] = {
    "person": "a person",
    "program": "another program",
    "automation": "an automation of the CRM",
    "same_user": "crmsync's own user in the CRM: an automation that its write sets off, or another program",
}


def conflict_parts(report: ConflictReport) -> Iterator[Any]:
    """Renderables for one connection."""
    yield f"\n[bold]{markup(report.connection)}[/bold] · what crmsync wrote and somebody replaced"
    if not report.conflicts:
        yield "  Nothing."
    for conflict in report.conflicts:
        yield from _conflict(conflict, report)
    if report.total > len(report.conflicts):
        yield f"  … and {report.total - len(report.conflicts):,} more. All of them: --show 0, or --format json."
    if report.note:
        yield f"  [yellow]{markup(report.note)}[/yellow]"


def _conflict(conflict: Conflict, report: ConflictReport) -> Iterator[Any]:
    last = conflict.times[-1]
    often = "once" if len(conflict.times) == 1 else f"{len(conflict.times):,} times"
    given_in = ", [red]stopped[/red]" if conflict.stopped else ""
    name = f" {markup(conflict.lead_name)}" if conflict.lead_name else ""
    lead = linked(markup(conflict.lead), conflict.url)
    yield f"  [bold]{lead}[/bold]{name}: {conflict.part} {often}, last on {last.day}{given_in}"
    ours, theirs = (_shown(conflict, value, report) for value in (last.what.ours, last.what.theirs))
    yield f"    crmsync wrote {ours}; there is {theirs}"
    actor = latest_actor(conflict)
    yield f"    by {_who(actor, report)}" if actor else "    by whom the CRM does not tell"


def _shown(conflict: Conflict, value: str | None, report: ConflictReport) -> str:
    if value is None:
        return "nobody" if conflict.part == "owner" else "nothing that the mapping names"
    return markup(report.user_names.get(value, value) if conflict.part == "owner" else value)


def _who(actor: Mapping[str, Any], report: ConflictReport) -> str:
    kind, user = str(actor["kind"]), actor.get("user")
    name = report.user_names.get(user, user) if user and kind == "person" else None
    source = f" ({markup(str(actor['source']))})" if actor.get("source") and kind != "same_user" else ""
    return f"{markup(str(name))}{source}" if name else f"{_KINDS[kind]}{source}"
