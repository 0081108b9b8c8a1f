"""Native text and frames follow the contract's rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync.sdk import instants_as_text, native_column, native_frame, native_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        (" x ", " x "),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (250, "250"),
        (250.0, "250"),
        (1234.5, "1234.5"),
        (1e22, "10000000000000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (Decimal("10.500"), "10.5"),
        (Decimal("1E+3"), "1000"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (datetime(2026, 1, 31, 10, 30, tzinfo=timezone(timedelta(hours=1))), "2026-01-31T09:30:00Z"),
        (datetime(2026, 1, 31, 9, 30, 0, 120000, tzinfo=UTC), "2026-01-31T09:30:00.120Z"),
        (date(2026, 1, 31), "2026-01-31"),
        (["b", None, "", "a"], "b;a"),
        ([], None),
        ({"city": "Bonn", "a": 1}, '{"a":1,"city":"Bonn"}'),
    ],
)
def test_native_text(value: object, text: str | None) -> None:
    assert native_text(value) == text


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        native_text(datetime(2026, 1, 31, 9, 30))  # noqa: DTZ001


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_text_keeps_the_number_and_has_no_exponent(number: float) -> None:
    text = native_text(number)
    assert text is not None
    assert float(text) == number
    assert "e" not in text.lower()


@given(st.lists(st.one_of(st.none(), st.text(), st.booleans(), st.integers(), st.floats())))
def test_a_column_is_native_text_of_each_value(values: list[object]) -> None:
    column = native_column("x", values)
    assert column.dtype == pl.String
    assert column.to_list() == [native_text(value) for value in values]


def test_a_frame_has_the_ids_and_each_field_once_all_text() -> None:
    rows = [{"@id": "1", "@lead": "9", "A": 1.0}, {"@id": "2", "@lead": "8", "B": True, "C": "not asked for"}]
    frame = native_frame(rows, ["B", "A", "B"], leads=True)
    assert frame.columns == ["@id", "@lead", "B", "A"]
    assert set(frame.dtypes) == {pl.String}
    assert frame.rows() == [("1", "9", None, "1"), ("2", "8", "true", None)]


def test_no_rows_give_an_empty_frame_of_the_same_shape() -> None:
    frame = native_frame([], ["A"])
    assert frame.columns == ["@id", "A"]
    assert set(frame.dtypes) == {pl.String}
    assert frame.height == 0


def test_instants_of_the_wire_become_utc_with_z() -> None:
    wire = {
        "2026-01-31T09:30:00.000+0000": "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00Z": "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00.000Z": "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00+00:00": "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00.120Z": "2026-01-31T09:30:00.120Z",
        "2026-01-31T11:30:00+02:00": "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00": "2026-01-31T09:30:00",
        "2026-01-31": "2026-01-31",
        "2026-13-31T09:30:00Z": "2026-13-31T09:30:00Z",
        "wizZ": "wizZ",
        "a.b": "a.b",
    }
    for texts in (list(wire), *([text] for text in wire)):
        frame = pl.DataFrame({"at": [*texts, None], "other": [*texts, None]})
        rewritten = instants_as_text(frame, ["at"])
        assert rewritten["at"].to_list() == [*(wire[text] for text in texts), None]
        assert rewritten["other"].equals(frame["other"])
