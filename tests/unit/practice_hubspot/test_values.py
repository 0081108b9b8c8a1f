"""Which values a property takes and how they are stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync_practice.hubspot.definitions import Definition, Option
from crmsync_practice.hubspot.instants import MAX_MS, MIN_MS, iso, parse_day, parse_ms, to_ms
from crmsync_practice.hubspot.values import ValueRefused, checked

OPTIONS = (Option("a", "A", 0), Option("b", "B", 1), Option("c d", "C", 2))


def _property(kind: str, field_type: str = "text", **more: Any) -> Definition:
    return Definition("p", "P", kind, field_type, "g", **more)


FIRST, LAST = (datetime.fromisoformat(text) for text in ("0001-01-03", "9999-12-30"))
TEXT, NUMBER = _property("string"), _property("number", "number")
CHOICE = _property("enumeration", "select", options=OPTIONS)
MANY = _property("enumeration", "checkbox", options=OPTIONS)
OWNER = _property("enumeration", "select", external=True)
INSTANT, DAY, FLAG = _property("datetime", "date"), _property("date", "date"), _property("bool", "booleancheckbox")


@pytest.mark.parametrize(
    ("definition", "value", "stored"),
    [
        (TEXT, "x ", "x "), (TEXT, 12, "12"), (TEXT, True, "true"), (TEXT, "", None), (TEXT, None, None),
        (NUMBER, 12, "12"), (NUMBER, "12.50", "12.5"), (NUMBER, 12.0, "12"), (NUMBER, "007", "7"),
        (NUMBER, "1e3", "1000"), (NUMBER, " 5 ", "5"), (NUMBER, "-.5", "-0.5"), (NUMBER, "", None),
        (CHOICE, "c d", "c d"), (CHOICE, "", None), (OWNER, "41629700", "41629700"),
        (MANY, "a;b", "a;b"), (MANY, "a;;a", "a"), (MANY, "", None),
        (INSTANT, "2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000Z"),
        (INSTANT, "2026-11-20T10:00:00.1239+02:00", "2026-11-20T08:00:00.123Z"),
        (INSTANT, 1795168800000, "2026-11-20T10:00:00.000Z"), (INSTANT, "1795168800000", "2026-11-20T10:00:00.000Z"),
        (INSTANT, "2026-11-20", "2026-11-20T00:00:00.000Z"),
        (DAY, "2026-11-20", "2026-11-20"), (DAY, "1795132800000", "2026-11-20"),
        (FLAG, True, "true"), (FLAG, "FALSE", "false"),
    ],
)  # fmt: skip
def test_stored(definition: Definition, value: Any, stored: str | None) -> None:
    assert checked(value, definition) == stored


@pytest.mark.parametrize(
    ("definition", "value", "code"),
    [
        (NUMBER, "1,000", "INVALID_LONG"), (NUMBER, "N/A", "INVALID_LONG"), (NUMBER, "nan", "INVALID_LONG"),
        (NUMBER, "1e999", "INVALID_LONG"), (NUMBER, "١٢", "INVALID_LONG"),
        (CHOICE, "A", "INVALID_OPTION"), (CHOICE, "a;b", "INVALID_OPTION"), (MANY, "a;x", "INVALID_OPTION"),
        (INSTANT, "soon", "INVALID_DATE"), (INSTANT, "9" * 15, "INVALID_DATE"),
        (DAY, "2026-02-30", "INVALID_DATE"), (DAY, "1795168800000", "INVALID_DATE"),
        (FLAG, "yes", "INVALID_BOOLEAN"), (TEXT, "x" * 70_000, "INVALID_STRING"),
    ],
)  # fmt: skip
def test_refused(definition: Definition, value: Any, code: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        checked(value, definition)
    assert refused.value.code == code


def test_a_leading_semicolon_appends() -> None:
    assert checked(";b", MANY, "a") == "a;b"
    assert checked(";a", MANY, "a") == "a"
    assert checked(";b", MANY, None) == "b"


def test_addresses_are_kept_in_lower_case() -> None:
    assert checked("A@X.Example", Definition("email", "E", "string", "text", "g")) == "a@x.example"


@given(st.integers(MIN_MS, MAX_MS))
def test_instants_are_text_and_back(ms: int) -> None:
    assert parse_ms(iso(ms)) == ms


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
def test_instants_order_as_texts(at: datetime) -> None:
    assert iso(to_ms(at)) <= iso(to_ms(at) + 1)


@given(st.text(max_size=20))
def test_any_text_is_an_instant_or_none(text: str) -> None:
    ms = parse_ms(text)
    assert ms is None or MIN_MS <= ms <= MAX_MS
    assert parse_day(text) is None or len(parse_day(text) or "") == 10
