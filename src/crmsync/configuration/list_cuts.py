"""A list of a YAML text changed item by item: what stays in it stays as somebody wrote it, comments and all.

An item takes the comment at the end of its line along, wherever it goes. Comments on lines of their own go with the
item below them, and stay where that one is taken out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.tokens import BlockEndToken, BlockEntryToken, FlowSequenceStartToken, Token

from crmsync.configuration.bracketed_items import CLOSING, OPENING, in_brackets
from crmsync.configuration.item_order import order_of, staying
from crmsync.configuration.on_one_line import flow
from crmsync.configuration.text_lines import comment_lines, end_of, ends_line, line_end, line_start

Alike = Callable[[Any, Any], bool]


class _Lines(Struct):
    """An item on lines of its own. `above`: comments and empty lines; `told`: the item, with its last line's end."""

    above: str
    told: str


def with_items(text: str, start: int, old: Sequence[Any], new: Sequence[Any], alike: Alike) -> str:
    """The text with the list that begins at `start`, and says `old`, as `new`: neither is empty.

    Raises `LookupError` for a list that is written in a way that nobody writes.
    """
    order = order_of(old, new, alike)
    told = [flow(value) for value in new]
    tokens = (token for token in YAML(typ="safe", pure=True).scan(text) if token.start_mark.index >= start)
    for token in tokens:
        if isinstance(token, BlockEntryToken):
            return _on_lines(text, [token, *tokens], len(old), order, told)
        if isinstance(token, FlowSequenceStartToken):
            return in_brackets(text, [token, *tokens], len(old), order, told)
    raise LookupError(start)


def _on_lines(text: str, tokens: Sequence[Token], many: int, order: Sequence[int | None], told: Sequence[str]) -> str:
    begin, items = _lines(text, tokens)
    if len(items) != many:
        raise LookupError(many)
    before = sum(len(each.above) + len(each.told) for each in items)
    dash, end = " " * tokens[0].start_mark.column + "- ", end_of(text)
    above = staying([each.above + comment_lines(each.told) for each in items], order)
    parts = []
    for place, (found, words) in enumerate(zip(order, told, strict=True)):
        item = items[found] if found is not None else _Lines("", f"{dash}{words}{end}")
        parts += [above[place], item.above, item.told, "" if ends_line(item.told) else end]
    after = "".join([*parts, above[-1]])
    rest = text[begin + before :]
    return text[:begin] + (after if rest or ends_line(text) else after.removesuffix(end)) + rest


def _lines(text: str, tokens: Sequence[Token]) -> tuple[int, list[_Lines]]:
    """Where its lines begin, and its items."""
    column, depth, spans = tokens[0].start_mark.column, 0, list[tuple[int, int]]()
    for token in tokens:
        if isinstance(token, BlockEndToken):
            continue
        dash = not depth and isinstance(token, BlockEntryToken) and token.start_mark.column == column
        if not depth and not dash and token.start_mark.column <= column:
            break
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        last = len(text[: token.end_mark.index].rstrip()) - 1  # the parser looks on to where the next thing begins
        if dash:
            spans.append((token.start_mark.index, last))
        spans[-1] = (spans[-1][0], max(spans[-1][1], last))
    begin = end = line_start(text, spans[0][0])
    items = []
    for first, last in spans:
        at, behind = line_start(text, first), line_end(text, last)
        if text[at:first].strip(" "):
            raise LookupError(first)
        items.append(_Lines(text[end:at], text[at:behind]))
        end = behind
    return begin, items
