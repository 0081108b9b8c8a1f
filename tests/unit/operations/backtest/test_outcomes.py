"""What became of the leads: read from a CSV file, a fact or the stage; mistakes are told with their line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from crmsync.errors import UsageError
from crmsync.operations.backtest.outcomes import outcomes_in, read_outcomes, wanted


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "won.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_with_a_head_and_days(tmp_path: Path) -> None:
    text = "\ufeffLead ID,Won?,On\n00Q1,TRUE,2026-03-01\n\n00Q2,no\n00Q3,\n00Q4,lost,2026-02-01T10:00:00Z\n"
    assert read_outcomes(written(tmp_path, text)).rows() == [
        ("00Q1", True, date(2026, 3, 1)),
        ("00Q2", False, None),
        ("00Q3", None, None),
        ("00Q4", False, date(2026, 2, 1)),
    ]


def test_a_file_without_a_head(tmp_path: Path) -> None:
    assert read_outcomes(written(tmp_path, "1,won\n2,0\n"))["won"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lead,outcome\n1,maybe\n", "won.csv:2: `maybe` is no outcome"),
        ("lead,outcome\n1\n", "won.csv:2: the line has no outcome"),
        ('lead,outcome\n"1,yes\n2,no\n', "each quote opened is closed"),
        ("1,won,soon\n", "won.csv:1: `soon` is not a day"),
        ("1,won,2026-W48-1\n", "won.csv:1: `2026-W48-1` is not a day"),
        ("1,won,0001-01-01\n", "won.csv:1: `0001-01-01` is not between"),
        ("1,won\n1,lost\n", "the lead 1 stands there more than once"),
    ],
)
def test_mistakes_in_a_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_outcomes(written(tmp_path, text))
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_outcomes(tmp_path / "nothing.csv")


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "won.xlsx"
    path.write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        read_outcomes(path)


def leads() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "lead": ["1", "2", "3"],
            "stage": ["sqo", None, "lead"],
            "stage_native": ['{"Status": "Sales Qualified"}', '{"Status": "Closed Won"}', "{}"],
            "fact.deal": ["Won", None, "lost"],
            "fact.bought": [True, None, False],
            "fact.bought_at": [datetime(2026, 3, 1, 23, 30, tzinfo=UTC), None, None],
        },
        schema_overrides={"fact.bought_at": pl.Datetime("us", "UTC")},
    )


@pytest.mark.parametrize(
    ("outcome", "won", "days"),
    [
        ("deal=won", [True, False, False], [None] * 3),
        ("bought", [True, None, False], [None] * 3),
        ("bought_at", [True, False, False], [date(2026, 3, 2), None, None]),
        ("stage=closed won", [False, True, False], [None] * 3),
        ("stage=sqo", [True, False, False], [None] * 3),
    ],
)
def test_facts_and_stages(outcome: str, won: list[bool | None], days: list[date | None]) -> None:
    found = outcomes_in(leads(), wanted(outcome, None), "Europe/Berlin")
    assert found["won"].to_list() == won
    assert found["day"].to_list() == days


def test_one_outcome_must_be_named() -> None:
    for outcome, file in ((None, None), ("deal=won", Path("won.csv"))):
        with pytest.raises(UsageError, match="say what counts as won"):
            wanted(outcome, file)
