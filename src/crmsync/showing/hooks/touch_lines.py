"""What became of a touch, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.enumeration import first_few
from crmsync.showing.foreign_text import markup


def touch_lines(
    *,
    connection: str,
    leads: Sequence[str],
    address: str,
    status: int,
    answer: str,
    read_after_seconds: float | None,
) -> Iterator[str]:
    """Whether it was taken, and when the leads were read."""
    named = "1 lead" if len(leads) == 1 else f"{len(leads):,} leads"
    yield f"touched {named} of {markup(connection)} at {address}: {first_few(list(leads))}"
    if status != 200:
        yield f"[red]refused[/red] ({status}): {markup(answer)}"
    elif read_after_seconds is None:
        yield "[yellow]taken, and not read yet[/yellow]: the log of `crmsync serve` says what is in the way"
    else:
        yield f"[green]taken[/green], and read after {read_after_seconds:g} s; `crmsync history LEAD` tells more"
