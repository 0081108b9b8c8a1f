"""Instants for people: in the zone of the machine that shows them (`TZ` names another), with the zone's name."""

from __future__ import annotations

from datetime import datetime

from crmsync.tongue import ENGLISH, Tongue

_LONGEST_NAME = 5
"""Windows has names such as `W. Europe Standard Time`; there the offset is told."""


def instant(at: datetime, *, in_zone: str = "", tongue: Tongue = ENGLISH) -> str:
    """`2026-11-29 04:49 CET`, to the minute. `in_zone`: the zone that is told beside it already."""
    here = at.astimezone()
    name = zone_name(at)
    return tongue.moment(here) if name == in_zone else f"{tongue.moment(here)} {name}"


def zone_name(at: datetime) -> str:
    """How the zone of this machine is called at that instant: `CET`, `UTC`, or an offset such as `+05:30`."""
    here = at.astimezone()
    name = here.tzname() or ""
    return name if name.isalpha() and len(name) <= _LONGEST_NAME else here.isoformat()[-len("+00:00") :]
