"""The items of a list in brackets, each with what stands around it, put in another order; others beside them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from ruamel.yaml.tokens import (
    FlowEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    Token,
)

from crmsync.configuration.item_order import staying
from crmsync.configuration.text_lines import end_of, ends_line, line_end, line_start

OPENING = (FlowMappingStartToken, FlowSequenceStartToken)
CLOSING = (FlowMappingEndToken, FlowSequenceEndToken)


class _Item(Struct):
    """`above`: comments and empty lines; `begins_line`: it is the first on its line; `space`: before it there;
    `behind`: between it and the next, without the comma.
    """

    above: str
    begins_line: bool
    space: str
    told: str
    behind: str


class _Brackets(Struct):
    """`head`: the rest of the line of the opening one, where no item stands there; `tail`: before the closing one."""

    head: str
    items: list[_Item]
    last_has_comma: bool
    tail: str


def in_brackets(
    text: str, tokens: Sequence[Token], many: int, order: Sequence[int | None], told: Sequence[str]
) -> str:
    """The text with the list that the tokens begin with, in its new order. Raises `LookupError` unless it has so many
    items.
    """
    begin = tokens[0].end_mark.index
    spans, close = _spans(tokens)
    if len(spans) != many:
        raise LookupError(many)
    found = _apart(text, begin, spans, close)
    return text[:begin] + found.head + _together(found, order, told, end_of(text)) + text[close:]


def _spans(tokens: Sequence[Token]) -> tuple[list[tuple[int, int, int | None]], int]:
    """(where each item begins, where it ends, where its comma stands), and where the closing bracket does."""
    depth, spans, between = 0, list[tuple[int, int, int | None]](), True
    for token in tokens:
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        start, end = token.start_mark.index, token.end_mark.index
        if not depth:
            return spans, start
        if depth == 1 and isinstance(token, FlowEntryToken):
            spans[-1] = (*spans[-1][:2], start)
            between = True
        elif token is not tokens[0]:
            if between:
                spans.append((start, end, None))
            spans[-1] = (spans[-1][0], max(spans[-1][1], end), None)
            between = False
    raise LookupError("]")


def _apart(text: str, begin: int, spans: Sequence[tuple[int, int, int | None]], close: int) -> _Brackets:
    head = text[begin : line_end(text, begin)]
    at = begin + len(head)
    if at > spans[0][0]:
        head, at = "", begin
    items = []
    for start, end, comma in spans:
        first = line_start(text, start) if at < line_start(text, start) else at
        after = end if comma is None else comma + 1
        rest = text[after : line_end(text, after)]
        bound = after + len(rest) if ends_line(rest) and rest.strip()[:1] in ("", "#") else after
        behind = text[end : after if comma is None else comma] + text[after:bound]
        items.append(_Item(text[at:first], ends_line(text[:first]), text[first:start], text[start:end], behind))
        at = bound
    return _Brackets(head, items, spans[-1][2] is not None, text[at:close])


def _together(found: _Brackets, order: Sequence[int | None], told: Sequence[str], end: str) -> str:
    items, gone = found.items, sorted(set(range(len(found.items))) - set(order), reverse=True)
    ends = ends_line(items[-1].behind)
    for place in gone:  # a comment behind several items of one line is left to those that stay
        if place and not items[place].begins_line and not ends_line(items[place - 1].behind):
            items[place - 1].behind += items[place].behind
    above = staying([each.above for each in items], order)
    usual = next((each.space for each in items if each.begins_line), "  ")
    lines = all(each.begins_line for each in items)
    parts = list[str]()
    fresh = ends_line(found.head)
    for place, (old, words) in enumerate(zip(order, told, strict=True)):
        item = _Item("", lines, usual, words, end if lines else "") if old is None else items[old]
        comments = above[place] + item.above
        if fresh or comments or (place and item.begins_line):
            space = item.space if item.begins_line else usual
            parts += ["" if fresh else end, comments, space]
        elif not place:
            parts.append("" if items[0].begins_line else items[0].space)
        else:
            parts.append(item.space if old else " ")
        comma = "," if place + 1 < len(order) or found.last_has_comma else ""
        parts += [item.told, comma, " " if item.behind.startswith("#") else "", item.behind]
        fresh = ends_line(item.behind)
    if (above[-1] or ends) and not fresh:
        parts.append(end)
    parts += [above[-1], found.tail if ends or not (fresh or above[-1]) else usual]
    return "".join(parts)
