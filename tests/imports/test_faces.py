"""A package has a face, or nothing but rooms: never a bit of both.

A package whose `__init__` imports names shows a face, and whoever stands outside takes what the face shows. A package
without a face says in its `__init__` what it is, and nothing else; its modules are entered one by one.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    ROOT / "src" / "crmsync",
    ROOT / "src" / "crmsync_practice",
    ROOT / "connectors" / "salesforce" / "src" / "crmsync_salesforce",
    ROOT / "connectors" / "hubspot" / "src" / "crmsync_hubspot",
]
IMPORTS = (ast.Import, ast.ImportFrom)


def modules_of(*packages: Path) -> dict[str, ast.Module]:
    """Every module by its name; a package's is its `__init__`. Of all others only the imports, late ones too."""
    return {
        ".".join(file.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__"): (
            module if file.name == "__init__.py" else ast.Module(list(imports_in(module)), [])
        )
        for package in packages
        for file in package.rglob("*.py")
        for module in (ast.parse(file.read_text("utf-8")),)
    }


def imports_in(module: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    return (node for node in ast.walk(module) if isinstance(node, IMPORTS))


def imported(module: ast.Module, known: Mapping[str, ast.Module]) -> Iterator[str]:
    """The names of modules that a module imports."""
    for node in imports_in(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def packages_in(modules: Mapping[str, ast.Module]) -> set[str]:
    return {name.rpartition(".")[0] for name in modules} - {""}


def faces_in(modules: Mapping[str, ast.Module]) -> set[str]:
    return {name for name in packages_in(modules) if any(imports_in(modules[name]))}


def past_faces(modules: Mapping[str, ast.Module]) -> list[str]:
    """`who -> what` of every import that goes past a face."""
    faces = faces_in(modules)
    return sorted(
        f"{importer} -> {name}"
        for importer, module in modules.items()
        for name in imported(module, modules)
        for face in {".".join(name.split(".")[:rooms]) for rooms in range(1, name.count(".") + 1)} & faces
        if not f"{importer}.".startswith(f"{face}.")
    )


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    return modules_of(*PACKAGES)


def test_nobody_goes_past_a_face(modules: dict[str, ast.Module]) -> None:
    assert past_faces(modules) == []


def test_a_package_without_a_face_says_what_it_is_and_nothing_else(modules: dict[str, ast.Module]) -> None:
    """But for the version, which crmsync itself tells."""
    bare = packages_in(modules) - faces_in(modules) - {"crmsync"}
    assert {name for name in bare if len(modules[name].body) != 1 or not ast.get_docstring(modules[name])} == set()


def test_a_face_shows_what_it_imports(modules: dict[str, ast.Module]) -> None:
    """`__all__` names what outsiders take, and all of it is there."""
    taken = defaultdict[str, set[str]](set)
    for importer, module in modules.items():
        for node in imports_in(module):
            if isinstance(node, ast.ImportFrom) and node.module and not f"{importer}.".startswith(f"{node.module}."):
                taken[node.module].update(alias.name for alias in node.names)
    for name in faces_in(modules):
        assert taken[name] <= shown_by(modules[name]), name


def test_a_face_that_imports_late_says_thrice_the_same(modules: dict[str, ast.Module]) -> None:
    """As imports for readers and mypy, as the table by which Python imports, and in `__all__`."""
    late = [name for name in faces_in(modules) if "shown_late(" in ast.unparse(modules[name])]
    assert len(late) >= 10
    for name in late:
        assert of_the_table(modules[name]) == of_the_imports(modules[name], name), name
        shown = {each for names in of_the_table(modules[name]).values() for each in names}
        assert shown <= shown_by(modules[name]), name
        assert shown.isdisjoint(each.rpartition(".")[2] for each in modules if each.rpartition(".")[0] == name), name
        assert all(getattr(import_module(name), each) is not None for each in shown)


def of_the_table(face: ast.Module) -> dict[str, set[str]]:
    """Module → what is shown of it, as `shown_late` has it."""
    (table,) = (
        node.args[1]
        for node in ast.walk(face)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "shown_late"
    )
    return {module: set(names.split()) for module, names in ast.literal_eval(table).items()}


def of_the_imports(face: ast.Module, name: str) -> dict[str, set[str]]:
    """The same, as the imports beside it have it."""
    (choice,) = (node for node in face.body if isinstance(node, ast.If))
    found = defaultdict[str, set[str]](set)
    for node in choice.body:
        assert isinstance(node, ast.ImportFrom) and node.module
        found[node.module.removeprefix(name) if node.module.startswith(f"{name}.") else node.module].update(
            alias.name for alias in node.names
        )
    return dict(found)


def shown_by(face: ast.Module) -> set[str]:
    (listed,) = (
        node.value
        for node in face.body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]
    )
    return set(ast.literal_eval(listed))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("from house.room.corner import thing", ["house.door -> house.room.corner"]),
        ("import house.room.corner", ["house.door -> house.room.corner"]),
        ("from house.room import corner", ["house.door -> house.room.corner"]),
        ("def late():\n    from house.room.corner import thing", ["house.door -> house.room.corner"]),
        ("from house.room import thing", []),
        ("from house.hall.corner import thing", []),
    ],
)
def test_what_goes_past_a_face_is_found(tmp_path: Path, line: str, told: list[str]) -> None:
    """`room` has a face, `hall` has none; inside a room everybody may go anywhere."""
    files = {
        "house/__init__.py": '"""A house."""',
        "house/door.py": line,
        "house/room/__init__.py": "from house.room.corner import thing\n__all__ = ['thing']",
        "house/room/corner.py": "thing = 1",
        "house/room/table.py": "from house.room.corner import thing",
        "house/hall/__init__.py": '"""A hall."""',
        "house/hall/corner.py": "thing = 1",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    assert past_faces(modules_of(tmp_path / "house")) == told
