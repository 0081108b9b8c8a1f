"""A file's text as somebody typed it into a page, given back in the file's own way of ending lines.

A page gives every line the same end and no byte order mark; whatever the file has stays on the lines that nobody
touched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

BYTE_ORDER_MARK = "\ufeff"
_LINE = re.compile("([^\r\n]*)(\r\n|\r|\n|$)")


def as_typed(before: str, typed: str) -> str:
    """The file's new text. What is typed as it was before gives `before`, sign for sign."""
    mark = BYTE_ORDER_MARK if before.startswith(BYTE_ORDER_MARK) else ""
    old = list(_lines(before.removeprefix(BYTE_ORDER_MARK)))
    new = [text for text, _ in _lines(typed.removeprefix(BYTE_ORDER_MARK))]
    ends = Counter(end for _, end in old if end)
    usual = ends.most_common(1)[0][0] if ends else "\n"
    kept = _kept_ends(old, new) if len(ends) > 1 else {}
    lines = [text + (kept.get(place) or usual) for place, text in enumerate(new[:-1])]
    return mark + "".join(_apart(lines)) + new[-1]


def _apart(lines: Sequence[str]) -> Iterator[str]:
    """Lines whose ends stay two: a `\\r` before an empty line that ends in `\\n` would make one end of them."""
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else ""
        yield f"{line}\n" if line.endswith("\r") and following.startswith("\n") else line


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """(line, its end); the last one has none, and may be empty."""
    for found in _LINE.finditer(text):
        yield found[1], found[2]
        if not found[2]:
            return


def _kept_ends(old: Sequence[tuple[str, str]], new: Sequence[str]) -> dict[int, str]:
    """Number of a new line → how it ended before, where it is an old one."""
    matcher = SequenceMatcher(None, [text for text, _ in old], new, autojunk=False)
    return {
        block.b + offset: old[block.a + offset][1]
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
