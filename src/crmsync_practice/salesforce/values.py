"""Checks the values that clients send and turns them into what the columns hold."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.ids import read_id
from crmsync_practice.salesforce.instants import read_datetime, read_day, to_stamp
from crmsync_practice.salesforce.schema import NUMBER_TYPES, Field

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_LARGEST_INT = 2**31


def to_column(  # noqa: PLR0911 - one return per kind of field
    field: Field, value: Any, *, from_csv: bool = False
) -> Any:
    """The column's value for what a client sent; None empties the field. Raises SalesforceError.

    Texts of other types are read as in Salesforce: numbers, booleans and dates may come as strings, a text field
    does not take a number [MEM]. An empty string is null.
    """
    if value is None or value == "":
        if field.type == "boolean":
            if from_csv:
                return 0
            raise _unreadable(field, value)
        return None
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type in NUMBER_TYPES:
        return _number(field, value)
    if not isinstance(value, str):
        raise _unreadable(field, value)
    if any("\ud800" <= each <= "\udfff" for each in value):
        raise SalesforceError("JSON_PARSER_ERROR", "Invalid UTF-16 surrogate in the request body")
    if field.type in {"date", "datetime"}:
        return _moment(field, value)
    if field.type in {"id", "reference"}:
        return _identifier(field, value)
    return _text(field, value)


def _boolean(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in {"true", "false", "1", "0"}:
        return int(value.lower() in {"true", "1"})
    raise _unreadable(field, value)


def _number(field: Field, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unreadable(field, value)
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise _unreadable(field, value) from error
    if not math.isfinite(number) or abs(number) >= 1e18:
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            fields=[field.name],
        )
    if field.custom and field.precision:
        return _to_scale(field, value, number)
    if field.type != "int":
        return number
    if not number.is_integer():
        raise _unreadable(field, value)
    if abs(number) >= _LARGEST_INT:
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            fields=[field.name],
        )
    return int(number)


def _to_scale(field: Field, value: Any, number: float) -> float:
    """A custom number field rounds to its decimals, and takes so many digits before them [MEM]."""
    rounded = float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP))
    if abs(rounded) >= 10.0 ** (field.precision - field.scale):
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            fields=[field.name],
        )
    return rounded


def _moment(field: Field, value: str) -> str:
    if field.type == "date":
        day = read_day(value) or read_day(value[:10])
        if day is None:
            raise _unreadable(field, value)
        return day.isoformat()
    at = read_datetime(value)
    if at is None:
        day = read_day(value)
        if day is None:
            raise _unreadable(field, value)
        return f"{day.isoformat()}T00:00:00.000+0000"
    return to_stamp(at)


def _identifier(field: Field, value: str) -> str:
    canonical = read_id(value)
    if canonical is None:
        raise SalesforceError(
            "MALFORMED_ID", f"{field.label}: id value of incorrect type: {value[:40]}", fields=[field.name]
        )
    return canonical


def _text(field: Field, value: str) -> str:
    if field.length and len(value) > field.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {value[:60]} (max length={field.length})",
            fields=[field.name],
        )
    if field.restricted and value not in field.picklist:
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {value}",
            fields=[field.name],
        )
    if field.type == "email" and not _EMAIL.fullmatch(value):
        raise SalesforceError(
            "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}", fields=[field.name]
        )
    return value


def _unreadable(field: Field, value: Any) -> SalesforceError:
    kinds = {bool: "BOOLEAN", str: "STRING", int: "NUMBER_INT", float: "NUMBER_FLOAT", type(None): "NULL"}
    kind = kinds.get(type(value), "OBJECT")
    shown = "null" if value is None else str(value)[:60]
    wanted = {"datetime": "datetime", "double": "double", "currency": "double", "percent": "double"}
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {wanted.get(field.type, field.type)} from VALUE_{kind} value {shown} or "
        "request may be missing a required field",
    )
