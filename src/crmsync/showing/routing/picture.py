"""Rules as inline SVG: no script, no link, readable by keyboard and by screen readers, in light and dark.

A lead's way is lit: by colour, by the breadth of lines, and in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from crmsync.operations.policy.routing_rules import RoutingRules, RulesOfKind
from crmsync.showing.foreign_text import cut, for_html
from crmsync.showing.routing.columns import ROW, Box, Drawing, drawn
from crmsync.showing.routing.rule_words import else_words, kind_words, strategy_words, target_words, when_words
from crmsync.tongue import ENGLISH, Tongue

STYLE = """
svg.rules { width: 100%; min-width: 60rem; height: auto; print-color-adjust: exact; }
.rules text { fill: currentColor; font: 13px system-ui, sans-serif; }
@media print { svg.rules { min-width: 0; break-inside: avoid; } }
.rules rect { fill: var(--paper); stroke: var(--calm); stroke-width: 1.2; rx: 6; }
.rules path { fill: none; stroke: var(--calm); stroke-width: 1.2; }
.rules .lit rect { stroke: var(--new); stroke-width: 3; } .rules path.lit { stroke: var(--new); stroke-width: 3; }
.rules .lit text { font-weight: 600; }
.rules .skipped rect { stroke-dasharray: 4 4; } .rules .skipped { opacity: .6; } .rules path.skipped { opacity: .35; }
.rules .small { font-size: 12px; } .rules path.else { stroke-dasharray: 4 4; }
.rules g:focus-visible rect { stroke: var(--new); stroke-width: 3; }
"""
"""Never drawn smaller than its letters are meant to be: where the page is narrow it is scrolled."""
_LEFT = (8, 254, 500, 746)
_WIDE = 206
_HIGH = 44
_LETTERS = 22


class Lit(Struct, frozen=True):
    """One lead's way. `marks`: number of a rule → what became of the lead there; `rule`: which gave it, null = none.

    `target`: the box of the pool or queue; `person`: key of the new owner. `last`: whether no rule gave it.
    """

    marks: Mapping[int, str]
    skipped: frozenset[int] = frozenset()
    rule: int | None = None
    target: str | None = None
    person: str | None = None
    last: bool = False

    def boxes(self) -> set[str]:
        """The names of the boxes on the way."""
        if self.rule is None:
            return {"otherwise"} if self.last else set()
        return {f"rule {self.rule}", f"strategy {self.rule}", self.target or "", f"people {self.person}"}


def picture(
    rules: RoutingRules, kind: RulesOfKind, number: int, lit: Lit | None = None, *, tongue: Tongue = ENGLISH
) -> str:
    """One kind's rules. `number`: of the picture on its page."""
    drawing = drawn(rules, kind, tongue)
    height = int(drawing.rows * ROW + 20)
    title = tongue.say(
        "{kind}: rules in their order, strategies, pools and people", kind=kind_words(kind.kind, tongue)
    )
    told = "; ".join(
        tongue.say(
            "rule {number}: {when}, {strategy}, to {target}, else {otherwise}",
            number=rule.number,
            when=when_words(rule, tongue),
            strategy=strategy_words(rule, tongue),
            target=target_words(rule, tongue),
            otherwise=else_words(kind, rule, rules.otherwise, tongue),
        )
        for rule in kind.rules
    )
    parts = [
        f'<div class="wide" tabindex="0" role="group" aria-label="{for_html(title)}">',
        f'<svg class="rules" viewBox="0 0 960 {height}" role="group" aria-labelledby="rules-{number} told-{number}">',
        f'<title id="rules-{number}">{for_html(title)}</title><desc id="told-{number}">{for_html(told)}</desc>',
        *_lines(drawing, kind, lit),
        *(_box(box, lit) for box in drawing.boxes),
        "</svg></div>",
    ]
    return "\n".join(parts)


def _lines(drawing: Drawing, kind: RulesOfKind, lit: Lit | None) -> Iterator[str]:
    places = {box.name: box for box in drawing.boxes}
    way = lit.boxes() if lit else set()
    for rule in kind.rules:
        if rule.overflow or rule.when:
            top, x = rule.number * ROW - ROW + 10 + _HIGH, _LEFT[0] + 20
            yield f'<path class="else" d="M{x} {top}V{top + ROW - _HIGH}"/>'
    for left, right, words in drawing.lines:
        start, end = places[left], places[right]
        x1, y1 = _LEFT[start.column] + _WIDE, _middle(start)
        x2, y2 = _LEFT[end.column], _middle(end)
        bend = (x1 + x2) / 2
        mark = ' class="lit"' if {left, right} <= way else ""
        yield f'<path{mark} d="M{x1} {y1:g}C{bend:g} {y1:g} {bend:g} {y2:g} {x2} {y2:g}"/>'
        if words:
            yield f'<text class="small" x="{x2 - 26}" y="{y2 - 6:g}">{for_html(words)}</text>'


def _middle(box: Box) -> float:
    return box.place * ROW + 10 + _HIGH / 2


def _box(box: Box, lit: Lit | None) -> str:
    x, y = _LEFT[box.column], box.place * ROW + 10
    below, about, mark = box.below, box.about, ""
    if lit is not None:
        sort, _, number = box.name.partition(" ")
        if sort == "rule" and int(number) in lit.marks:
            below = lit.marks[int(number)]
            about = f"{about}: {below}"
        skipped = sort in ("rule", "strategy") and int(number) in lit.skipped
        mark = ' class="lit"' if box.name in lit.boxes() else ' class="skipped"' if skipped else ""
    small = for_html(cut(below, _LETTERS + 5))
    second = f'<text class="small" x="{x + 10}" y="{y + 35:g}">{small}</text>' if below else ""
    return (
        f'<g{mark} tabindex="0" role="img" aria-label="{for_html(about)}"><title>{for_html(about)}</title>'
        f'<rect x="{x}" y="{y:g}" width="{_WIDE}" height="{_HIGH}"/>'
        f'<text x="{x + 10}" y="{y + (20 if below else 27):g}">{for_html(cut(box.text, _LETTERS))}</text>{second}</g>'
    )
