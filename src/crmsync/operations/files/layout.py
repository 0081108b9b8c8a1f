"""A YAML text in order: keys in the order of a schema, no stray white space. Only whole lines move, with comments.

What is written on a line stays as somebody wrote it, and so do names that people give (facts, criteria, stages), for
their order may matter. A comment belongs to the key below it; one that is further in than that key, to what stands
above; those at the top, before an empty line, stay at the top, and those at the end at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from crmsync.configuration import Path, read_document
from crmsync.errors import ConfigurationError

Order = Callable[[Path, Sequence[str]], Sequence[str] | None]
"""Path of a mapping and its keys → its keys as they should stand; null = as they do."""
_OTHER_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|\r(?!\n)")
_EDITOR_LINE = re.compile(r"# *yaml-language-server:")


def laid_out(text: str, file: str, order: Order) -> str:
    """The text in order; it says the same. Raises `ConfigurationError` for a text that crmsync cannot read."""
    said = read_document(text, file).data
    if _OTHER_LINE_ENDS.search(text):
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    node = YAML(typ="safe", pure=True).compose("\n".join(lines))
    if node is None:
        return text
    _put_in_order(node, lines, order)
    moved = "\n".join(lines)
    if _says(moved, file) != said:  # what stands in an unusual way stays so
        return text
    tidy = _tidy(lines)
    return tidy if _says(tidy, file) == said else moved


def _says(text: str, file: str) -> Any:
    try:
        return read_document(text, file).data
    except ConfigurationError:
        return None


def _put_in_order(node: Node, lines: list[str], order: Order) -> None:
    """Move the lines of every mapping, the inner ones first: each moves within its own, so numbers stay true."""
    for parts, places in list(_to_move(node, (), lines, order)):
        parts.move(places)


def _to_move(node: Node, path: Path, lines: list[str], order: Order) -> Iterator[tuple[_Parts, list[int]]]:
    """(its lines, the present places of its keys in their order) of each mapping that is not in order."""
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from _to_move(item, (*path, index), lines, order)
    if not isinstance(node, MappingNode):
        return
    for key, value in node.value:
        yield from _to_move(value, (*path, str(key.value)), lines, order)
    if node.flow_style or not node.value:
        return
    keys = [str(key.value) for key, _ in node.value]
    wanted = order(path, keys)
    if wanted is not None and list(wanted) != keys:
        yield _Parts(node, lines, at_top=not path), [keys.index(key) for key in wanted]


class _Parts:
    """The lines of a mapping: for each key the empty ones before it, its comments, and itself with its value."""

    def __init__(self, node: MappingNode, lines: list[str], *, at_top: bool) -> None:
        self._lines = lines
        self._first = node.value[0][0].start_mark.line
        self._column = node.value[0][0].start_mark.column
        self._starts = [key.start_mark.line for key, _ in node.value]
        self._ends = [self._end(value, start) for (_, value), start in zip(node.value, self._starts, strict=True)]
        self._top = self._behind_the_head() if at_top else self._first

    def move(self, places: Sequence[int]) -> None:
        """Put the keys in this order: `places` are their present ones."""
        item = self._lines[self._first][: self._column]
        if len(set(self._starts)) < len(self._starts) or item.strip(" -"):
            return  # two keys on a line
        edges = [self._top, *self._ends]
        gaps = [self._lines[edge:start] for edge, start in zip(edges, self._starts, strict=False)]
        bodies = [self._lines[start:end] for start, end in zip(self._starts, self._ends, strict=True)]
        if item.strip():  # the first key stands behind the dash of a list
            if any(line.strip() for gap in gaps for line in gap):
                return
            bodies[0] = [" " * len(item) + bodies[0][0][len(item) :], *bodies[0][1:]]
        empty = [_empty_lines(gap) for gap in gaps]
        moved = []
        for place, source in enumerate(places):
            moved += [""] * empty[place] + gaps[source][empty[source] :] + bodies[source]
        if item.strip():
            moved[0] = item + moved[0][len(item) :]
        self._lines[self._top : self._ends[-1]] = moved

    def _end(self, value: Node, start: int) -> int:
        """Behind the last line of a value, comments included that are further in than the key."""
        end = max(start, *(_last_line(inner, self._lines) for inner in _scalars_and_flows(value))) + 1
        found = end
        while found < len(self._lines):
            line = self._lines[found]
            found += 1
            if not line.strip():
                continue
            if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) <= self._column:
                break
            end = found
        return end

    def _behind_the_head(self) -> int:
        """Behind what stays at the top of a file: all up to the last empty line, and the line for editors."""
        top = 0
        for number, line in enumerate(self._lines[: self._first]):
            if not line.strip() or not line.startswith("#") or _EDITOR_LINE.match(line):
                top = number + 1
        return top


def _scalars_and_flows(node: Node) -> Iterator[Node]:
    """What lies in a value and ends where it says: words, texts, and what stands in brackets."""
    if isinstance(node, ScalarNode) and not node.value and not node.style:
        return  # nothing is written there, and its place is that of whatever comes next
    if isinstance(node, ScalarNode) or getattr(node, "flow_style", False):
        yield node
        return
    for item in node.value:
        for inner in item if isinstance(item, tuple) else (item,):
            yield from _scalars_and_flows(inner)


def _last_line(node: Node, lines: Sequence[str]) -> int:
    end: int = node.end_mark.line
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        end -= node.end_mark.column == 0 or end >= len(lines)
        while end > node.start_mark.line and not lines[end].strip():
            end -= 1
    return end


def _empty_lines(gap: Sequence[str]) -> int:
    """How many empty lines stand at its beginning."""
    return next((number for number, line in enumerate(gap) if line.strip()), len(gap))


def _tidy(lines: Sequence[str]) -> str:
    """Without spaces at the ends of lines and more than one empty line, where these are no part of a text."""
    text = "\n".join(lines)
    inside = _lines_of_texts(YAML(typ="safe", pure=True).compose(text))
    kept: list[str] = []
    for number, line in enumerate(lines):
        if number in inside:
            kept.append(line)
        elif line.strip() or (kept and kept[-1].strip()):
            kept.append(line.rstrip())
    while kept and not kept[-1].strip():
        kept.pop()
    return "\n".join([*kept, ""])


def _lines_of_texts(node: Node | None) -> set[int]:
    """Numbers of the lines on which a text goes on."""
    if isinstance(node, ScalarNode):
        return set(range(node.start_mark.line + (node.style in ("|", ">")), node.end_mark.line))
    found: set[int] = set()
    for item in () if node is None else node.value:
        for inner in item if isinstance(item, tuple) else (item,):
            found |= _lines_of_texts(inner)
    return found
