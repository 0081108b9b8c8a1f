"""Cuts in a YAML text, at the places that the parser tells: one value put in, replaced, or taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from crmsync.configuration.list_cuts import Alike, with_items
from crmsync.configuration.on_one_line import flow
from crmsync.configuration.place import GONE, Path
from crmsync.configuration.text_lines import comment_lines, end_of, line_end

NOT_CUT = (LookupError, AttributeError, TypeError, ValueError, YAMLError)
"""What a text raises that is not of the shape that cuts go by, or has no such place."""

_WIDTH = 110
_DEEPER = 2


def cut(text: str, place: Path, said: Any, value: Any, wanted: Any, alike: Alike) -> str:
    """The text with `value` at `place`, where `said` stands now; `wanted`: all that it says then.

    Raises one of `NOT_CUT`.
    """
    above = YAML(typ="safe", pure=True).compose(text)
    outer: tuple[MappingNode, Node, Node] | None = None
    """The entry on lines of its own in whose brackets the place is, and its value as it will be."""
    for key in place[:-1]:
        entry, inner = _entry(above, key)
        wanted = wanted[key]
        if _in_brackets(inner) and not _in_brackets(above) and isinstance(above, MappingNode):
            outer, whole = (above, entry, inner), wanted
        above = inner
    here = [number for number, (key, _) in enumerate(above.value) if str(key.value) == place[-1]]
    if value is GONE:
        return _without_key(text, above, here[0]) if here else text
    if here:
        entry, old = above.value[here[0]]
        items = (
            isinstance(old, SequenceNode) and isinstance(said, list) and isinstance(value, list) and said and value
        )
        start = entry.end_mark.index
        changed = (
            with_items(text, start, said, value, alike) if items else _with_value(text, above, entry, old, value)
        )
    else:
        changed = _with_key(text, above, place[-1], value)
    if outer is None:
        return changed
    start = outer[1].start_mark.index
    long = line_end(changed, start) - start + outer[1].start_mark.column > _WIDTH
    plain = not any(sign in text[start : outer[2].end_mark.index] for sign in "\r\n#")
    return _with_value(text, *outer, whole) if long and plain else changed


def _entry(node: Node, key: str | int) -> tuple[Node, Node]:
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if str(name.value) == key:
                return name, value
    if isinstance(node, SequenceNode) and isinstance(key, int):
        return node.value[key], node.value[key]
    raise LookupError(key)


def _with_value(text: str, above: MappingNode, key: Node, old: Node, value: Any) -> str:
    start = text.index(":", key.end_mark.index) + 1
    indent = " " * (key.start_mark.column + _DEEPER)
    line = f" {flow(value)}"
    short = above.flow_style or not isinstance(value, Mapping) or not value or _fits(key, line)
    if _nothing(old):
        return text[:start] + line + text[start:] if short else _below(text, start, indent, value)
    if _inline(old):
        before, end = text[: old.start_mark.index], old.end_mark.index
        return before + line[1:] + text[end:] if short else _below(text[:start] + text[end:], start, indent, value)
    end = line_end(text, _last_index(old, key))
    rest = line_end(text, start)
    comments = comment_lines(text[rest:end])
    head = text[start:rest] if isinstance(old, MappingNode | SequenceNode) else end_of(text)
    if short:
        return text[:start] + line + head + comments + text[end:]
    return _below(text[:start] + head + comments + text[end:], start, indent, value)


def _fits(key: Node, line: str) -> bool:
    return int(key.end_mark.column) + 1 + len(line) <= _WIDTH


def _below(text: str, start: int, indent: str, value: Mapping[str, Any]) -> str:
    """With a mapping of several lines below the line on which `start` is."""
    end = line_end(text, start)
    return _on_lines(text, end, [*_lines_of(value, indent)])


def _lines_of(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, inner in value.items():
        line = f"{indent}{flow(key)}: {flow(inner)}"
        if isinstance(inner, Mapping) and inner and len(line) > _WIDTH:
            yield f"{indent}{flow(key)}:"
            yield from _lines_of(inner, indent + " " * _DEEPER)
        else:
            yield line


def _with_key(text: str, above: Node, key: str | int, value: Any) -> str:
    if not isinstance(above, MappingNode) or (not above.value and not above.flow_style):
        raise LookupError(key)
    key = str(key)
    told = f"{flow(key)}: {flow(value)}"
    if above.flow_style:
        if not above.value:
            start = above.start_mark.index + 1
            return text[:start] + told + text[above.end_mark.index - 1 :]
        end = _end_of_entry(*above.value[-1])
        return f"{text[:end]}, {told}{text[end:]}"
    first, last = above.value[0][0], above.value[-1]
    indent = " " * first.start_mark.column
    end = line_end(text, _last_index(last[1], last[0]))
    return _on_lines(text, end, [*_lines_of({key: value}, indent)])


def _without_key(text: str, above: MappingNode, number: int) -> str:
    key, value = above.value[number]
    start, end = key.start_mark.index, _end_of_entry(key, value)
    if above.flow_style:
        if number + 1 < len(above.value):
            return text[:start] + text[above.value[number + 1][0].start_mark.index :]
        before = _end_of_entry(*above.value[number - 1]) if number else start
        return text[:before] + text[end:]
    line = start - key.start_mark.column
    if len(above.value) == 1 or text[line:start].strip(" "):
        raise LookupError(key.value)
    end = line_end(text, _last_index(value, key))
    return text[:line] + comment_lines(text[line:end]) + text[end:]


def _on_lines(text: str, at: int, lines: list[str]) -> str:
    """With lines of their own put in at the beginning of a line, or behind the last one."""
    end = end_of(text)
    before = text[:at]
    if before and not before.endswith(("\n", "\r")):
        return before + "".join(end + line for line in lines) + text[at:]
    return before + "".join(line + end for line in lines) + text[at:]


def _nothing(node: Node) -> bool:
    if not isinstance(node, ScalarNode):
        return False
    return not node.value and not node.style


def _inline(node: Node) -> bool:
    """Whether it ends where it says."""
    return node.style not in ("|", ">") if isinstance(node, ScalarNode) else _in_brackets(node)


def _in_brackets(node: Node) -> bool:
    return bool(getattr(node, "flow_style", False))


def _end_of_entry(key: Node, value: Node) -> int:
    end: int = (key if _nothing(value) else value).end_mark.index
    return end


def _last_index(node: Node, key: Node) -> int:
    """Where the last sign of a value stands, or of its key where nothing is there."""
    if _nothing(node):
        index: int = key.end_mark.index
        return index
    if _inline(node):
        return int(node.end_mark.index) - 1
    if isinstance(node, ScalarNode):  # the parser looks on to where the next thing begins
        found = str(node.end_mark.buffer or "")[: node.end_mark.index].rstrip()
        return max(len(found) - 1, int(node.start_mark.index))
    last = node.value[-1]
    return _last_index(last[1], last[0]) if isinstance(last, tuple) else _last_index(last, last)
