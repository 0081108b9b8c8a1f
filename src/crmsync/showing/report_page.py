"""A report as one HTML file to pass round: its page and its tables. It asks no address, and is fit for printing.

Where it holds charts, the library that draws them lies within, and the page allows these scripts and no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from crmsync.showing.charts.figure import allowed, scripts_for
from crmsync.showing.charts.figure import style as chart_style
from crmsync.showing.contents import STYLE as CONTENTS_STYLE
from crmsync.showing.contents import with_contents
from crmsync.showing.foreign_text import for_html
from crmsync.tongue import ENGLISH, Tongue

STYLE = """
:root { color-scheme: light dark; --paper: light-dark(#fff, #121212); --ink: light-dark(#1b1b1b, #e8e8e8);
  --calm: light-dark(#6b7a90, #8b98ab); --good: light-dark(#1a7f5a, #4cc398); --bad: light-dark(#b4472e, #ea8468);
  --new: light-dark(#2f6fb2, #6faeea); }
html { background: var(--paper); color: var(--ink); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #8886; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border: 1px solid #8886; }
.number { text-align: right; font-variant-numeric: tabular-nums; } td.number { white-space: nowrap; }
a { color: var(--new); }
.note { opacity: .8; } :focus-visible { outline: 3px solid var(--new); }
@media print { body { max-width: none; margin: 0; font-size: 9pt; } h2, h3 { break-after: avoid; }
  .wide { overflow: visible; } tr { break-inside: avoid; } }
"""
ALLOWED = "default-src 'none'; style-src 'unsafe-inline'"


class Link(Struct, frozen=True):
    """A cell that leads to a page of the CRM, where its address is known."""

    text: str
    url: str | None


def page(title: str, parts: Iterable[str], tongue: Tongue = ENGLISH) -> str:
    """The whole file. `parts`: HTML."""
    told = with_contents(parts, tongue.say("Contents"))
    scripts = scripts_for(told)
    styles = "".join((STYLE, CONTENTS_STYLE, chart_style() if scripts else ""))
    return "\n".join(
        (
            f'<!doctype html>\n<html lang="{tongue.code}">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}{allowed(scripts)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{for_html(title)}</title>\n<style>{styles}</style>\n</head>\n<body>\n<main>",
            f"<h1>{for_html(title)}</h1>",
            *told,
            "</main>",
            *(f"<script>{script}</script>" for script in scripts),
            "</body>\n</html>\n",
        )
    )


_MAIN = re.compile(r"<main>\n<h1>.*?</h1>\n(.*)</main>", re.DOTALL)


def within(file: str) -> str:
    """What such a file holds below its heading, for a page that has a frame of its own."""
    found = _MAIN.search(file)
    return found[1] if found else ""


def table(head: Sequence[str], rows: Iterable[Sequence[object]], tongue: Tongue = ENGLISH) -> str:
    """An HTML table; columns of numbers stand on the right. A cell may be several texts, each on a line."""
    told = [list(row) for row in rows]
    numbers = [
        column > 0 and bool(told) and all(_is_number(row[column]) for row in told) for column in range(len(head))
    ]
    marks = [' class="number"' if number else "" for number in numbers]
    heads = "".join(f'<th scope="col"{mark}>{for_html(word)}</th>' for word, mark in zip(head, marks, strict=True))
    lines = [scrolled(", ".join(head)), "<table>", f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    for row in told:
        cells = "".join(f"<td{mark}>{_cell(value, tongue)}</td>" for value, mark in zip(row, marks, strict=True))
        lines.append(f"<tr>{cells}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>", "</div>"])


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) or str(value)[:1].isdigit() or str(value)[:1] in ("", "+", "−", "-", "–")


def _cell(value: object, tongue: Tongue) -> str:
    if isinstance(value, Link):
        text = for_html(value.text)
        return f'<a href="{for_html(value.url)}" rel="noreferrer noopener">{text}</a>' if value.url else text
    if isinstance(value, tuple | list):
        return "<br>".join(for_html(str(text)) for text in value)
    return for_html(tongue.number(value) if isinstance(value, int) else str(value))


def scrolled(label: str) -> str:
    """Opens a box that scrolls by itself where the page is narrow; the keyboard reaches it, too.

    A group and no region: a page has many of them, and regions are what a screen reader jumps to.
    """
    return f'<div class="wide" role="group" tabindex="0" aria-label="{for_html(label)}">'
