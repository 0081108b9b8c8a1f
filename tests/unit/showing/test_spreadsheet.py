"""No text of a CRM becomes a formula in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync.showing.spreadsheet import MOST_OF_A_CELL, csv_text, safe

FORMULAS = "=+-@＝＋－＠|%"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+49 30 1234",
        "-2",
        "@SUM(A1)",
        "  =1",
        "\t=1",
        "\r\n=1",
        "\u00a0=1",
        "\ufeff=1",
        "\x00=1",
        "＝1",
        "|cmd",
        "%0A",
    ],
)
def test_what_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe(text).startswith("'")


@pytest.mark.parametrize("text", ["x;=1", "x\t=1", "x\n=1", 'x; "=1'])
def test_what_could_begin_another_cell_is_broken_up(text: str) -> None:
    assert "'=" in safe(text)


@pytest.mark.parametrize("text", ["", "Acme", "a = b", "x-y", "a@b.example", "Zoë, Łukasz", "3 + 4", "5%"])
def test_plain_texts_stay(text: str) -> None:
    assert safe(text) == text


@given(st.lists(st.one_of(st.text(), st.integers(), st.none(), st.floats(allow_nan=False)), min_size=1, max_size=5))
def test_a_row_comes_back_with_as_many_cells_and_no_formula(row: list[str | int | float | None]) -> None:
    text = csv_text(["h"] * len(row), [row])
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == ["h"] * len(row)
    assert [len(one) for one in rows] == [len(row)]
    for written, given_cell in zip(rows[0], row, strict=True):
        if isinstance(given_cell, str):
            assert not written.lstrip().startswith(tuple(FORMULAS))


@pytest.mark.parametrize("first", ["x", "="])
def test_what_no_cell_can_hold_is_cut(first: str) -> None:
    assert safe(first * 32_000).endswith(first)
    assert len(safe(first * 40_000)) == MOST_OF_A_CELL
    assert safe(first * 40_000).endswith("…")


def test_numbers_stay_numbers() -> None:
    assert csv_text(["a", "b", "c"], [[-5, None, "-5"]]) == '"a","b","c"\n-5,"","\'-5"\n'
