"""The quick reader reads the plain kind of file, and leaves every other one to the careful one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from crmsync.configuration import read_document
from crmsync.configuration.careful_reading import read_carefully
from crmsync.configuration.place import DEEPEST_NESTING, Mark
from crmsync.configuration.quick_reading import read_quickly

ROOT = Path(__file__).parents[3]
SHIPPED = [*ROOT.glob("mappings/*.yaml"), *ROOT.glob("src/crmsync/qualify/presets/*.yaml")]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_what_crmsync_ships_is_read_quickly_and_alike(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    quick = read_quickly(text)
    assert quick is not None
    assert quick == read_carefully(text, file.name)


@pytest.mark.parametrize(
    "scalar",
    [
        "'12'",
        '"true"',
        "yes",
        "true",
        "False",
        "~",
        "0",
        "-7",
        "+5",
        "2.50",
        "-0.0",
        "2026-01-31",
        "73a0d17f-1163-4015",
        "9:30-17:00",
    ],
)
def test_words_and_plain_numbers_mean_the_same(scalar: str) -> None:
    quick, careful = read_quickly(f"a: {scalar}\n"), read_carefully(f"a: {scalar}\n", "x.yaml")
    assert quick is not None
    assert (repr(quick.data), quick.values, quick.keys) == (repr(careful.data), careful.values, careful.keys)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- \n",
        "a: 0x1F\n",
        "a: 1e3\n",
        "a: 010\n",
        "a: 1_000\n",
        "a: .nan\n",
        "a: 2026-13-45\n",
        "a: 2026-01-31T10:00:00Z\n",
        "a: 123456789012345678901\n",
        "a: &x 1\n",
        "a: !!str 1\n",
        "a: 1\na: 2\n",
        "<<: {a: 1}\n",
        "{a: 1}: 2\n",
        "a: 1\n---\nb: 2\n",
        "%YAML 1.1\n---\na: yes\n",
        "a:\t1\n",
        "a: |#\n",
        "|-\n#",
        "a: [1\n",
        "a: \x01\n",
        "a: '\ud800'\n",
        "[" * 1_000_000,
        "[" * (DEEPEST_NESTING + 2) + "]" * (DEEPEST_NESTING + 2),
        "a: 'one\u2028two'\n",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_the_rest_is_left_to_the_careful_one(text: str) -> None:
    assert read_quickly(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a:\n", (1, 1)),
        ("x:\n  a:   # a word on it\n\n# another\n\ny: 1\n", (2, 3)),
        ("x: {b: 1, a: }\n", (1, 11)),
        ("x: {a, b: 1}\n", (1, 5)),
        ("? a\n", (1, 3)),
    ],
)
def test_a_key_without_a_value_is_known_by_its_own_place(text: str, at: tuple[int, int]) -> None:
    quick, careful = read_quickly(text), read_carefully(text, "x.yaml")
    assert quick is not None
    assert quick == careful
    path = next(path for path in quick.keys if path[-1] == "a")
    assert quick.values[path] == Mark(*at)


def test_a_file_is_read_without_libyaml_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CBaseLoader")
    assert read_quickly("a: [1, yes]\n") is None
    assert read_document("a: [1, yes]\n", "x.yaml").data == {"a": [1, "yes"]}
