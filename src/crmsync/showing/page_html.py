"""A page as one HTML file: no script, no link to anywhere else, fit for printing and signing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crmsync.operations.policy.page import Block, Paragraph, Points, ReadablePage, Section, Table
from crmsync.qualify.telling.describe import ConditionLine
from crmsync.showing.contents import STYLE as CONTENTS_STYLE
from crmsync.showing.contents import with_contents
from crmsync.showing.foreign_text import for_html
from crmsync.showing.page_markdown import signature_head, wording

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #8886; } h3 { margin-bottom: .3rem; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid #8886; }
li { margin: .15rem 0; } a { color: inherit; text-decoration: underline dotted; }
.wording { opacity: .8; } .signatures td { height: 3rem; } .signatures th { width: 25%; }
:focus-visible, :target { outline: 3px solid #2f6fb2; }
@media print { body { max-width: none; margin: 0; font-size: 10pt; line-height: 1.35; } a { text-decoration: none; }
  .wide { overflow: visible; } h2, h3, h4, p:has(+ ul) { break-after: avoid; } tr, li { break-inside: avoid; }
  h3.term { margin: .6rem 0 0; } h3.term + ul { margin-top: 0; } .agreed { break-inside: avoid; } }
"""

ALLOWED = "default-src 'none'; style-src 'unsafe-inline'"
Anchors = Mapping[str, str]


def html(page: ReadablePage) -> str:
    """The page with places for signatures at its end. Terms lead to where they are explained."""
    return "\n".join(_Renderer().page(page)) + "\n"


class _Renderer:
    """Numbers the anchors; a segment's own words hide the policy's words of the same name."""

    def __init__(self) -> None:
        self._count = 0

    def page(self, page: ReadablePage) -> Iterator[str]:
        title = for_html(page.title)
        yield f'<!doctype html>\n<html lang="{page.tongue.code}">\n<head>\n<meta charset="utf-8">'
        yield f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{title}</title>\n<style>{STYLE}{CONTENTS_STYLE}</style>\n</head>"
        yield f"<body>\n<main>\n<h1>{title}</h1>"
        yield f'<p class="wording">{for_html(wording(page))}</p>'
        say = page.tongue.say
        yield from with_contents(self._sections(page.sections, 2, {}), say("Contents"))
        agreed = for_html(say("Agreed"))
        yield f'<div class="agreed">\n<h2>{agreed}</h2>\n<div class="wide">\n<table class="signatures">'
        yield _row("th", signature_head(page))
        for role in page.signed_by:
            yield _row("td", (role, "", "", ""))
        yield "</table>\n</div>\n</div>\n</main>\n</body>\n</html>"

    def _sections(self, sections: Sequence[Section], level: int, anchors: Anchors) -> Iterator[str]:
        own = {part.term: self._anchor() for section in sections for part in section.parts if part.term}
        known = {**anchors, **own}
        for section in sections:
            yield from self._section(section, level, known)

    def _section(self, section: Section, level: int, anchors: Anchors) -> Iterator[str]:
        tag = f"h{min(level, 6)}"
        mark = f' id="{anchors[section.term]}" class="term"' if section.term else ""
        yield f"<{tag}{mark}>{for_html(section.title)}</{tag}>"
        for block in section.blocks:
            yield from _block(block, anchors)
        yield from self._sections(section.parts, level + 1, anchors)

    def _anchor(self) -> str:
        self._count += 1
        return f"term-{self._count}"


def _block(block: Block, anchors: Anchors) -> Iterator[str]:
    match block:
        case Paragraph():
            yield f"<p>{for_html(block.text)}</p>"
        case Points():
            yield from _points(block.points, anchors)
        case Table():
            about = for_html(", ".join(block.head))
            yield f'<div class="wide" role="group" tabindex="0" aria-label="{about}">\n<table>'
            yield f"<thead>{_row('th', block.head)}</thead>\n<tbody>"
            for row in block.rows:
                yield _row("td", row)
            yield "</tbody>\n</table>\n</div>"


def _row(tag: str, cells: Sequence[str]) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    return f"<tr>{''.join(f'<{tag}{scope}>{for_html(word)}</{tag}>' for word in cells)}</tr>"


def _points(points: Sequence[ConditionLine], anchors: Anchors) -> Iterator[str]:
    yield "<ul>"
    for point in points:
        text = for_html(point.text)
        told = f'<a href="#{anchors[point.term]}">{text}</a>' if point.term and point.term in anchors else text
        yield f"<li>{told}{':' if point.parts else ''}"
        if point.parts:
            yield from _points(point.parts, anchors)
        yield "</li>"
    yield "</ul>"
