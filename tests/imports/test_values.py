"""Values are copied and told by `crmsync.values`, which knows both kinds of them.

mypy takes a Struct where `replace`, `asdict` and `fields` of the standard library ask for a dataclass; when
they run, those refuse it. So nobody calls them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec import Struct

from crmsync.values import asdict, field_names, replace

ROOT = Path(__file__).parents[2]
STANDARD = re.compile(r"from dataclasses import .*\b(replace|asdict|astuple|fields)\b|\bdataclasses\.\w|__dataclass_")


def test_nobody_does_with_a_struct_what_is_for_dataclasses_only() -> None:
    files = [
        file
        for folder in ("src/crmsync", "connectors", "tests", "scripts")
        for file in (ROOT / folder).rglob("*.py")
        if file.name not in ("values.py", "test_values.py", "test_start_costs.py")
    ]
    assert len(files) > 1000
    assert [str(file) for file in files if STANDARD.search(file.read_text("utf-8"))] == []


def test_a_default_that_is_made_anew_is_made_by_the_kind_that_it_stands_in() -> None:
    """The standard library's `field` in a Struct is taken for the default itself, and the other way round."""
    wrong, seen = [], 0
    for file in (*(ROOT / "src").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")):
        if not re.search(r"import .*\bfield\b", code := file.read_text("utf-8")):
            continue
        tree = ast.parse(code)
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        of = {
            name.asname or name.name: node.module for node in imports for name in node.names if name.name == "field"
        }
        for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            words = " ".join(map(ast.unparse, (*kind.decorator_list, *kind.bases)))
            due = "dataclasses" if "dataclass" in words else "msgspec" if "Struct" in words else None
            calls = [node.value for node in kind.body if isinstance(node, ast.AnnAssign)]
            names = [ast.unparse(call.func) for call in calls if isinstance(call, ast.Call)]
            made = [of[name] for name in names if name in of]
            seen += len(made)
            wrong += [f"{file.name}: {kind.name}" for module in made if due and module != due]
    assert seen > 50
    assert wrong == []


class Part(Struct, frozen=True):
    number: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    part: Part
    parts: list[Part]
    by_name: dict[str, Part]


@dataclass(frozen=True)
class Beside:
    number: int


class Whole(Struct, frozen=True):
    shown: Shown
    several: tuple[Beside | int, ...] = ()


WHOLE = Whole(Shown(Part(1), [Part(2, ("b",))], {"c": Part(3)}), (Beside(4), 5))


def test_a_value_is_told_with_the_values_in_it_whatever_their_kind() -> None:
    assert asdict(WHOLE) == {
        "shown": {
            "part": {"number": 1, "words": ()},
            "parts": [{"number": 2, "words": ("b",)}],
            "by_name": {"c": {"number": 3, "words": ()}},
        },
        "several": ({"number": 4}, 5),
    }


def test_a_value_is_copied_with_a_change() -> None:
    assert replace(WHOLE, several=(6,)) == Whole(WHOLE.shown, (6,))
    assert replace(WHOLE.shown, parts=[]) == Shown(Part(1), [], WHOLE.shown.by_name)
    with pytest.raises(TypeError, match="nothing"):
        replace(WHOLE, nothing=1)  # type: ignore[call-arg]


def test_the_names_of_fields() -> None:
    assert field_names(Part(1)) == field_names(Part) == ("number", "words")
    assert field_names(WHOLE.shown) == field_names(Shown) == ("part", "parts", "by_name")
