"""`crmsync docs`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmsync.cli.result_file import out_option
from crmsync.cli.shared import config_for_out_option, put
from crmsync.errors import UsageError

EPILOG = """\b
Examples:
  crmsync docs                       every page, with its topic
  crmsync docs go-live               one page
  crmsync docs --search guard        pages in which a word stands
  crmsync docs mapping --format markdown --out mapping.md

\b
Exit codes:
  0  done
  2  there is no such page
"""


@click.command(epilog=EPILOG)
@click.argument("topic", required=False)
@click.option("--search", metavar="WORD", help="List the pages in which this stands.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How the answer looks.",
)
@config_for_out_option
@out_option("the page")
def docs(topic: str | None, search: str | None, form: str, out: Path | None, **_: Any) -> None:
    """Read the documentation of this very version, without a network.

    Messages and help name a page by its topic: the tutorial, how-to guides, the reference, explanations.
    """
    from crmsync.operations.files.shipped_pages import shipped_page, shipped_pages
    from crmsync.showing.documentation.page_text import page_parts, pages_table
    from crmsync.showing.rendering import as_json, rendered

    if topic is not None and search is not None:
        raise UsageError("name a topic or search for a word, not both", hint="crmsync docs --help")
    if topic is not None:
        page = shipped_page(topic)
        told = {"topic": page.topic, "kind": page.kind, "title": page.title, "text": page.text}
        text = {"markdown": lambda: page.text, "json": lambda: as_json({"format": 1, "pages": [told]})}
        put(text.get(form, lambda: rendered(*page_parts(page)))(), out)
        return
    pages = shipped_pages(search)
    listed = [{"topic": page.topic, "kind": page.kind, "title": page.title} for page in pages]
    if form == "markdown":
        put("".join(f"- {page.topic}: {page.title}\n" for page in pages), out)
    else:
        put(as_json({"format": 1, "pages": listed}) if form == "json" else rendered(*pages_table(pages)), out)
