"""Days, times, time zones and lengths of iCalendar, read strictly, with the place of whatever cannot be read."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from crmsync.errors import ConfigurationError, Finding
from crmsync.patterns import late_pattern
from crmsync.route.hours.icalendar_text import Component, ContentLine

Moment = date | datetime
"""A day, a wall time (floating), or an instant with its zone."""

FIRST_YEAR, LAST_YEAR = 1000, 9000
"""Some write 9999 for "until further notice"; a day is moved into years that one can count with."""

_MOMENT = late_pattern(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")


class Zone(NamedTuple):
    """A time zone of the file. `name`: an IANA name, or a name of its own that says which rules it has.

    `rules`: its VTIMEZONE, when it is none of the known zones.
    """

    name: str
    zone: tzinfo
    rules: tuple[str, ...] = ()


class Zones:
    """The time zones that a file may name: the well-known ones, and those it describes itself."""

    def __init__(self, file: str, described: Iterable[Component]) -> None:
        self._file = file
        self._described: Mapping[str, Component] = {
            re.sub(r"\\(.)", r"\1", line.value.strip()): each  # escaped here, and not where the zone is used
            for each in described
            if (line := each.get("TZID")) is not None
        }
        self._known: dict[str, Zone] = {}

    def of(self, line: ContentLine) -> Zone | None:
        """The zone that a property names; null = none. Raises `ConfigurationError` when nobody knows it."""
        name = line.parameters.get("TZID", "").strip()
        if not name:
            return None
        if name not in self._known:
            self._known[name] = self._found(name, line)
        return self._known[name]

    def _found(self, name: str, line: ContentLine) -> Zone:
        from icalendar.timezone import tzp  # noqa: PLC0415  (only who has a calendar waits for it)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a vendor's prefix before a known name is well understood
            known = tzp.timezone(name)
        if known is not None:
            return Zone(str(getattr(known, "key", name)), known)
        if name not in self._described:
            raise refused(
                self._file, line, f"the time zone `{name[:60]}` is neither known nor described in the file", _EXPORT
            )
        return self._own(self._described[name])

    def _own(self, described: Component) -> Zone:
        """A zone by its own rules. Its name follows from them: two files may call different zones alike."""
        from icalendar import Timezone  # noqa: PLC0415

        for rule in described.all("RRULE"):
            if "FREQ=YEARLY" not in rule.value.upper():
                raise refused(
                    self._file, rule, "a time zone changes its clock by yearly rules, not by this one", _EXPORT
                )
        rules = "\n".join(each for each in described.text if not each.upper().startswith("TZID"))
        name = f"zone-{hashlib.sha256(rules.encode()).hexdigest()[:24]}"
        text = [f"TZID:{name}" if line.upper().startswith("TZID") else line for line in described.text]
        try:
            zone = Timezone.from_ical("\r\n".join(text) + "\r\n")
            assert isinstance(zone, Timezone)
            return Zone(name, zone.to_tz(), tuple(text))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            place = described.lines[0]
            raise refused(
                self._file, place, f"this time zone cannot be read ({type(error).__name__})", _EXPORT
            ) from None


_EXPORT = "export the calendar again, or name an IANA zone such as Europe/Berlin"


def refused(file: str, line: ContentLine, message: str, hint: str | None) -> ConfigurationError:
    """What is wrong with the value of a line."""
    return ConfigurationError([Finding(file, line.line, line.column, message, hint)])


def moment(file: str, line: ContentLine, zones: Zones, value: str | None = None) -> Moment:
    """The day or time that a line holds (or one of its values)."""
    text = (line.value if value is None else value).strip()
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise refused(file, line, f"`{line.name}` holds no day or time", "write 20261224 or 20261224T130000Z")
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.groups()[:6])
    try:
        written = date(year, month, day)
        year = min(max(year, FIRST_YEAR), LAST_YEAR)
        if year != written.year:
            day = min(day, 28)
        if found[4] is None:
            return date(year, month, day)
        wall = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  (zones follow)
    except ValueError:
        raise refused(file, line, f"`{line.name}`: there is no such day or time", "mend or export it again") from None
    if found[7]:
        return wall.replace(tzinfo=UTC)
    zone = zones.of(line)
    return wall if zone is None else wall.replace(tzinfo=zone.zone)


def length(file: str, line: ContentLine) -> timedelta:
    """What DURATION says."""
    from icalendar.prop import vDuration  # noqa: PLC0415

    try:
        found: timedelta = vDuration.from_ical(line.value.strip())  # type: ignore[no-untyped-call]
        return found
    except (ValueError, OverflowError):
        raise refused(
            file, line, "`DURATION` holds no length of time", "write PT2H for two hours, P3D for days"
        ) from None
