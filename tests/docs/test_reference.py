"""Pages that are made from the program say what the program says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from crmsync.model import Outcome

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("script", ["make_reference.py", "make_notice.py"])
def test_made_pages_are_what_the_program_and_its_packages_say(script: str) -> None:
    done = subprocess.run(
        [sys.executable, f"scripts/{script}", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_outcome_of_a_change_is_told() -> None:
    page = (ROOT / "docs" / "explanation" / "a-run.md").read_text(encoding="utf-8")
    chapter = page.partition("## What becomes of a change")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", chapter, re.M)) == {
        word for kind in get_args(Outcome) for word in get_args(kind)
    }


SCHEMAS = {
    "policy": "reference/policy.md",
    "roster": "reference/roster.md",
    "mapping": "reference/mapping.md",
    "settings": "reference/configuration.md",
    "tests": "how-to/test-a-policy.md",
}
"""Schema of a kind of file → the page that tells its keys."""
ANSWERS = {
    "explain": ("reference/explain.md", "reference/routing-reports.md"),
    "report-load": ("reference/routing-reports.md",),
    "report-hand-offs": ("reference/routing-reports.md",),
    "simulate-routing": ("reference/routing-reports.md",),
}
"""List of a JSON answer's keys → the pages that tell them."""


def words_of(page: str) -> set[str]:
    """Everything that a page says in code, in the text or in blocks."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```[^\n]*\n(.*?)^ *```", text, re.M | re.S)
    spans = re.findall(r"`([^`]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S))
    return set(re.findall(r"[\w-]+", " ".join([*blocks, *spans])))


def keys_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}) if isinstance(schema.get("properties"), dict) else ()
        for inner in schema.values():
            yield from keys_in(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keys_in(inner)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_key_of_a_file_is_told(kind: str) -> None:
    schema = json.loads((ROOT / "docs" / "reference" / "schemas" / f"{kind}.json").read_text(encoding="utf-8"))
    assert set(keys_in(schema)) - words_of(SCHEMAS[kind]) == set()


@pytest.mark.parametrize("name", ANSWERS)
def test_every_key_of_an_answer_is_told(name: str) -> None:
    listed = (ROOT / "tests" / "docs" / "json_keys" / f"{name}.txt").read_text(encoding="utf-8")
    assert set(re.findall(r"\w+", listed)) - set().union(*map(words_of, ANSWERS[name])) == set()
