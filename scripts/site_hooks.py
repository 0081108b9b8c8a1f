"""What the site needs besides the pages: README as its first page, sections by what their pages are for.

Pages also name files of the checkout, which the site does not hold: those links become plain words.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(((?!https?:|#)[^)\s]+)\)")
_FETCHED = re.compile(r"""(?:\bsrc=|<link\b(?![^>]*rel="canonical")[^>]*\bhref=)["']?(?:https?:)?//[^"'\s>]+""")
_ITEM = re.compile(r" *(?:[-*]|\d+\.) +(?=\S)")
_INFO = re.compile(r"^( *```)(\w+)[^\n]*$", re.M)
SECTIONS = {"how-to": "How to", "reference": "Reference", "explanation": "Explanation", "decisions": "Decisions"}


def on_files(files: Files, config: Any, **_: Any) -> Files:
    """README is the first page."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "index.md", content=text.replace("](docs/pictures/", "](pictures/")))
    return files


def on_nav(nav: Any, **_: Any) -> Any:
    """Learning first, then doing, looking up, understanding."""
    order = ["Home", "Tutorial", *SECTIONS.values()]
    for item in nav.items:
        folder = item.children[0].file.src_uri.partition("/")[0] if getattr(item, "children", None) else ""
        item.title = SECTIONS.get(folder) or {"index.md": "Home", "tutorial.md": "Tutorial"}[item.file.src_uri]
    nav.items.sort(key=lambda item: order.index(item.title))
    return nav


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:
    """Links to what is no page become words; what the tests read behind a block's language goes."""
    here = ROOT if page.file.src_uri == "index.md" else (DOCS / page.file.src_uri).parent

    def linked(found: re.Match[str]) -> str:
        target, mark, place = found[2].partition("#")
        inside = (here / target).resolve()
        if not inside.exists():
            return found[0]
        file = files.get_file_from_path(inside.relative_to(DOCS).as_posix()) if inside.is_relative_to(DOCS) else None
        if file is None or file.inclusion.is_excluded():
            return found[1]
        leads = os.path.relpath(inside, (DOCS / page.file.src_uri).parent)
        return f"[{found[1]}]({leads}{mark}{place})"

    return by_fours(_INFO.sub(r"\1\2", _LINK.sub(linked, markdown)))


def by_fours(markdown: str) -> str:
    """The same with what belongs to a list's item four spaces in, as the site's Markdown wants it.

    On other readers of Markdown, GitHub's among them, it stands below the item's first letter.
    """
    lines, columns, fenced, parted = [], list[int](), False, False
    for line in markdown.splitlines():
        indent = len(line) - len(line.lstrip())
        if line.strip():
            while columns and indent < columns[-1]:
                columns.pop()
        moved = " " * (4 * len(columns) + indent - (columns[-1] if columns else 0)) + line.lstrip()
        item = None if fenced else _ITEM.match(line)
        if item and lines and lines[-1] and (parted or not columns):
            lines.append("")  # else it would be read as a part of the paragraph before
        lines.append(moved if line.strip() else "")
        parted = not item and (parted or not line.strip())
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif item:
            columns.append(len(item[0]))
    return "\n".join(lines) + "\n"


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Nothing of a page is fetched from elsewhere when somebody reads it."""
    if fetched := _FETCHED.search(output):
        raise PluginError(f"{page.file.src_uri} fetches {fetched[0]}")
    return output
