"""Every number that an answer may hold is counted a second time by some test, or nothing is counted for it.

`figures.toml` names the test of each, by the path of its key as in `json_keys/`. Such a test shares no code with
what it counts. Numbers that are given (what was asked for, what a file says, names of things) stand under `given`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from crmsync.showing.answers.every import ANSWERS

ROOT = Path(__file__).parents[2]
LISTED: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("figures.toml").read_text(encoding="utf-8")
)
NUMBERS = {"integer", "number"}


def kinds(schema: Any, shapes: Mapping[str, Any]) -> Iterator[Any]:
    """The schema, or all that it may be instead."""
    if "$ref" in schema:
        yield from kinds(shapes[schema["$ref"].rpartition("/")[2]], shapes)
        return
    for one in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from kinds(one, shapes)
    yield schema


def numbers(schema: Any, shapes: Mapping[str, Any], place: str = "", inside: tuple[str, ...] = ()) -> Iterator[str]:
    """Paths of all numbers: `[]` is a list's item, `*` a name that is given. A shape within itself is told once."""
    for one in kinds(schema, shapes):
        if one.get("type") in NUMBERS and "const" not in one:
            yield place
        shape = one.get("title", "")
        if "properties" in one and shape not in inside:
            for key, inner in one["properties"].items():
                yield from numbers(inner, shapes, f"{place}.{key}".lstrip("."), (*inside, shape))
        if isinstance(one.get("additionalProperties"), dict):
            yield from numbers(one["additionalProperties"], shapes, f"{place}.*", inside)
        for item in (*one.get("prefixItems", ()), one.get("items")):
            if isinstance(item, dict):
                yield from numbers(item, shapes, f"{place}[]", inside)


def written_out(path: str) -> Iterator[str]:
    """`a.{b,c}.d` is `a.b.d` and `a.c.d`."""
    parts = [part.split(",") for part in re.split(r"[{}]", path)]
    yield from ("".join(one) for one in product(*parts))


def named_tests() -> set[str]:
    return {name for answer in LISTED.values() for name in answer if name != "given"}


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_every_number_is_counted_again_somewhere(name: str) -> None:
    schema = ANSWERS[name].model.model_json_schema()
    there = set(numbers(schema, schema.get("$defs", {})))
    told = Counter(key for paths in LISTED.get(name, {}).values() for path in paths for key in written_out(path))
    assert {"new": sorted(there - set(told)), "gone": sorted(set(told) - there)} == {"new": [], "gone": []}


def test_no_other_answer_is_listed() -> None:
    assert set(LISTED) <= set(ANSWERS)


@pytest.mark.parametrize("name", sorted(named_tests()))
def test_each_test_is_there(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
