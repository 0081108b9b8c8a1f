"""A class's name means one thing: whoever reads `Org` need not ask which one."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2] / "src" / "crmsync"
ANSWERS = ROOT / "showing" / "answers"
"""Models of what commands answer have the names of what they describe."""

MEAN_TWO_THINGS = {"RoutingRules"}
"""The roster's, whose name stands in its published schema, and those of a page."""


def classes(root: Path) -> Iterator[tuple[str, str]]:
    """Each public class with its module; not those inside functions."""
    for file in root.rglob("*.py"):
        if ANSWERS not in file.parents:
            module = ast.parse(file.read_text("utf-8"))
            for node in module.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield node.name, file.relative_to(root).as_posix()


def meaning_several(root: Path) -> Mapping[str, list[str]]:
    """Names of several classes, with the modules that have them."""
    found = defaultdict[str, list[str]](list)
    for name, module in classes(root):
        found[name].append(module)
    return {name: sorted(modules) for name, modules in found.items() if len(modules) > 1}


def test_a_class_has_a_name_of_its_own() -> None:
    found = meaning_several(ROOT)
    assert {name: found[name] for name in found.keys() - MEAN_TWO_THINGS} == {}
    assert found.keys() >= MEAN_TWO_THINGS, "take out of the list what means one thing by now"


def test_two_classes_of_one_name_are_found(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text("class Desk: ...\nclass _Part: ...\n", encoding="utf-8")
    (tmp_path / "hall.py").write_text("class Desk: ...\nclass _Part: ...\nclass Door: ...\n", encoding="utf-8")
    assert meaning_several(tmp_path) == {"Desk": ["hall.py", "room.py"]}
