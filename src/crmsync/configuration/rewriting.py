"""One value of a YAML text changed, and nothing else: every other line stays as somebody wrote it, with its comments.

The text is cut at the places that the parser tells, and never written anew. Comments that have a line of their own
stay even where what they stand in goes, and what stays in a list keeps those behind it. What comes out is read again:
it says what was wanted, or is not given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmsync.configuration.document import read_document
from crmsync.configuration.place import GONE, Path
from crmsync.configuration.typed_text import BYTE_ORDER_MARK
from crmsync.errors import ConfigurationError, UsageError

_HINT = "change this file in an editor; it is written in a way that cannot be changed from here"


def rewritten(text: str, file: str, place: Path, value: Any) -> str:
    """The text with `value` at `place`, keys all the way. Keys that are not there yet come behind the others; a
    list of mappings is changed mapping by mapping.

    Raises `ConfigurationError` for a text that crmsync cannot read, `UsageError` for one that cannot
    be changed there.
    """
    from crmsync.configuration.cutting import NOT_CUT, cut  # noqa: PLC0415 - 10 ms, and only editors change files

    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    body = text.removeprefix(BYTE_ORDER_MARK)
    document = read_document(_plain_ends(body), file)
    wanted = _put(document.data, place, value)
    for where, old, new in list(_differences(document.data, wanted, ())):
        try:
            body = cut(body, where, old, new, wanted, _alike)
        except NOT_CUT:
            body = text
            break
    try:
        said = read_document(_plain_ends(body), file).data
    except ConfigurationError:
        said = GONE
    if not _alike(said, wanted):
        found = document.error(place, "this cannot be changed here", _HINT, at_key=True).findings[0]
        raise UsageError(f"{found.file}:{found.line}: {found.message}", hint=_HINT)
    return mark + body


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _put(data: Any, place: Path, value: Any) -> Any:
    """A copy of the data with the value in its place."""
    if not place:
        return value
    inner = data if isinstance(data, Mapping) else {}
    return {**inner, str(place[0]): _put(inner.get(place[0]), place[1:], value)}


def _differences(old: Any, new: Any, place: Path) -> Iterator[tuple[Path, Any, Any]]:
    """(place, what stands there, what does from now on) of the smallest parts that differ; `GONE`: nothing."""
    if _alike(old, new):
        return
    if _lists_of_mappings(old, new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, (*place, number))
        return
    if not (isinstance(old, Mapping) and isinstance(new, Mapping) and old and (set(old) & set(new) or not place)):
        yield place, old, new
        return
    for key in old:
        if key in new:
            yield from _differences(old[key], new[key], (*place, key))
    yield from (((*place, key), GONE, new[key]) for key in new if key not in old)
    yield from (((*place, key), old[key], GONE) for key in old if key not in new)


def _lists_of_mappings(old: Any, new: Any) -> bool:
    """Whether each mapping of a list is another wording of the one at its place; else the list is put anew."""
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return False
    return all(
        _alike(one, other) or (isinstance(one, Mapping) and isinstance(other, Mapping) and set(one) & set(other))
        for one, other in zip(old, new, strict=True)
    )


def _alike(one: Any, other: Any) -> bool:
    """Whether both say the same; to YAML, 1 is not true and "1" is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    same: bool = type(one) is type(other) and one == other
    return same
