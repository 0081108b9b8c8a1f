"""Indented JSON is, sign by sign, what the standard library's encoder writes."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync.showing.rendering import as_json, as_json_line

TEXTS = st.text() | st.sampled_from(["\ud800", "a\u2028b", "\x00\x7f", "\U0001f600", 'a"b\\c/', "ÄÖ"])
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**30, -0.0, 1e-7, 1e16])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_every_value_is_written_as_by_the_standard_library(value: Any) -> None:
    assert as_json(value) == json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    assert as_json_line(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def test_days_and_instants_are_texts() -> None:
    data = {"day": date(2026, 11, 30), "at": datetime(2026, 11, 30, 9, tzinfo=UTC)}
    assert as_json(data) == '{\n  "day": "2026-11-30",\n  "at": "2026-11-30T09:00:00+00:00"\n}\n'


def test_where_stdout_has_no_umlaut_it_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert as_json({"name": "Jürgen"}) == '{\n  "name": "J\\u00fcrgen"\n}\n'


def test_what_has_no_shape_in_json_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no shape in JSON"):
        as_json({"a": {1}})
