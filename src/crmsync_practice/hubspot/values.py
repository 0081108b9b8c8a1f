"""Checks a property value that a client writes and gives the text to store.

HubSpot stores every value as text: numbers `12`, booleans `true`, datetimes ISO-8601 with ms and `Z`, dates
`YYYY-MM-DD`, multi-select `a;b` (wire notes, section 2.1). An empty text or null clears (section 2.3).
"""

from __future__ import annotations

import math
import re

from crmsync_practice.hubspot.definitions import Definition
from crmsync_practice.hubspot.instants import iso, parse_day, parse_ms

Scalar = str | int | float | bool | None
MAX_TEXT = 65_536


class ValueRefused(Exception):
    """A value the property does not take: HubSpot's error code and its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def scalar_text(value: Scalar) -> str:
    """A JSON scalar as HubSpot writes it: `true`, `12`, `12.5`, and text as it is; null is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return str(value)


def number_text(value: float) -> str:
    """A number without a needless fraction: `12`, `12.5`."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _number(text: str) -> str:
    if not re.fullmatch(r"[+-]?([0-9]{1,300}(\.[0-9]{0,300})?|\.[0-9]{1,300})([eE][+-]?[0-9]{1,3})?", text):
        raise ValueRefused("INVALID_LONG", f"{text[:100]} was not a valid number.")
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return str(int(text))
    value = float(text)
    if not math.isfinite(value):
        raise ValueRefused("INVALID_LONG", f"{text[:100]} was not a valid number.")
    return number_text(value)


def _choice(text: str, definition: Definition) -> str:
    if text not in definition.values and (definition.options or not definition.external):
        allowed = ", ".join(option.value for option in definition.options)
        raise ValueRefused("INVALID_OPTION", f"{text[:100]} was not one of the allowed options: [{allowed[:2000]}]")
    return text


def _choices(text: str, definition: Definition, current: str | None) -> str:
    """A multi-select: `a;b` replaces, a leading `;` appends to what is there (DOC, section 2.3)."""
    chosen = list((current or "").split(";")) if text.startswith(";") else []
    chosen += [_choice(part, definition) for part in text.split(";") if part]
    return ";".join(dict.fromkeys(part for part in chosen if part))


def _boolean(text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise ValueRefused("INVALID_BOOLEAN", f"{text[:100]} was not a valid boolean.")
    return text.lower()


def _instant(text: str) -> str:
    ms = parse_ms(text)
    if ms is None:
        raise ValueRefused("INVALID_DATE", f"{text[:100]} was not a valid long.")
    return iso(ms)


def _day(text: str) -> str:
    day = parse_day(text)
    if day is None:
        raise ValueRefused("INVALID_DATE", f"{text[:100]} is not at midnight UTC.")
    return day


_BY_TYPE = {"number": _number, "bool": _boolean, "datetime": _instant, "date": _day}


def checked(value: Scalar, definition: Definition, current: str | None = None) -> str | None:
    """The text to store, None to clear. Raises ValueRefused.

    `current` is the stored value, which a multi-select may append to.
    """
    text = scalar_text(value)
    if text == "":
        return None
    if definition.multiple:
        return _choices(text, definition, current) or None
    if definition.type == "enumeration":
        return _choice(text, definition)
    if definition.type in _BY_TYPE:
        return _BY_TYPE[definition.type](text.strip())
    if len(text) > MAX_TEXT:
        raise ValueRefused("INVALID_STRING", f"The value is longer than {MAX_TEXT} characters.")
    return text.lower() if definition.name == "email" else text
