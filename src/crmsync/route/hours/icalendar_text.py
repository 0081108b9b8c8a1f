"""An iCalendar text (RFC 5545) as components whose every line knows where it stands in the file.

Only what an absence may depend on is kept; alarms, attendees and descriptions of meetings are passed over unread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from crmsync.errors import ConfigurationError, Finding
from crmsync.patterns import late_pattern

LARGEST_EVENT_COUNT = 50_000

_LINE = late_pattern(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):')
_PARAMETER = late_pattern(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)')
_CUT_OFF = "the file is cut off; export or download it again"
_DAMAGED = "export or download the file again; a line that continues the one above begins with a space"


class ContentLine(Struct, frozen=True):
    """One property. `name` and the names of parameters are in capitals; `column` is the value's."""

    name: str
    parameters: Mapping[str, str]
    value: str
    line: int
    column: int


class Component(Struct, frozen=True):
    """An event, or the description of a time zone. `text`: its lines as they stand, unfolded."""

    name: str
    line: int
    lines: tuple[ContentLine, ...]
    text: tuple[str, ...]

    def get(self, name: str) -> ContentLine | None:
        """The first property with this name."""
        return next((line for line in self.lines if line.name == name), None)

    def all(self, name: str) -> list[ContentLine]:
        """Every property with this name."""
        return [line for line in self.lines if line.name == name]


def components(text: str, file: str, wanted: Collection[str]) -> list[Component]:
    """The file's VEVENT and VTIMEZONE components; of events only the properties in `wanted` are kept.

    Raises `ConfigurationError` with the place of the first line that cannot be read.
    """
    reader = _TextReader(file, frozenset(wanted))
    number = 1
    for number, line in _unfolded(text):
        if line.strip():
            reader.take(number, line)
    reader.end(number)
    return reader.found


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """(line of the file, logical line): what begins with a space or a tab continues the line above."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        bare = line.removesuffix("\r")
        if bare[:1] in (" ", "\t") and parts:
            parts.append(bare[1:])
            continue
        if parts:
            yield start, "".join(parts)
        start, parts = number, [bare]
    if parts:
        yield start, "".join(parts)


class _TextReader:
    """Follows BEGIN and END."""

    def __init__(self, file: str, wanted: frozenset[str]) -> None:
        self.found: list[Component] = []
        self._file = file
        self._wanted = wanted
        self._open: list[tuple[str, int]] = []
        self._begun = False
        self._lines: list[ContentLine] = []
        self._text: list[str] = []
        self._events = 0

    def take(self, number: int, line: str) -> None:
        """One logical line."""
        found = _LINE.match(line)
        name = found[1].upper() if found else ""
        if not self._begun and line.strip().upper() != "BEGIN:VCALENDAR":
            message = "this is no iCalendar file: it does not begin with BEGIN:VCALENDAR"
            raise self._refused(number, message, "export the calendar as .ics")
        if found is None:
            raise self._refused(number, "this line is no `NAME:value` of iCalendar", _DAMAGED)
        value = line[found.end() :]
        if name == "BEGIN":
            self._begin(number, value.strip().upper())
        elif name == "END":
            self._end(number, value.strip().upper())
        elif self._is_kept(name):
            parameters = {each[1].upper(): each[2].strip('"') for each in _PARAMETER.finditer(found[2])}
            self._lines.append(ContentLine(name, parameters, value, number, found.end() + 1))
        if self._component() == "VTIMEZONE":
            self._text.append(line)

    def end(self, number: int) -> None:
        """The end of the file."""
        if self._open:
            name, line = self._open[-1]
            raise self._refused(number, f"the file ends within {name}, which begins on line {line}", _CUT_OFF)
        if not self._begun:
            raise self._refused(1, "this file is empty", "export the calendar as .ics")

    def _component(self) -> str:
        """The event or time zone that is open, or nothing."""
        return self._open[1][0] if len(self._open) > 1 else ""

    def _is_kept(self, name: str) -> bool:
        component = self._component()
        return component == "VTIMEZONE" or (component == "VEVENT" and len(self._open) == 2 and name in self._wanted)

    def _begin(self, number: int, name: str) -> None:
        self._begun = True
        self._open.append((name, number))
        if len(self._open) == 2:
            self._lines, self._text = [], []
        if self._component() == "VEVENT" and len(self._open) == 2:
            self._events += 1
            if self._events > LARGEST_EVENT_COUNT:
                message = f"the file has more than {LARGEST_EVENT_COUNT:,} events; so many are not read"
                raise self._refused(number, message, "export a calendar of absences, or fewer years")

    def _end(self, number: int, name: str) -> None:
        if not self._open or self._open[-1][0] != name:
            inside = f"{self._open[-1][0]} of line {self._open[-1][1]} is open" if self._open else "nothing is open"
            raise self._refused(number, f"`END:{name[:40]}` where {inside}", _DAMAGED)
        _, line = self._open.pop()
        if len(self._open) == 1 and name in ("VEVENT", "VTIMEZONE"):
            text = (*self._text, f"END:{name}") if name == "VTIMEZONE" else ()
            self.found.append(Component(name, line, tuple(self._lines), text))

    def _refused(self, number: int, message: str, hint: str) -> ConfigurationError:
        return ConfigurationError([Finding(self._file, number, 1, message, hint)])
