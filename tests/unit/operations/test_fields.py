"""Samples of fields, and what of their values may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl
import pytest

from crmsync.contract import RECORD_ID, Choice, FieldKind, NativeField, Page, PullRequest
from crmsync.operations.fields import sample
from crmsync.operations.fields.masking import masked, masked_values
from crmsync.testing.memory_crm import MemoryCrm

FIELDS = (
    NativeField("Budget", "Budget", "picklist", True, (Choice("yes", "Yes"), Choice("no", "No")), kind="choice"),
    NativeField("Interests", "Interests", "multipicklist", True, kind="choices"),
)


def test_a_sample_counts_records_and_each_choice() -> None:
    crm = MemoryCrm(
        {
            "1": {"Budget": "yes", "Interests": "a;b"},
            "2": {"Budget": None, "Interests": "b"},
            "3": {"Budget": " ", "Interests": None},
        }
    )
    found = sample.sample_of(crm, "Lead", FIELDS)
    assert (found.records, found.whole) == (3, True)
    assert found.fields["Budget"].counted == {"yes": 1}
    assert found.fields["Interests"].counted == {"a": 1, "b": 2}
    assert (found.share("Budget"), found.share("Interests"), found.share("Other")) == (0.3333, 0.6667, None)


class Paged(MemoryCrm):
    """Pages of 600 records; keeps what each request named."""

    def __init__(self, records: int) -> None:
        super().__init__({})
        self.there = records
        self.asked: list[tuple[str, ...]] = []

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Without an end that anybody waits for."""
        self.asked.append(request.fields)
        for start in range(0, self.there, 600):
            ids = [str(number) for number in range(start, min(start + 600, self.there))]
            frame = pl.DataFrame({RECORD_ID: ids, **{name: ["x"] * len(ids) for name in request.fields}})
            yield Page(frame, cursor="end" if start + 600 >= self.there else None)


@pytest.mark.parametrize(
    ("there", "records", "whole"), [(599, 599, True), (1200, 1200, True), (1201, 1200, False), (9000, 1200, False)]
)
def test_enough_records_are_read_and_no_more(there: int, records: int, whole: bool) -> None:
    found = sample.sample_of(Paged(there), "Lead", FIELDS)
    assert (found.records, found.whole) == (records, whole)


def test_many_fields_are_asked_for_in_several_questions() -> None:
    crm = Paged(10)
    fields = [
        NativeField(f"Field_with_a_long_name_{number}__c", "", "string", True, kind="text") for number in range(900)
    ]
    found = sample.sample_of(crm, "Lead", fields)
    assert len(crm.asked) > 1
    assert all(sum(map(len, names)) <= 12_000 for names in crm.asked)
    assert [name for names in crm.asked for name in names] == [field.name for field in fields] == list(found.fields)


@pytest.mark.parametrize(
    ("value", "shape"),
    [("Ada Lovelace", "A*** L***"), ("ada@lovelace.example", "a***@e***"), ("+49 711 12345", "99 999 99999"),
     ("", ""), ("@", "@"), ("one two three four", "o*** t*** t*** ..."), ("–", "")],
)  # fmt: skip
def test_a_masked_value_keeps_its_shape(value: str, shape: str) -> None:
    assert masked(value) == shape


@pytest.mark.parametrize(
    ("kind", "personal", "told"),
    [
        ("choice", False, (("Rare", 1), ("Shared", 5))),
        ("text", False, (("R***", 1), ("Shared", 5))),
        ("unknown", False, (("R***", 1), ("Shared", 5))),
        ("text", True, (("R***", 1), ("S***", 5))),
        ("reference", False, ()),
    ],
)
def test_only_what_several_share_is_shown(kind: FieldKind, personal: bool, told: tuple[tuple[str, int], ...]) -> None:
    found = masked_values(Counter({"Shared": 5, "Rare": 1}), kind, personal=personal, most=5)
    assert sorted(found) == sorted(told)


def test_figures_that_all_differ_are_told_by_their_ends() -> None:
    assert masked_values(Counter(["9", "10", "200", "30"]), "number", personal=False, most=5) == (
        ("9", 1),
        ("200", 1),
    )
    assert masked_values(Counter(["9", "9", "9", "10"]), "number", personal=False, most=5) == (("9", 3), ("10", 1))
