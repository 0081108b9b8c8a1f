"""A list of what stands on a page, for pages that are long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count

from crmsync.showing.foreign_text import for_html

_HEADING = re.compile(r"<h(?P<level>[23])(?P<marks>[^>]*)>(?P<words>.*?)</h\1>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
FEWEST = 3
"""Sections from which on a list helps."""
STYLE = """
nav.contents ul { columns: 16rem; padding-left: 1.2rem; } nav.contents a { display: inline-block; padding: .15rem 0; }
@media print { nav.contents { display: none; } }
"""


def with_contents(parts: Iterable[str], name: str = "Contents") -> list[str]:
    """The parts of a page (HTML) with a list of their headings before the first; each of them can be jumped to.

    `name`: how it is called to those who hear the page. The list is of `h2`, and of `h3` as well where there are few
    of those.
    """
    numbers = count(1)
    found: list[tuple[str, str, str]] = []

    def marked(heading: re.Match[str]) -> str:
        level, marks, words = heading["level"], heading["marks"], heading["words"]
        own = _ID.search(marks)
        anchor = own[1] if own else f"part-{next(numbers)}"
        found.append((level, anchor, words))
        return heading[0] if own else f'<h{level} id="{anchor}"{marks}>{words}</h{level}>'

    told = [_HEADING.sub(marked, part) for part in parts]
    sections = [one for one in found if one[0] == "2"]
    listed = sections if len(sections) >= FEWEST else found
    if len(listed) < FEWEST:
        return told
    lines = "".join(f'<li><a href="#{anchor}">{words}</a></li>' for _, anchor, words in listed)
    nav = f'<nav class="contents" aria-label="{for_html(name)}">\n<ul>{lines}</ul>\n</nav>\n'
    first = next(place for place, part in enumerate(told) if _HEADING.search(part))
    told[first] = _HEADING.sub(lambda heading: nav + heading[0], told[first], count=1)
    return told
