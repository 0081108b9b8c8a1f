"""What happened to a lead, or in a run, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from crmsync.operations.history.lead_history import Entry, LeadHistory
from crmsync.showing.foreign_text import markup
from crmsync.showing.instants import instant
from crmsync.showing.record_link import linked


def history_parts(history: LeadHistory) -> Iterator[Any]:
    """Renderables: each change with its fields, reasons and end; then what others did."""
    if not history.entries:
        yield "crmsync wrote nothing."
    for (_, run, lead), some in groupby(history.entries, key=lambda entry: (entry.connection, entry.run, entry.lead)):
        yield from _change(run, lead, list(some), history)
    others = [(lead, move) for _, lead, move in history.moves if move.cause == "crm"]
    if others:
        yield "\nStages that others changed:"
    for lead, move in others:
        before, after = move.stage_before or "none", move.stage_after or "none that is mapped"
        yield f"  {move.day}  {markup(lead)}: {markup(before)} → {markup(after)}"
    if history.set_aside:
        yield "\nSet aside:"
    for aside in history.set_aside:
        name = history.lead_names.get(aside.lead)
        yield f"  {markup(aside.lead)}{f' {markup(name)}' if name else ''}: {markup(aside.reason)}"
    if history.overruled:
        yield "\nWhat crmsync had written and somebody replaced:"
    for _, each in history.overruled:
        ours, theirs = each.what.ours or "nobody", each.what.theirs or "nothing that is mapped"
        yield f"  {each.day}  {markup(each.what.lead)}, {each.what.part}: {markup(ours)} → {markup(theirs)}"


def _change(run: int, lead: str, entries: list[Entry], history: LeadHistory) -> Iterator[Any]:
    first = entries[0]
    name = history.lead_names.get(lead)
    yield f"\n[bold]{linked(markup(lead), first.url)}[/bold]{f' {markup(name)}' if name else ''}"
    yield f"  run {run} on {markup(first.connection)}, {instant(first.at)}: {first.outcome.replace('_', ' ')}"
    for entry in entries:
        of = f"{markup(entry.object)} {markup(entry.record or '')}, " if entry.object else ""
        yield f"    {of}{markup(entry.field)}: {markup(entry.before or 'empty')} → {markup(entry.after or 'empty')}"
    if first.message:
        yield f"    [yellow]{markup(first.message)}[/yellow]"
    for reason in first.reasons:
        yield f"    [dim]because {markup(reason)}[/dim]"
