"""Figures as inline SVG and the page around them: one HTML file, no script, no link, fit for printing.

Colours are CSS variables with a light and a dark value; every figure is also told in numbers beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crmsync.showing.contents import STYLE as CONTENTS_STYLE
from crmsync.showing.contents import with_contents
from crmsync.showing.foreign_text import for_html
from crmsync.tongue import ENGLISH, Tongue

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b;
  --calm: #6b7a90; --good: #1a7f5a; --bad: #b4472e; --old: #9aa7b8; --new: #2f6fb2; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #121212; --ink: #e8e8e8;
    --calm: #8b98ab; --good: #4cc398; --bad: #ea8468; --old: #6c7888; --new: #6faeea; } }
html { background: var(--paper); color: var(--ink); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #8886; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border: 1px solid #8886; }
.number { text-align: right; font-variant-numeric: tabular-nums; } td.number { white-space: nowrap; }
svg { width: 100%; min-width: 60rem; height: auto; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
a { color: var(--new); }
svg text { fill: currentColor; font: 13px system-ui, sans-serif; }
.calm { fill: var(--calm); } .up { fill: var(--good); } .down { fill: var(--bad); } .beside { fill: var(--calm); }
.same { fill: var(--calm); opacity: .35; } .old { fill: var(--old); } .new { fill: var(--new); }
.ribbon { opacity: .45; } .line { stroke: currentColor; stroke-width: 1.5; } .dashed { stroke-dasharray: 4 4; }
.note { opacity: .8; } .axis { opacity: .8; } :focus-visible { outline: 3px solid var(--new); }
@media print { body { max-width: none; margin: 0; font-size: 9pt; } h2, h3 { break-after: avoid; }
  .wide { overflow: visible; } svg { min-width: 0; } tr, svg { break-inside: avoid; } }
"""
"""A figure is never drawn smaller than its letters are meant to be: where the page is narrow it is scrolled."""
ALLOWED = "default-src 'none'; style-src 'unsafe-inline'"

_WIDTH = 960
_LEFT, _RIGHT = 240, 700
_LONG = 470
"""Of bars and intervals."""
_LINE = 26
_TICK = 60
"""Nearer than this, two numbers below an axis would run into each other."""


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads to a page of the CRM, where its address is known."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Leads from one box on the left to one on the right. `style`: a class of STYLE."""

    start: int
    end: int
    leads: int
    style: str


def page(title: str, parts: Iterable[str], tongue: Tongue = ENGLISH) -> str:
    """The whole file. `parts`: HTML."""
    return (
        f'<!doctype html>\n<html lang="{tongue.code}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{for_html(title)}</title>\n<style>{STYLE}{CONTENTS_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{for_html(title)}</h1>\n"
        + "\n".join(with_contents(parts, tongue.say("Contents")))
        + "\n</main>\n</body>\n</html>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table; columns of numbers stand on the right. A cell may be several texts, each on a line."""
    told = [list(row) for row in rows]
    numbers = [
        column > 0 and bool(told) and all(_is_number(row[column]) for row in told) for column in range(len(head))
    ]
    marks = [' class="number"' if number else "" for number in numbers]
    heads = "".join(f'<th scope="col"{mark}>{for_html(word)}</th>' for word, mark in zip(head, marks, strict=True))
    lines = [scrolled(", ".join(head)), "<table>", f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    for row in told:
        cells = "".join(f"<td{mark}>{_cell(value)}</td>" for value, mark in zip(row, marks, strict=True))
        lines.append(f"<tr>{cells}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>", "</div>"])


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) or str(value)[:1].isdigit() or str(value)[:1] in ("", "+", "−", "-", "–")


def _cell(value: object) -> str:
    if isinstance(value, Link):
        text = for_html(value.text)
        return f'<a href="{for_html(value.url)}" rel="noreferrer noopener">{text}</a>' if value.url else text
    if isinstance(value, tuple | list):
        return "<br>".join(for_html(str(text)) for text in value)
    return for_html(f"{value:,}" if isinstance(value, int) else str(value))


def scrolled(label: str) -> str:
    """Opens a box that scrolls by itself where the page is narrow; the keyboard reaches it, too.

    A group and no region: a page has many of them, and regions are what a screen reader jumps to.
    """
    return f'<div class="wide" role="group" tabindex="0" aria-label="{for_html(label)}">'


def flow(before: Sequence[tuple[str, int]], after: Sequence[tuple[str, int]], ribbons: Sequence[Ribbon]) -> str:
    """Boxes (label, leads) on both sides and ribbons between them; heights are leads."""
    total = max(1, sum(leads for _, leads in before))
    scale, gap = 300 / total, 14
    height = 320 + gap * max(len(before), len(after))
    tops = [_tops(side, scale, gap) for side in (before, after)]
    begun = [list(side) for side in tops]
    parts = []
    for ribbon in sorted(ribbons, key=lambda one: (one.start, one.end)):
        thick = max(ribbon.leads * scale, 0.8)
        left, right = begun[0][ribbon.start], begun[1][ribbon.end]
        begun[0][ribbon.start] += ribbon.leads * scale
        begun[1][ribbon.end] += ribbon.leads * scale
        middle = (_LEFT + _RIGHT) / 2
        path = (
            f"M{_LEFT + 12},{left:.1f} C{middle},{left:.1f} {middle},{right:.1f} {_RIGHT},{right:.1f} "
            f"L{_RIGHT},{right + thick:.1f} C{middle},{right + thick:.1f} {middle},{left + thick:.1f} "
            f"{_LEFT + 12},{left + thick:.1f} Z"
        )
        words = f"{before[ribbon.start][0]} → {after[ribbon.end][0]}: {ribbon.leads:,}"
        parts.append(f'<path class="ribbon {ribbon.style}" d="{path}"><title>{for_html(words)}</title></path>')
    parts += _boxes(before, tops[0], scale, _LEFT, "end", _LEFT - 8)
    parts += _boxes(after, tops[1], scale, _RIGHT, "start", _RIGHT + 20)
    return _svg(height, "Leads before and after, by stage", parts)


def pairs(rows: Sequence[tuple[str, int, int]], words: tuple[str, str]) -> str:
    """Two bars for each row (label, first, second); `words` name the two."""
    most = max([1, *(max(first, second) for _, first, second in rows)])
    parts = []
    for index, (label, first, second) in enumerate(rows):
        top = 24 + index * 38
        parts.append(f'<text x="{_LEFT - 8}" y="{top + 19}" text-anchor="end">{for_html(_short(label))}</text>')
        for offset, value, style in ((0, first, "old"), (14, second, "new")):
            wide = value / most * _LONG
            parts.append(f'<rect class="{style}" x="{_LEFT}" y="{top + offset}" width="{wide:.1f}" height="12"/>')
            parts.append(f'<text x="{_LEFT + wide + 6:.1f}" y="{top + offset + 11}">{value:,}</text>')
    legend = [
        f'<rect class="{style}" x="{x}" y="2" width="12" height="12"/>'
        f'<text x="{x + 18}" y="13">{for_html(word)}</text>'
        for style, x, word in (("old", _LEFT, words[0]), ("new", _LEFT + 200, words[1]))
    ]
    return _svg(30 + 38 * len(rows), f"{words[0]} and {words[1]}", [*legend, *parts])


def intervals(
    rows: Sequence[tuple[str, float, float, float]],
    base: float,
    *,
    low: float,
    high: float,
    told: Callable[[float], str] = "{:g}".format,
) -> str:
    """A dot with its interval for each row (label, value, low, high); a dashed line at `base`.

    The axis goes from `low` to `high`; both and `base` are told below it.
    """

    def at(value: float) -> float:
        return _LEFT + (min(max(value, low), high) - low) / max(high - low, 1e-9) * _LONG

    parts = []
    for index, (label, value, lowest, highest) in enumerate(rows):
        y = 20 + index * _LINE
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{for_html(_short(label))}</text>')
        parts.append(f'<line class="line" x1="{at(lowest):.1f}" x2="{at(highest):.1f}" y1="{y}" y2="{y}"/>')
        parts.append(f'<circle class="new" cx="{at(value):.1f}" cy="{y}" r="5"/>')
    bottom = 14 + len(rows) * _LINE
    parts.append(f'<line class="line dashed" x1="{at(base):.1f}" x2="{at(base):.1f}" y1="6" y2="{bottom}"/>')
    for value in (low, base, high):
        if value == base or abs(at(value) - at(base)) >= _TICK:
            place = f'x="{at(value):.1f}" y="{bottom + 18}" text-anchor="middle"'
            parts.append(f'<text class="axis" {place}>{for_html(told(value))}</text>')
    return _svg(bottom + 26, "Values with their intervals", parts)


def _tops(side: Sequence[tuple[str, int]], scale: float, gap: int) -> list[float]:
    tops, top = [], 10.0
    for _, leads in side:
        tops.append(top)
        top += leads * scale + gap
    return tops


def _boxes(
    side: Sequence[tuple[str, int]], tops: Sequence[float], scale: float, x: int, anchor: str, text_x: int
) -> Iterator[str]:
    for (label, leads), top in zip(side, tops, strict=True):
        tall = max(leads * scale, 1)
        yield f'<rect class="calm" x="{x}" y="{top:.1f}" width="12" height="{tall:.1f}"/>'
        words = f"{_short(label)} {leads:,}"
        yield f'<text x="{text_x}" y="{top + tall / 2 + 4:.1f}" text-anchor="{anchor}">{for_html(words)}</text>'


def _short(label: str) -> str:
    return label if len(label) <= 28 else f"{label[:27]}…"


def _svg(height: float, words: str, parts: Iterable[str]) -> str:
    return (
        f'{scrolled(words)}<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{for_html(words)}">\n'
        + "\n".join(parts)
        + "\n</svg></div>"
    )
