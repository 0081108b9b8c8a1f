"""What `check --data` counts of pages that tell a record twice."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl

from crmsync.contract import Page
from crmsync.operations.check import data
from crmsync.operations.check.connections import ConnectionCheck
from crmsync.operations.check.data_counts import DataCheck


def counted(*pages: dict[str, list[str]]) -> tuple[list[dict[str, Any]], int, list[str]]:
    told = [Page(pl.DataFrame(page), cursor="end" if page is pages[-1] else None) for page in pages]
    opened: Any = SimpleNamespace(
        connector=SimpleNamespace(pull=lambda _: iter(told)), prepared=SimpleNamespace(name="here")
    )
    found = DataCheck()
    frames = data._pages(opened, "Lead", ["A"], found, lambda *_: None)
    return [row for frame in frames for row in frame.to_dicts()], found.read["Lead"], found.cut


def test_a_lead_that_comes_twice_is_one() -> None:
    rows, read, cut = counted(
        {"@id": ["1", "2", "1"], "A": ["old", "b", "new"]}, {"@id": ["2", "3"], "A": ["later", "c"]}
    )
    assert sorted((row["@id"], row["A"]) for row in rows) == [("1", "new"), ("2", "b"), ("3", "c")]
    assert (read, cut) == (3, [])


def test_an_activity_of_two_leads_counts_for_both() -> None:
    rows, read, _ = counted({"@id": ["1", "1", "1"], "@lead": ["a", "b", "a"], "A": ["x", "x", "x"]})
    assert [(row["@id"], row["@lead"]) for row in rows] == [("1", "b"), ("1", "a")]
    assert read == 2


def test_what_could_not_be_read_has_every_key() -> None:
    """As where the mapping is wrong: a program that reads the answer meets empty lists."""
    asked = ConnectionCheck("here", with_data=True, exit_code=2).to_json()
    lists = ("read", "facts", "stages", "unmanaged", "activities", "unnamed")
    assert [asked[key] for key in lists] == [[]] * len(lists)
    assert "facts" not in ConnectionCheck("here").to_json()
