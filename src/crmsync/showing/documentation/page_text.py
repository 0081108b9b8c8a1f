"""The list of pages, and one page, as renderables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.markdown import Markdown
from rich.table import Table

from crmsync.operations.files.shipped_pages import ShippedPage, with_commands_for_links
from crmsync.showing.foreign_text import markup


def pages_table(pages: Sequence[ShippedPage]) -> Iterator[Any]:
    """Topic and title, kind by kind."""
    for kind in dict.fromkeys(page.kind for page in pages):
        yield f"\n[bold]{markup(kind.capitalize())}[/bold]"
        table = Table(box=None, padding=(0, 1), show_edge=False, show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for page in pages:
            if page.kind == kind:
                table.add_row(markup(page.topic), markup(page.title))
        yield table
    yield "\nRead one: crmsync docs TOPIC" if pages else "no page holds that"


def page_parts(page: ShippedPage) -> Iterator[Any]:
    """The page as text; links name the command that shows where they lead."""
    yield from laid_out(with_commands_for_links(page.text))


def laid_out(text: str) -> Iterator[Any]:
    """Markdown as it is read on a terminal: as wide as that, tables with lines."""
    yield Markdown(text, hyperlinks=False)
