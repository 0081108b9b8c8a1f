"""Fields of a CRM's object as a table of 80 columns; values of people's records stand there masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from crmsync.operations.fields.listing import FieldListing, ListedField
from crmsync.showing.foreign_text import markup, markup_lines, one_line
from crmsync.showing.rendering import as_json

_VALUES = 4
_VALUE_CHARACTERS = 24


def fields_json(listing: FieldListing) -> str:
    """The answer for programs."""
    return as_json(listing.to_json())


def fields_parts(listing: FieldListing) -> Iterator[Any]:
    """Renderables: of what it tells, the table, what was left out."""
    of = "all" if listing.whole else "the first"
    records = f"{of} {listing.records:,} records" if listing.records else "no record"
    shown = f"{len(listing.fields):,} of {listing.of:,}" if len(listing.fields) < listing.of else f"{listing.of:,}"
    yield (
        f"[bold]{markup(listing.object)}[/bold] of {markup(listing.connection)}: {shown} fields, by {records}\n"
        "[dim]Values that few records share are masked.[/dim]\n"
    )
    if listing.fields:
        yield _table(listing)
    elif listing.near:
        yield f"Nothing holds this word. Near: {markup(', '.join(listing.near))}"
    else:
        yield "Nothing holds this word."
    for note in listing.notes:
        yield f"[yellow]![/yellow] {markup(note)}"
    if listing.parents:
        yield f"\n[dim]Fields of parents are listed by themselves: {markup(', '.join(listing.parents))}[/dim]"
    if listing.others:
        yield f"\n[dim]Other objects that the mapping reads: {markup(', '.join(listing.others))}[/dim]"


def _table(listing: FieldListing) -> Table:
    table = Table(box=None, padding=(0, 1), show_edge=False)
    table.add_column("Field", overflow="fold", ratio=5)
    table.add_column("Type", overflow="fold", max_width=10)
    table.add_column("Filled", justify="right", no_wrap=True)
    table.add_column("Mapped to", overflow="fold", max_width=14)
    table.add_column("Values", overflow="fold", ratio=6)
    for field in listing.fields:
        named = [field.name, *([field.label] if field.label != field.name else [])]
        kind = [field.type if field.kind == "unknown" else field.kind, *([] if field.writable else ["read only"])]
        filled = "-" if field.filled is None else f"{100 * field.filled:.0f} %"
        mapped = f"[bold]{markup_lines(field.mapped_to)}[/bold]" if field.mapped_to else ""
        table.add_row(markup_lines(named), markup_lines(kind), filled, mapped, markup(", ".join(_values(field))))
    return table


def _values(field: ListedField) -> list[str]:
    """Choices in the CRM's order, with counts; of other fields what stands there most often."""
    if field.choices:
        told = [f"{_named(it.value, it.label)}{_count(it.count)}" for it in field.choices]
    else:
        told = [f"{one_line(value, _VALUE_CHARACTERS)}{_count(count)}" for value, count in field.values]
    more = len(told) - _VALUES
    return [*told[:_VALUES], *([f"and {more:,} more"] if more > 0 else [])]


def _named(value: str, label: str) -> str:
    shown = one_line(value, _VALUE_CHARACTERS)
    return shown if label == value else f"{shown} = {one_line(label, _VALUE_CHARACTERS)}"


def _count(count: int | None) -> str:
    return f" ({count:,})" if count and count > 1 else ""
