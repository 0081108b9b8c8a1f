"""The documentation that comes with crmsync: its pages by topic, so that a hint leads somewhere without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crmsync.configuration import did_you_mean
from crmsync.errors import UsageError

_BESIDE = Path(__file__).parents[2]
_FOLDERS = (_BESIDE / "pages", _BESIDE.parents[1] / "docs")
"""In an installed crmsync, and in a checkout."""
KINDS = {"": "tutorial", "how-to": "how to", "reference": "reference", "explanation": "explanation"}
"""Folder → what its pages are."""
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)(?:[\w./-]*/)?([\w-]+)\.md(?:#[\w-]+)?\)")


@dataclass(frozen=True, slots=True)
class ShippedPage:
    """One page. `topic`: the name of its file; `kind`: a value of `KINDS`; `text`: Markdown."""

    topic: str
    kind: str
    title: str
    text: str


def shipped_pages(search: str | None = None) -> tuple[ShippedPage, ...]:
    """All pages by kind and topic; with `search`, those in which this text stands, letter case aside."""
    found = tuple(_pages())
    if search is None:
        return found
    return tuple(page for page in found if search.casefold() in page.text.casefold())


def shipped_page(topic: str) -> ShippedPage:
    """The page of this topic. Raises `UsageError`."""
    pages = {page.topic: page for page in _pages()}
    wanted = topic.removesuffix(".md").rpartition("/")[2]
    if wanted not in pages:
        hint = did_you_mean(wanted, pages) or "`crmsync docs` lists them"
        raise UsageError(f"there is no page `{wanted}`", hint=hint)
    return pages[wanted]


def with_commands_for_links(text: str) -> str:
    """The same Markdown, in which a link to another page says which command shows it."""
    return _LINK.sub(lambda link: f"{link[1]} (`crmsync docs {link[2]}`)", text)


def _pages() -> Iterator[ShippedPage]:
    folder = next((each for each in _FOLDERS if each.is_dir()), None)
    if folder is None:
        return
    for name, kind in KINDS.items():
        for path in sorted((folder / name).glob("*.md")):
            text = path.read_text("utf-8")
            title = next((line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")), path.stem)
            yield ShippedPage(path.stem, kind, title, text)
