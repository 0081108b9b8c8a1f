"""Properties that a program may fill for the people who look at a contact (or a lead): points, bands, days and so on.

They are no qualification properties: nothing is imported into them, and the import shape does not show them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from crmsync_practice.hubspot.definitions import Definition, group_of

NAMES = "crmsync_"
_NUMBERS = ("fit", "engagement", "total", "attempts")
_LISTS: Mapping[str, list[str]] = {"fit_band": ["A", "B", "C"], "engagement_band": ["1", "2", "3"]}
_TEXTS = ("grade", "next_action", "disqualification_reason", "previous_owner", "decided_by")
_LONG_TEXTS = ("reasons", "ask")
_DAYS = {"mql_first": "date", "mql_latest": "date", "sql_first": "datetime", "sql_latest": "date"}


def rep_properties(object_name: str) -> Iterator[Definition]:
    """The properties, as an admin would have made them."""
    yield from (replace(each, group=group_of(object_name)) for each in _properties())


def _properties() -> Iterator[Definition]:
    yield from (_property(name, "number", "number") for name in _NUMBERS)
    yield from (_property(name, "enumeration", "select").with_options(values) for name, values in _LISTS.items())
    yield from (_property(name, "string", "text") for name in _TEXTS)
    yield from (_property(name, "string", "textarea") for name in _LONG_TEXTS)
    yield from (_property(name, kind, "date") for name, kind in _DAYS.items())
    yield _property("hot", "bool", "booleancheckbox")


def _property(name: str, kind: str, field_type: str) -> Definition:
    return Definition(
        name=f"{NAMES}{name}",
        label=f"crmsync {name.replace('_', ' ')}",
        type=kind,
        field_type=field_type,
        group=group_of("contacts"),
        standard=False,
        form_field=kind in ("string", "number", "enumeration"),
    )
