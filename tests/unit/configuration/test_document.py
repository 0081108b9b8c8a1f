"""Configuration files: what is read, what is refused, and that every refusal names its place."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from crmsync.configuration import read_document, validated
from crmsync.errors import ConfigurationError
from suite.breadth import broadly


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    employees: int
    role: Literal["bdr", "ae"] = "bdr"


class Firm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    people: dict[str, Person]


def refused(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        validated(Firm, read_document(text, "firm.yaml"))
    return str(caught.value)


def test_plain_data_is_read_with_yaml_1_2_words() -> None:
    document = read_document("a: yes\nb: true\nc: [1, 2.5, null]\nd: 2026-01-31\n", "x.yaml")
    assert document.data["a"] == "yes"
    assert document.data["b"] is True
    assert document.data["c"] == [1, 2.5, None]
    assert str(document.data["d"]) == "2026-01-31"
    assert (document.values[("c", 1)].line, document.values[("c", 1)].column) == (3, 8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "people:\n  ann: {employes: 3}\n",
            "firm.yaml:2:9: `employes` is not known here\n  → did you mean `employees`?",
        ),
        (
            "people:\n  ann: {employees: 3, role: aee}\n",
            "firm.yaml:2:29: `aee` is not a valid role\n  → did you mean `ae`?",
        ),
        ("people:\n  ann: {role: ae}\n", "firm.yaml:2:3: `employees` is missing"),
        (
            "people:\n  ann: {employees: 3}\n  ann: {employees: 4}\n",
            "firm.yaml:3:3: `ann` stands twice (first on line 2)",
        ),
        ("people: [1, 2\n", "firm.yaml:2:1: not valid YAML: the `[` on line 1 is not closed, or a comma is missing"),
        ("people:\n  a: {x: 1 y: 2}\n", "firm.yaml:2:13: not valid YAML: the `{` on line 2 is not closed"),
        ("people:\n  a: 'x\n  b: y\n", "firm.yaml:4:1: not valid YAML: the quotation mark on line 2 is not closed"),
        ("people:\n\ta: 1\n", "firm.yaml:2:1: not valid YAML: a tab stands in front"),
        ("x:\n  a: {}\n   b: {}\n", "firm.yaml:3:4: not valid YAML: "),
        ("x:\n    a: {}\n   b: {}\n", "firm.yaml:3:4: not valid YAML: this line is indented otherwise"),
        ("x:\n  a: {}\n  - b\n", "firm.yaml:3:3: not valid YAML: this does not fit below the lines above"),
        ("x:\n  a 1\n  b: 2\n", "firm.yaml:3:4: not valid YAML: a colon where none can be"),
        ("people: &x {}\nother: *x\n", "firm.yaml:1:9: anchors and aliases are not used here"),
        ("people: !!python/object:os.system {}\n", "firm.yaml:1:9: the tag"),
        ("people: .nan\n", "firm.yaml:1:9: `.nan` is not a number one can count with"),
        ("people: " + "9" * 5000 + "\n", "firm.yaml:1:9: a number with 5,000 characters"),
        ("? [a]\n: 1\n", "firm.yaml:1:3: a key must be a plain word"),
        ("x: " + "[" * 60 + "]" * 60, "firm.yaml:1:44: nested more than 40 levels deep"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, expected: str) -> None:
    assert refused(text).startswith(expected)


def test_every_error_of_a_file_is_told_at_once() -> None:
    told = refused("people:\n  ann: {employees: x}\n  bob: {}\nmore: 1\n")
    assert [line.split(":")[1] for line in told.splitlines() if line.startswith("firm.yaml")] == [
        "2",
        "3",
        "4",
    ]


def test_a_yaml_bomb_is_refused_at_once() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + level)}: &{chr(98 + level)} [{', '.join(['*' + chr(97 + level)] * 9)}]\n" for level in range(8)
    )
    with pytest.raises(ConfigurationError, match="anchors and aliases"):
        read_document(bomb, "bomb.yaml")


def test_a_long_flat_line_is_not_deep() -> None:
    assert len(read_document("x: [" + "{a: 1}, " * 500 + "]\n", "x.yaml").data["x"]) == 500


@pytest.mark.parametrize("depth", broadly([45, 200, 100_000], core=2))
def test_nesting_without_end_is_refused(depth: int) -> None:
    with pytest.raises(ConfigurationError, match="nested more than 40 levels deep"):
        read_document("x: " + "[" * depth + "]" * depth, "x.yaml")
