"""A page as one HTML file: no script, no link to anywhere else, fit for printing and signing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from crmsync.operations.page import Block, Page, Paragraph, Points, Section, Table
from crmsync.qualify.describe import Point

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #8886; } h3 { margin-bottom: .3rem; }
table { border-collapse: collapse; margin: .8rem 0; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid #8886; }
li { margin: .15rem 0; } a { color: inherit; text-decoration: underline dotted; }
.wording { opacity: .7; } .signatures td { height: 3rem; } .signatures th { width: 25%; }
@media print { body { max-width: none; margin: 0; font-size: 11pt; } h2, h3 { break-after: avoid; }
  tr, li { break-inside: avoid; } }
"""

ALLOWED = "default-src 'none'; style-src 'unsafe-inline'"
Anchors = Mapping[str, str]


def html(page: Page) -> str:
    """The page with places for signatures at its end. Terms lead to where they are explained."""
    return "\n".join(_Renderer().page(page)) + "\n"


class _Renderer:
    """Numbers the anchors; a segment's own words hide the policy's words of the same name."""

    def __init__(self) -> None:
        self._count = 0

    def page(self, page: Page) -> Iterator[str]:
        title = escape(page.title)
        yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
        yield f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>"
        yield f'<p class="wording">Wording: {escape(page.digest[:12])}</p>'
        yield from self._sections(page.sections, 2, {})
        yield '<h2>Agreed</h2>\n<table class="signatures">'
        yield "<tr><th>For</th><th>Name</th><th>Date</th><th>Signature</th></tr>"
        for role in page.signed_by:
            yield f"<tr><td>{escape(role)}</td><td></td><td></td><td></td></tr>"
        yield "</table>\n</main>\n</body>\n</html>"

    def _sections(self, sections: Sequence[Section], level: int, anchors: Anchors) -> Iterator[str]:
        own = {part.term: self._anchor() for section in sections for part in section.parts if part.term}
        known = {**anchors, **own}
        for section in sections:
            yield from self._section(section, level, known)

    def _section(self, section: Section, level: int, anchors: Anchors) -> Iterator[str]:
        tag = f"h{min(level, 6)}"
        mark = f' id="{anchors[section.term]}"' if section.term else ""
        yield f"<{tag}{mark}>{escape(section.title)}</{tag}>"
        for block in section.blocks:
            yield from _block(block, anchors)
        yield from self._sections(section.parts, level + 1, anchors)

    def _anchor(self) -> str:
        self._count += 1
        return f"term-{self._count}"


def _block(block: Block, anchors: Anchors) -> Iterator[str]:
    match block:
        case Paragraph():
            yield f"<p>{escape(block.text)}</p>"
        case Points():
            yield from _points(block.points, anchors)
        case Table():
            yield "<table>"
            yield f"<tr>{''.join(f'<th>{escape(word)}</th>' for word in block.head)}</tr>"
            for row in block.rows:
                yield f"<tr>{''.join(f'<td>{escape(word)}</td>' for word in row)}</tr>"
            yield "</table>"


def _points(points: Sequence[Point], anchors: Anchors) -> Iterator[str]:
    yield "<ul>"
    for point in points:
        text = escape(point.text)
        told = f'<a href="#{anchors[point.term]}">{text}</a>' if point.term and point.term in anchors else text
        yield f"<li>{told}{':' if point.parts else ''}"
        if point.parts:
            yield from _points(point.parts, anchors)
        yield "</li>"
    yield "</ul>"
