"""A class's name means one thing: whoever reads `Org` need not ask which one."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[2] / "src" / "crmsync"
ANSWERS = ROOT / "showing" / "answers"
"""Models of what commands answer have the names of what they describe."""

MEAN_TWO_THINGS = {"RoutingRules"}
"""The roster's, whose name stands in its published schema, and those of a page."""


def classes(code: str) -> Iterator[str]:
    """Each public class; not those inside functions."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def meaning_several(root: Path) -> Mapping[str, list[str]]:
    """Names of several classes, with the modules that have them.

    Only code in which a name stands that others have too is taken apart: a line of an example in a text may look the
    same.
    """
    looked_at = [file for file in root.rglob("*.py") if ANSWERS not in file.parents]
    lines = {file: re.findall(r"^class ([A-Za-z]\w*)", file.read_text("utf-8"), re.MULTILINE) for file in looked_at}
    often = {name for name, times in Counter(chain.from_iterable(lines.values())).items() if times > 1}
    found = defaultdict[str, list[str]](list)
    for file in (file for file, names in lines.items() if often & set(names)):
        for name in classes(file.read_text("utf-8")):
            found[name].append(file.relative_to(root).as_posix())
    return {name: sorted(modules) for name, modules in found.items() if len(modules) > 1}


def test_a_class_has_a_name_of_its_own() -> None:
    found = meaning_several(ROOT)
    assert {name: found[name] for name in found.keys() - MEAN_TWO_THINGS} == {}
    assert found.keys() >= MEAN_TWO_THINGS, "take out of the list what means one thing by now"


def test_two_classes_of_one_name_are_found(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text("class Desk: ...\nclass _Part: ...\n", encoding="utf-8")
    (tmp_path / "hall.py").write_text("class Desk: ...\nclass _Part: ...\nclass Door: ...\n", encoding="utf-8")
    assert meaning_several(tmp_path) == {"Desk": ["hall.py", "room.py"]}
