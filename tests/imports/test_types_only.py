"""What is imported for type checkers alone is used by nothing that runs: neither mypy nor ruff would say so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAID_ONLY = {"annotation", "returns"}
"""Parts of a function or a variable that Python does not evaluate: every such module asks for that."""


def names_of(*bodies: list[ast.stmt]) -> set[str]:
    """The names that imports and assignments anywhere in these statements give."""
    nodes = [node for body in bodies for statement in body for node in ast.walk(statement)]
    imported = {name.asname or name.name for node in nodes if isinstance(node, IMPORTS) for name in node.names}
    assigned = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return imported | assigned


IMPORTS = (ast.Import, ast.ImportFrom)


def run(node: ast.AST) -> Iterator[ast.Name]:
    """The names that are looked up when the code runs."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        yield from (name for statement in node.orelse for name in run(statement))
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node
    for part, value in ast.iter_fields(node):
        if part not in SAID_ONLY:
            yield from (name for each in (value if isinstance(value, list) else [value]) for name in found(each))


def found(value: object) -> Iterator[ast.Name]:
    if isinstance(value, ast.AST):
        yield from run(value)


def missing(code: str) -> set[str]:
    """The names that a module would look up in vain."""
    module = ast.parse(code)
    checks = [n for n in ast.walk(module) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    late: list[list[ast.stmt]] = [
        [each] for node in functions for each in ast.walk(node) if isinstance(each, IMPORTS)
    ]
    said = names_of(*(each.body for each in checks)) - names_of(*(each.orelse for each in checks), *late)
    return said & {name.id for name in run(module)}


def test_no_module_looks_up_what_only_type_checkers_import() -> None:
    files = [file for folder in ("src", "connectors") for file in sorted((ROOT / folder).rglob("*.py"))]
    faces = {"__init__.py"}  # they show names when they are asked for them, see crmsync.faces
    codes = {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in files if file.name not in faces}
    asked = {file: code for file, code in codes.items() if "TYPE_CHECKING:" in code}
    assert len(asked) > 30
    assert {file: names for file, code in asked.items() if (names := missing(code))} == {}


def test_a_name_that_is_not_there_is_seen() -> None:
    head = "from __future__ import annotations\nif TYPE_CHECKING:\n    from a import B, C\n"
    assert missing(f"{head}def f(x: B) -> C:\n    return C(x)\n") == {"C"}
    assert missing(f"{head}def f(x: B) -> C:\n    from a import C\n    return C(x)\n") == set()
    assert missing(f"{head}else:\n    B = C = None\nprint(B, C)\n") == set()
