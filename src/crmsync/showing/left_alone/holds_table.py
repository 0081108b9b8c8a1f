"""Leads that are left alone, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmsync.operations.left_alone.holds import Kept, Released
from crmsync.showing.foreign_text import markup
from crmsync.showing.record_link import linked


def holds_parts(kept: Sequence[Kept]) -> Iterator[Any]:
    """Renderables for all that are left alone."""
    if not kept:
        yield "No lead is left alone."
    for each in kept:
        name = f" {markup(each.name)}" if each.name else ""
        yield f"[bold]{linked(markup(each.what.lead), each.url)}[/bold]{name} on {markup(each.connection)}"
        by = f", by {markup(each.by)}" if each.by else ""
        on = f" on {each.made_at:%Y-%m-%d}" if each.made_at else ""
        yield f"  {markup(each.what.words)}{by}{on}"


def released_parts(released: Sequence[Released]) -> Iterator[Any]:
    """Renderables for what was let go."""
    for each in released:
        told = (
            (each.holds, "its hold is over"),
            (each.overruled, "what overruled crmsync counts no more"),
            (each.undone, "hands are not off it any more since a run was undone there"),
        )
        parts = [words for counts, words in told if counts]
        yield f"{markup(each.lead)} on {markup(each.connection)}: {' and '.join(parts)}; the next run decides it."
