"""A value changed in a file, by examples: what the file is from then on, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from crmsync.configuration import rewritten
from crmsync.errors import ConfigurationError, UsageError

BLOCK = """\
# head
facts:  # Fact -> field
  need:   # asked first
    field: Need__c   # why
    # a line of its own
    values:
      Hot: clear
      # old ones
      Cold: none
  # about goals
  goals: {field: Goals__c, type: text}  # behind
stage: x
"""
FACT = {"field": "Need__c", "values": {"Hot": "clear", "Cold": "none"}}


def told(*changes: tuple[str, str]) -> str:
    text = BLOCK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("place", "value", "after"),
    [
        (("facts", "goals"), "unmapped", told(("{field: Goals__c, type: text}", "unmapped"))),
        (("facts", "goals", "field"), "a: b", told(("Goals__c", '"a: b"'))),
        (("facts", "goals", "values"), ["yes"], told(("text}", 'text, values: ["yes"]}'))),
        (("facts", "need", "field"), "X", told(("Need__c", "X"))),
        (
            ("facts", "need"),
            "unmapped",
            "# head\nfacts:  # Fact -> field\n  need: unmapped   # asked first\n    # a line of its own\n"
            "      # old ones\n  # about goals\n  goals: {field: Goals__c, type: text}  # behind\nstage: x\n",
        ),
        (
            ("facts", "need"),
            {**FACT, "values": {"Hot": "some", "Warm": None}},
            told(("Hot: clear", "Hot: some"), ("      Cold: none\n", "      Warm: null\n")),
        ),
        (("facts", "need", "values", "Warm"), "some", told(("Cold: none\n", "Cold: none\n      Warm: some\n"))),
        (
            ("facts", "need"),
            {"field": "Need__c"},
            told(("    values:\n      Hot: clear\n", ""), ("      Cold: none\n", "")),
        ),
        (("facts", "budget"), "unmapped", told(("  # behind\n", "  # behind\n  budget: unmapped\n"))),
        (("owner", "field"), "OwnerId", BLOCK + "owner: {field: OwnerId}\n"),
        (("stage",), "x", BLOCK),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_what_must_change_does(place: tuple[str, ...], value: Any, after: str, end: str, mark: str) -> None:
    assert rewritten(mark + BLOCK.replace("\n", end), "f", place, value) == mark + after.replace("\n", end)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("facts: {}", "facts: {need: unmapped}"),
        ("facts:", "facts: {need: unmapped}"),
        ("facts: {a: 1, need: 2}  # c\n", "facts: {a: 1, need: unmapped}  # c\n"),
        ("a: 1", "a: 1\nfacts: {need: unmapped}"),
        ("facts:\n  need:\n", "facts:\n  need: unmapped\n"),
        ("facts:\n  need: |\n    long\n    text\n\nb: 1\n", "facts:\n  need: unmapped\n\nb: 1\n"),
        ("facts:\n  need: [a,\n    b]  # c\n", "facts:\n  need: unmapped  # c\n"),
    ],
)
def test_files_are_written_in_many_ways(before: str, after: str) -> None:
    assert rewritten(before, "f", ("facts", "need"), "unmapped") == after


LINES = """\
a:
  k:  # all
    - Hot   # burning
    # about warm
    - 'Warm'  # tepid
    - "Cold"  # ice
b: 1"""
SPREAD = """\
a:
  k: [  # all
    Hot,   # burning
    # about warm
    'Warm',  # tepid
    "Cold"  # ice
  ]  # end
b: 1"""


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (LINES, ["Hot", "Cold"], LINES.replace("    - 'Warm'  # tepid\n", "")),
        (LINES, ["Hot", "Warm", "New", "Cold"], LINES.replace("tepid\n", "tepid\n    - New\n")),
        (SPREAD, ["Hot", "Cold"], SPREAD.replace("    'Warm',  # tepid\n", "")),
        (SPREAD, ["Hot", "Warm"], SPREAD.replace('    "Cold"  # ice\n', "").replace("'Warm',", "'Warm'")),
        (SPREAD, ["Hot", "Warm", "Cold", "New"], SPREAD.replace('"Cold"  # ice', '"Cold",  # ice\n    New')),
        ("a: {k: [ 'x', y, z ]}  # c", ["z", "new one", "x"], "a: {k: [ z, new one, 'x' ]}  # c"),
        ("a:\n  k: [x, y,  # both\n     z]", ["x", "z"], "a:\n  k: [x,  # both\n     z]"),
        ("a:\n  k: [x, y,  # both\n     z]", ["z"], "a:\n  k: [z]"),
        ("a:\n  k:\n  - x\n  - y # c", ["y"], "a:\n  k:\n  - y # c"),
        ("a:\n  k:\n  - x", ["x", "z"], "a:\n  k:\n  - x\n  - z"),
        (
            "a:\n  k:\n  - {p: 1}  # c\n  - p: 2  # d\n    # e\n    q: [1,\n  2]\n  - - n\n",
            [["n"], {"p": 1}],
            "a:\n  k:\n    # e\n  - - n\n  - {p: 1}  # c\n",
        ),
    ],
)
def test_a_list_is_changed_item_by_item(before: str, value: Any, after: str) -> None:
    assert rewritten(before, "f", ("a", "k"), value) == after


def test_what_would_be_too_long_for_a_line_stands_on_several() -> None:
    values = {f"value {number}": "clear" for number in range(12)}
    text = rewritten(BLOCK, "f", ("facts", "goals", "values"), values)
    assert "  goals:  # behind\n    field: Goals__c\n    type: text\n    values:\n      value 0: clear\n" in text
    assert max(map(len, text.splitlines())) < 60


@pytest.mark.parametrize("text", ["a: &x 1\nfacts: *x\n", "facts: {need: [1}\n", "- facts\n"])
def test_what_cannot_be_changed_there_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(UsageError if text == "- facts\n" else ConfigurationError, match=r"^f:\d+:"):
        rewritten(text, "f", ("facts", "need"), "unmapped")
