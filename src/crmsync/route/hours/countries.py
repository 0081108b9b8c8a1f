"""Which time zone a country has: by the tables of the time zone database that come with `tzdata`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files  # the tables belong to the zones, which `zoneinfo` reads from the same place
from zoneinfo import ZoneInfo


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country, by its code or English name in ISO 3166, the most populous first; none = unknown."""
    return _zones().get(_codes().get(country.strip().casefold(), ""), ())


def countries() -> tuple[str, ...]:
    """The codes of all that have a zone, in their order."""
    return tuple(sorted(_zones()))


@cache
def one_zone(country: str, year: int) -> str | None:
    """The zone of a country where all clocks show the same on every day of that year; else null."""
    names = zones_of(country)
    return names[0] if len({tuple(_offsets(name, year)) for name in names}) == 1 else None


def _offsets(zone: str, year: int) -> Iterator[timedelta | None]:
    noon, there = datetime(year, 1, 1, 12, tzinfo=UTC), ZoneInfo(zone)
    return ((noon + timedelta(days=day)).astimezone(there).utcoffset() for day in range(366))


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, _, zone, *_ in _rows("zone.tab"):
        found.setdefault(code, []).append(zone)
    return {code: tuple(names) for code, names in found.items()}


@cache
def _codes() -> Mapping[str, str]:
    """What a country may be called, in small letters: its code, its name, the name without what is in brackets."""
    called: dict[str, str] = {}
    for code, name in _rows("iso3166.tab"):
        called |= {each.casefold(): code for each in (code, name, name.partition(" (")[0])}
    return called | {"united kingdom": "GB", "uk": "GB", "great britain": "GB", "usa": "US"}


def _rows(table: str) -> Iterator[list[str]]:
    text = (files("tzdata") / "zoneinfo" / table).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
