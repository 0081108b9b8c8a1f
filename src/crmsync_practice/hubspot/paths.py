"""From a request's path to a handler: version families are one, then a table of path patterns.

`/crm/objects/2026-03/…` and the like are rewritten to the `/crm/v3` or `/crm/v4` form (wire notes, section 8); the
wire shapes are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.portal import Portal

Handler = Callable[[Portal, Call], Answer]
_DATE = re.compile(r"20[0-9]{2}-(03|09)(-beta)?")
_VERSION = re.compile(r"v[0-9]|20[0-9]{2}-(03|09)(-beta)?")

_VERSIONED = {
    "crm-object-schemas": ("crm", "v3"),
    "account-info": ("account-info", "v3"),
    "oauth": ("oauth", "v1"),
}
"""Paths whose second segment is the version, with the form they are served under."""


@dataclass(frozen=True)
class Route:
    """One operation. `scope` may hold `{scope}` for the object's; `writes` opens a transaction; `signed` asks for a
    token; `search` counts against the search limit.
    """

    method: str
    pattern: tuple[str, ...]
    handler: Handler
    scope: str | None = None
    writes: bool = False
    signed: bool = True
    search: bool = False

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """The path parameters when the pattern fits, else None."""
        if len(segments) != len(self.pattern):
            return None
        found = {}
        for wanted, given in zip(self.pattern, segments, strict=True):
            if wanted.startswith("{"):
                if not given:
                    return None
                found[wanted[1:-1]] = given
            elif wanted != given:
                return None
        return found


def segments_of(raw_path: str) -> tuple[str, ...]:
    """The decoded segments of a percent-encoded path; a trailing slash does not matter."""
    parts = raw_path.strip("/").split("/")
    return tuple(unquote(part, errors="replace") for part in parts)


def canonical(segments: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """The `/crm/v3` or `/crm/v4` form of a path, and whether it was a date-versioned one."""
    if len(segments) < 2:
        return segments, False
    if segments[0] == "crm" and len(segments) >= 3 and _DATE.fullmatch(segments[2]):
        family, rest = segments[1], segments[3:]
        version = "v4" if family == "associations" or "associations" in rest else "v3"
        return ("crm", version, family, *rest), True
    if segments[:3] == ("crm", "v4", "objects") and "associations" not in segments:
        return ("crm", "v3", *segments[2:]), False
    if segments[:2] == ("marketing", "forms") and len(segments) >= 3 and _DATE.fullmatch(segments[2]):
        return ("marketing", "v3", "forms", *segments[3:]), True
    own_version = _VERSIONED.get(segments[0])
    if own_version is not None and _VERSION.fullmatch(segments[1]):
        return (*own_version, *segments[2:]), not segments[1].startswith("v")
    return segments, False


class Table:
    """All routes, found by method and number of segments."""

    def __init__(self, routes: list[Route]) -> None:
        self._by_length: dict[int, list[Route]] = {}
        for route in routes:
            self._by_length.setdefault(len(route.pattern), []).append(route)

    def find(self, method: str, segments: tuple[str, ...]) -> tuple[Route, dict[str, str]] | None:
        """The route and its path parameters; the first that fits wins."""
        for route in self._by_length.get(len(segments), ()):
            if route.method == method:
                found = route.match(segments)
                if found is not None:
                    return route, found
        return None

    def knows(self, segments: tuple[str, ...]) -> bool:
        """Whether some method is served at this path."""
        return any(route.match(segments) is not None for route in self._by_length.get(len(segments), ()))
