"""Checks one record of the import shape, whole (a line of an import file) or partial (the control API's
`edit`).

Refuses what could not be kept truthfully: types are never guessed, times need a zone,
numbers must be finite. Unknown extra keys are ignored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EARLIEST_YEAR, LATEST_YEAR = 1700, 4000
"""The first and the last year that Salesforce stores; a day within keeps zones and spans from running over."""


class RecordRefused(ValueError):
    """One record does not have the import shape; the text names the key and what is expected."""


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise RecordRefused(f"{key}: expected a text")
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise RecordRefused(f"{key}: expected a text without NUL or lone surrogates")
    return value


def _identifier(value: object, key: str) -> str:
    if not _text(value, key):
        raise RecordRefused(f"{key}: must not be empty")
    return _text(value, key)


def _texts(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise RecordRefused(f"{key}: expected a list of texts")
    return tuple(_text(each, key) for each in value)


def _user_type(value: object, key: str) -> str:
    if value not in ("person", "queue"):
        raise RecordRefused(f"{key}: expected person or queue")
    return str(value)


def _boolean(value: object, key: str) -> bool:
    if not isinstance(value, bool):
        raise RecordRefused(f"{key}: expected true or false")
    return value


def read_time(value: object, key: str) -> datetime:
    """An ISO-8601 time with zone, given back in UTC."""
    try:
        at = datetime.fromisoformat(_text(value, key))
    except ValueError as error:
        raise RecordRefused(f"{key}: expected an ISO-8601 time such as 2026-11-21T09:30:00Z") from error
    if at.tzinfo is None:
        raise RecordRefused(f"{key}: the time has no zone (write 2026-11-21T09:30:00Z or …+01:00)")
    if not EARLIEST_YEAR < at.year < LATEST_YEAR:
        raise RecordRefused(f"{key}: the time is out of range (Salesforce knows the years 1700 to 4000)")
    return at.astimezone(UTC)


def _zone(value: object, key: str) -> str:
    name = _text(value, key)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RecordRefused(f"{key}: unknown time zone (expected a name such as Europe/Berlin)") from error
    return name


def _direction(value: object, key: str) -> str:
    if value not in ("inbound", "outbound"):
        raise RecordRefused(f"{key}: expected inbound, outbound or null")
    return str(value)


def _stage(value: object, key: str) -> str | dict[str, str]:
    if isinstance(value, Mapping):
        unknown = sorted(set(value) - {"salesforce", "hubspot"})
        if unknown:
            raise RecordRefused(f"{key}: only the keys salesforce and hubspot are known")
        return {crm: _text(each, f"{key}.{crm}") for crm, each in value.items() if each is not None}
    return _text(value, key)


def _attributes(value: object, key: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise RecordRefused(f"{key}: expected an object")
    for name, each in value.items():
        if not name:
            raise RecordRefused(f"{key}: an attribute needs a name")
        if isinstance(each, str):
            _text(each, f"{key}.{name}")
        elif isinstance(each, int | float) and not isinstance(each, bool):
            if not math.isfinite(each) or abs(each) > 1e300:
                raise RecordRefused(f"{key}.{name}: expected a finite number")
        elif each is not None and not isinstance(each, bool):
            raise RecordRefused(f"{key}.{name}: expected a text, a number, true, false or null")
    return dict(value)


def _stage_history(value: object, key: str) -> list[dict[str, Any]]:
    """Steps of `{stage, at, by}`, oldest first."""
    if not isinstance(value, list):
        raise RecordRefused(f"{key}: expected a list of steps with stage, at and by")
    steps: list[dict[str, Any]] = []
    for number, step in enumerate(value):
        where = f"{key}[{number}]"
        if not isinstance(step, Mapping):
            raise RecordRefused(f"{where}: expected an object with stage, at and by")
        at = read_time(step.get("at"), f"{where}.at")
        if steps and at < steps[-1]["at"]:
            raise RecordRefused(f"{where}.at: is before the step before it; the oldest comes first")
        stage, by = step.get("stage"), step.get("by")
        steps.append(
            {
                "stage": None if stage is None else _stage(stage, f"{where}.stage"),
                "at": at,
                "by": None if by is None else _identifier(by, f"{where}.by"),
            }
        )
    return steps


_CHECKS: dict[str, dict[str, Callable[[object, str], Any]]] = {
    "users": {
        "id": _identifier,
        "type": _user_type,
        "name": _text,
        "email": _text,
        "roles": _texts,
        "active": _boolean,
        "team": _text,
        "territories": _texts,
        "timezone": _zone,
    },
    "leads": {
        "id": _identifier,
        "email": _text,
        "first_name": _text,
        "last_name": _text,
        "company": _text,
        "owner": _identifier,
        "stage": _stage,
        "created_at": read_time,
        "modified_at": read_time,
        "attributes": _attributes,
    },
    "activities": {
        "id": _identifier,
        "lead": _identifier,
        "kind": _identifier,
        "at": read_time,
        "direction": _direction,
        "outcome": _text,
        "by": _identifier,
        "subject": _text,
    },
}
_EDIT_CHECKS: dict[str, dict[str, Callable[[object, str], Any]]] = {
    "users": {},
    "leads": {"deleted": _boolean, "merged_into": _identifier, "converted": _boolean},
    "activities": {"deleted": _boolean},
}
"""What only an edit can say: a person deleted, merged or converted the record."""
_IMPORT_CHECKS: dict[str, dict[str, Callable[[object, str], Any]]] = {"leads": {"stage_history": _stage_history}}
"""What only an import can say: an edit makes history, it does not tell it."""
_REQUIRED = {
    "users": ("id", "type"),
    "leads": ("id", "created_at"),
    "activities": ("id", "lead", "kind", "at"),
}


def read_record(table: str, record: object, *, partial: bool = False) -> dict[str, Any]:
    """The record's known keys, checked and converted (times to aware UTC); keys that are absent stay
    absent.

    A null counts as absent in a whole record; in a partial one it stays, meaning "make it empty". Raises
    RecordRefused.
    """
    if not isinstance(record, Mapping):
        raise RecordRefused("expected one JSON object")
    checked: dict[str, Any] = {}
    checks = _CHECKS[table] | (_EDIT_CHECKS[table] if partial else _IMPORT_CHECKS.get(table, {}))
    for key, check in checks.items():
        if key not in record:
            continue
        if record[key] is not None:
            checked[key] = check(record[key], key)
        elif partial:
            checked[key] = None
    required = ("id",) if partial else _REQUIRED[table]
    for key in required:
        if checked.get(key) is None:
            raise RecordRefused(f"{key}: missing")
    return checked


def read_edit(payload: object) -> dict[str, Any]:
    """The body of `POST /_practice/edit`: `{users, leads, activities, by}`, all optional, records partial.

    Leads may also say `deleted`, `converted` (true) and `merged_into` (a lead), activities `deleted`.
    """
    if not isinstance(payload, Mapping):
        raise RecordRefused("expected one JSON object with users, leads, activities and by")
    edit: dict[str, Any] = {"by": None if payload.get("by") is None else _identifier(payload["by"], "by")}
    for table in _CHECKS:
        records = payload.get(table) or []
        if not isinstance(records, list):
            raise RecordRefused(f"{table}: expected a list")
        edit[table] = []
        for index, record in enumerate(records):
            try:
                edit[table].append(read_record(table, record, partial=True))
            except RecordRefused as error:
                raise RecordRefused(f"{table}[{index}].{error}") from error
    return edit
