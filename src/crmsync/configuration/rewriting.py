"""One value of a YAML text changed, and nothing else: every other line stays as somebody wrote it, with its comments.

The text is cut at the places that the parser tells, and never written anew. Comments that have a line of their own
stay even where what they stand in goes. What comes out is read again: it says what was wanted, or is not given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from crmsync.configuration.document import read_document
from crmsync.configuration.on_one_line import flow
from crmsync.configuration.place import Path
from crmsync.configuration.typed_text import BYTE_ORDER_MARK
from crmsync.errors import ConfigurationError

_WIDTH = 110
_DEEPER = 2
_GONE: Final = object()
_HINT = "change this file in an editor; it is written in a way that cannot be changed from here"


def rewritten(text: str, file: str, place: Path, value: Any) -> str:
    """The text with `value` at `place`, keys all the way. Keys that are not there yet come behind the others.

    Raises `ConfigurationError` for a text that crmsync cannot read, or that cannot be changed there.
    """
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    body = text.removeprefix(BYTE_ORDER_MARK)
    document = read_document(_plain_ends(body), file)
    wanted = _put(document.data, place, value)
    for where, new in list(_differences(document.data, wanted, ())):
        try:
            body = _changed(body, where, new, wanted)
        except (LookupError, AttributeError, TypeError, ValueError, YAMLError):  # not of the shape that cuts go by
            body = text
            break
    try:
        said = read_document(_plain_ends(body), file).data
    except ConfigurationError:
        said = _GONE
    if not _alike(said, wanted):
        raise document.error(place, "this cannot be changed here", _HINT, at_key=True)
    return mark + body


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _put(data: Any, place: Path, value: Any) -> Any:
    """A copy of the data with the value in its place."""
    if not place:
        return value
    inner = data if isinstance(data, Mapping) else {}
    return {**inner, str(place[0]): _put(inner.get(place[0]), place[1:], value)}


def _differences(old: Any, new: Any, place: Path) -> Iterator[tuple[Path, Any]]:
    """(place, what stands there from now on) of the smallest parts that differ; `_GONE`: nothing."""
    if _alike(old, new):
        return
    if not (isinstance(old, Mapping) and isinstance(new, Mapping) and old and (set(old) & set(new) or not place)):
        yield place, new
        return
    for key in old:
        if key in new:
            yield from _differences(old[key], new[key], (*place, key))
    yield from (((*place, key), new[key]) for key in new if key not in old)
    yield from (((*place, key), _GONE) for key in old if key not in new)


def _alike(one: Any, other: Any) -> bool:
    """Whether both say the same; to YAML, 1 is not true and "1" is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    same: bool = type(one) is type(other) and one == other
    return same


def _changed(text: str, place: Path, value: Any, wanted: Any) -> str:
    """One cut. Raises `LookupError` where the text has no such place."""
    above = YAML(typ="safe", pure=True).compose(text)
    outer: tuple[MappingNode, Node, Node] | None = None
    """The entry on lines of its own in whose brackets the place is, and its value as it will be."""
    for key in place[:-1]:
        entry, inner = _entry(above, key)
        wanted = wanted[key]
        if _in_brackets(inner) and not _in_brackets(above):
            outer, whole = (above, entry, inner), wanted
        above = inner
    here = [number for number, (key, _) in enumerate(above.value) if str(key.value) == place[-1]]
    if value is _GONE:
        return _without_key(text, above, here[0]) if here else text
    if here:
        entry, old = above.value[here[0]]
        cut = _with_value(text, above, entry, old, value)
    else:
        cut = _with_key(text, above, place[-1], value)
    if outer is None:
        return cut
    start = outer[1].start_mark.index
    long = _line_end(cut, start) - start + outer[1].start_mark.column > _WIDTH
    plain = not any(sign in text[start : outer[2].end_mark.index] for sign in "\r\n#")
    return _with_value(text, *outer, whole) if long and plain else cut


def _entry(node: Node, key: str | int) -> tuple[Node, Node]:
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if str(name.value) == key:
                return name, value
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
    end = _line_end(text, _last_index(old, key))
    rest = _line_end(text, start)
    comments = _comment_lines(text[rest:end])
    head = text[start:rest] if isinstance(old, MappingNode | SequenceNode) else _end_of(text)
    if short:
        return text[:start] + line + head + comments + text[end:]
    return _below(text[:start] + head + comments + text[end:], start, indent, value)


def _fits(key: Node, line: str) -> bool:
    return int(key.end_mark.column) + 1 + len(line) <= _WIDTH


def _below(text: str, start: int, indent: str, value: Mapping[str, Any]) -> str:
    """With a mapping of several lines below the line on which `start` is."""
    end = _line_end(text, start)
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
    end = _line_end(text, _last_index(last[1], last[0]))
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
    end = _line_end(text, _last_index(value, key))
    return text[:line] + _comment_lines(text[line:end]) + text[end:]


def _on_lines(text: str, at: int, lines: list[str]) -> str:
    """With lines of their own put in at the beginning of a line, or behind the last one."""
    end = _end_of(text)
    before = text[:at]
    if before and not before.endswith(("\n", "\r")):
        return before + "".join(end + line for line in lines) + text[at:]
    return before + "".join(line + end for line in lines) + text[at:]


def _end_of(text: str) -> str:
    """How its lines end."""
    found = text.count("\r\n")
    return "\r\n" if 2 * found > text.count("\n") else "\n" if "\n" in text or "\r" not in text else "\r"


def _line_end(text: str, index: int) -> int:
    """Behind the end of the line on which a sign stands."""
    ends = [found for sign in "\r\n" if (found := text.find(sign, index)) >= 0]
    if not ends:
        return len(text)
    end = min(ends)
    return end + (2 if text.startswith("\r\n", end) else 1)


def _comment_lines(text: str) -> str:
    """Of some lines those that are a comment and nothing else."""
    return "".join(line for line in _whole_lines(text) if line.lstrip(" \t").startswith("#"))


def _whole_lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = _line_end(text, start)
        yield text[start:end]
        start = end


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
