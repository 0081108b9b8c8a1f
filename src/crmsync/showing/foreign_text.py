"""Text that is not ours, made harmless to look at: names, companies, subjects, file contents, a CRM's own words.

A lead's name may hold what steers a terminal, turns the reading direction round or fills the screen. It is cleaned
here and nowhere else, for terminals, HTML, Markdown and CSV alike. JSON keeps it as it is: programs read that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from crmsync.patterns import late_pattern

if TYPE_CHECKING:
    from rich.console import Console

MOST_IN_A_CELL = 500
"""Characters of one cell of a table; what is longer is cut."""

MOST_OF_REASONS = 4000
"""The same for cells that hold crmsync's own sentences with foreign words in them."""

MOST_OF_A_NAME = 80

_STEERING = late_pattern(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line break, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # invisible
    "\u115f\u1160\u3164\uffa0]"  # letters without a shape
)
_LINE_ENDS = late_pattern("\r\n|[\r\x85\u2028\u2029]")
_BREAKS = late_pattern(r"(?<!\s)\s*[\n\t]\s*")
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACKED = late_pattern(f"([{_MARKS}]{{4}})[{_MARKS}]+")
"""Marks that stand on one letter, and grow over the lines above and below it; no language needs more than four."""
_TORN = late_pattern("[\ud800-\udfff]")


def cleaned(text: str) -> str:
    """The text without what steers a terminal or the reading direction; line breaks stay, halves of emoji do not."""
    if text.isascii() and text.isprintable():  # nearly every part of a table is
        return text
    return _STACKED.sub(r"\1", _STEERING.sub("", _LINE_ENDS.sub("\n", _TORN.sub("\ufffd", text))))


def cut(text: str, most: int = MOST_IN_A_CELL) -> str:
    """At most so many characters; dots stand for the rest."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def markup(text: str, most: int = MOST_IN_A_CELL) -> str:
    """For a terminal: clean, on one line, cut, and without a meaning of its own for rich."""
    from rich.markup import escape as without_markup

    return without_markup(one_line(text, most))


def markup_lines(texts: Iterable[str], most: int = MOST_IN_A_CELL) -> str:
    """The same for a cell of several lines, each a text of its own; `most` holds for all together."""
    from rich.markup import escape as without_markup

    return without_markup(cut("\n".join(one_line(text, most) for text in texts), most))


def one_line(text: str, most: int = MOST_IN_A_CELL) -> str:
    """Clean, cut, and on one line: a space stands for its line breaks and tabs."""
    return cut(_BREAKS.sub(" ", cleaned(text).strip("\n\t")), most)


def for_html(text: str) -> str:
    """Clean, on one line, and without a meaning of its own for HTML."""
    return escape(one_line(text, len(text)))


_CODE = late_pattern("`([^`]+)`")


def prose_html(text: str, code: Callable[[str], str | None] | None = None) -> str:
    """A sentence of crmsync's own as HTML: what stands in backticks is code. Cleaned and escaped like any text.

    `code`: what stands in the place of such code, as HTML; null = the code itself.
    """

    def shown(found: re.Match[str]) -> str:
        instead = code(unescape(found[1])) if code else None
        return f"<code>{found[1]}</code>" if instead is None else instead

    return _CODE.sub(shown, for_html(text))


def clean_console(**options: Any) -> Console:
    """A console of rich that prints nothing but its own control codes, whatever a text holds."""
    from rich.console import Console
    from rich.segment import Segment

    class CleanConsole(Console):
        def render(self, renderable: Any, options: Any = None) -> Any:
            for segment in super().render(renderable, options):
                text = segment.text if segment.control else cleaned(segment.text)
                yield segment if text == segment.text else Segment(text, segment.style)

    return CleanConsole(**options)
