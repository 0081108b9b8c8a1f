"""Reading a YAML text of the plainest kind, in a tenth of the time.

libyaml takes the text apart. What needs a second look is not read here: whatever is wrong, forbidden or seldom is
left to `careful_reading`, which has the words for it. What is read here, both read alike: data and places.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from crmsync.configuration.place import DEEPEST_NESTING, LARGEST_NODE_COUNT, Content, Mark, Path
from crmsync.patterns import late_pattern

_READ_OTHERWISE = late_pattern("[\t\x85\u2028\u2029\ufeff]|^%|[|>][-+0-9]*#", re.MULTILINE)
"""What libyaml takes for something else: tabs, some line breaks, directives, a `#` right after `|` or `>`."""

_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
}
_WHOLE_NUMBER = late_pattern("[-+]?(?:0|[1-9][0-9]{0,17})")
_FRACTION = late_pattern("-?(?:0|[1-9][0-9]{0,14})[.][0-9]{1,15}")
_DAY = late_pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PERHAPS_NO_TEXT = late_pattern(
    r"""|[-+]?(?:[._0-9]+(?:[eE][-+]?[0-9]+)?|0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[.](?:inf|Inf|INF|nan|NaN|NAN))
    |[0-9]{4}[ ]?-.*|<<|=""",
    re.DOTALL | re.VERBOSE,
)
"""Nothing at all, numbers and instants in all their spellings, and a few words that are more."""


class _LeftToTheOther(Exception):
    """The text is not of the plainest kind."""


def read_quickly(text: str) -> Content | None:
    """The text's content; null when it has to be read with care (an empty text, too)."""
    loader = getattr(yaml, "CBaseLoader", None)  # a build of PyYAML without libyaml has none
    if loader is None or _READ_OTHERWISE.search(text):
        return None
    try:
        return _Reader(loader(text)).content()
    except (_LeftToTheOther, yaml.YAMLError, ValueError):
        return None


class _Reader:
    """Turns libyaml's events into data and remembers every place."""

    def __init__(self, events: Any) -> None:
        self._events = events
        self._values: dict[Path, Mark] = {}
        self._keys: dict[Path, Mark] = {}

    def content(self) -> Content:
        self._expect(StreamStartEvent)
        self._expect(DocumentStartEvent)
        top = self._next()
        if isinstance(top, ScalarEvent):
            raise _LeftToTheOther
        data = self._value(top, ())
        self._expect(DocumentEndEvent)
        self._expect(StreamEndEvent)
        return Content(data, self._values, self._keys)

    def _next(self) -> Event:
        event: Event = self._events.get_event()
        return event

    def _expect(self, kind: type[Event]) -> None:
        if not isinstance(self._next(), kind):
            raise _LeftToTheOther

    def _value(self, event: Event, path: Path) -> Any:
        if len(self._values) >= LARGEST_NODE_COUNT or len(path) > DEEPEST_NESTING:
            raise _LeftToTheOther
        self._values[path] = _mark(event)
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        if event.anchor is not None or event.tag is not None:
            raise _LeftToTheOther
        return self._mapping(path) if isinstance(event, MappingStartEvent) else self._sequence(event, path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            key = _key(event)
            if key in result:
                raise _LeftToTheOther
            place = (*path, key)
            mark = self._keys[place] = _mark(event)
            value = self._next()
            if _is_nothing(value):
                result[key], self._values[place] = None, mark
            else:
                result[key] = self._value(value, place)
        return result

    def _sequence(self, event: Event, path: Path) -> list[Any]:
        if not isinstance(event, SequenceStartEvent):
            raise _LeftToTheOther
        result: list[Any] = []
        while not isinstance(item := self._next(), SequenceEndEvent):
            result.append(self._value(item, (*path, len(result))))
        return result


def _key(event: Event) -> str:
    """A key as written, also where it would be a number."""
    _scalar(event)
    return str(event.value)


def _is_nothing(event: Event) -> bool:
    """Whether a key goes without a value."""
    bare = isinstance(event, ScalarEvent) and event.implicit[0] and event.anchor is None and event.tag is None
    return bare and not event.value


def _scalar(event: Event) -> Any:
    if not isinstance(event, ScalarEvent) or event.anchor is not None or event.tag is not None:
        raise _LeftToTheOther
    text = str(event.value)
    return _plain(text) if event.implicit[0] else text


def _plain(text: str) -> Any:
    """What a scalar without quotes means by YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if not _PERHAPS_NO_TEXT.fullmatch(text):
        return text
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    raise _LeftToTheOther


def _mark(event: Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
