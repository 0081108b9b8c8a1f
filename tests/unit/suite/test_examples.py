"""What properties draw is the same in every run; what a search finds is kept in a file and drawn first afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from suite.everything import PACKAGES
from suite.examples import Found

PROPERTY = """
import os
from pathlib import Path
from hypothesis import given, settings, strategies

if "FIRST" in os.environ:
    import crmsync.numbers

@given(strategies.lists(strategies.integers()))
@settings(max_examples=60)
def test_sum(numbers):
    with Path("drawn").open("a") as drawn:
        drawn.write(f"{numbers}\\n")
    assert sum(numbers) < LIMIT
"""
TEST = "test_sums.py::test_sum"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Packages by the names of ours that are quickly imported, with a number that Hypothesis may find in the code."""
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "numbers.py").write_text("NUMBER = 7654321\n")
    return tmp_path


PARTS = """
import pytest
from hypothesis import given, strategies

@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
@pytest.mark.parametrize("day", range(8))
def test_both(crm, day): ...

@pytest.mark.parametrize("crm", ["salesforce"])
def test_one(crm): ...

@pytest.mark.parametrize(("crm", "way"), [("hubspot", 1), pytest.param("salesforce", 1, marks=pytest.mark.breadth)])
def test_marked(crm, way): ...

@pytest.mark.breadth
def test_broad(): ...

@given(strategies.integers())
def test_property(number): ...

@pytest.mark.breadth
@given(strategies.integers())
def test_broad_property(number): ...
"""


def collected(folder: Path, *options: str) -> set[str]:
    """Names of the tests that a run has."""
    acceptance = folder / "tests" / "acceptance"
    acceptance.mkdir(parents=True, exist_ok=True)
    (acceptance / "test_parts.py").write_text(PARTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "suite.breadth", "--collect-only", *options]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return {line.rpartition("::")[2] for line in done.stdout.splitlines() if "::" in line}


def drawn(folder: Path, limit: int, *options: str, **env: str) -> tuple[int, list[str]]:
    """Run the property; exit code and the examples it saw."""
    (folder / "test_sums.py").write_text(PROPERTY.replace("LIMIT", str(limit)))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "suite.examples",
        "-p",
        "suite.breadth",
        "--found",
        str(folder / "found"),
        *options,
    ]
    paths = os.pathsep.join((str(folder), str(Path(__file__).parents[2])))
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", **env}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout or "1 failed" in done.stdout, done.stdout + done.stderr
    examples = (folder / "drawn").read_text().splitlines()
    (folder / "drawn").unlink()
    return done.returncode, examples


@pytest.mark.breadth
def test_a_run_draws_the_same_again_and_a_search_something_else_which_is_kept(folder: Path) -> None:
    passed, first = drawn(folder, 10**30)
    assert (passed, len(first)) == (0, 60)
    assert drawn(folder, 10**30, FIRST="something imports a module of ours") == (passed, first)
    assert not (folder / "found").exists()
    failed, searched = drawn(folder, 1000, "--explore", "7")
    assert failed == 1
    assert searched[:9] != first[:9]
    [file] = (folder / "found").iterdir()
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["test"] == TEST
    assert "    numbers=[1000]," in kept["told"]
    passed, again = drawn(folder, 10**30)
    assert (passed, again[0]) == (0, "[1000]"), "what was found comes first"
    assert json.loads(file.read_text(encoding="utf-8")) == kept, "it stays when it no longer fails"


def test_only_the_smallest_is_kept_and_kept_ones_are_deleted_by_people_only(tmp_path: Path) -> None:
    key = b"tests/unit/test_x.py::test_y[a/b c]"
    found = Found(tmp_path)
    found.save(key, b"large")
    found.save(key, b"small")
    found.delete(key, b"large")
    found.save(key + b".secondary", b"large")
    file = found.keep(key.decode(), ["it failed\n", "on y"])
    assert file is not None
    assert file.name == "unit.test_x.test_y-a.b-c-.json"
    assert json.loads(file.read_text())["told"] == ["it failed", "on y"]
    later = Found(tmp_path)
    assert list(later.fetch(key)) == [b"small"]
    assert list(later.fetch(b"another")) == []
    later.delete(key, b"small")
    later.save(key, b"other")
    assert set(later.fetch(key)) == {b"small", b"other"}
    assert set(Found(tmp_path).fetch(key)) == {b"small"}, "a run alone keeps nothing"
    assert Found(tmp_path).keep("another", []) is None


@pytest.mark.breadth
def test_the_two_parts_together_draw_as_many_examples_and_no_part_the_others(folder: Path) -> None:
    _, core = drawn(folder, 10**60, "--part", "core")
    _, breadth = drawn(folder, 10**60, "--part", "breadth")
    assert (len(core), len(breadth)) == (6, 54)
    assert breadth[:6] != core[:6]


def test_each_test_is_in_one_part_and_each_crm_in_both(tmp_path: Path) -> None:
    core, breadth = (collected(tmp_path, "--part", part) for part in ("core", "breadth"))
    assert (len(core | breadth), core & breadth) == (22, {"test_property"})
    assert {"test_one[salesforce]", "test_marked[hubspot-1]"} < core
    assert {"test_broad", "test_broad_property"} < breadth
    both = [name for name in core if "test_both" in name]
    assert {name.split("[")[1].split("-")[0] for name in both} == {str(day) for day in range(8)}, "each once"
    assert {name.split("-")[1] for name in both} == {"hubspot]", "salesforce]"}


@pytest.mark.breadth
def test_shares_are_all_of_it_and_each_test_is_in_one(tmp_path: Path) -> None:
    shares = [collected(tmp_path, "--part", "breadth", "--share", f"{which}/2") for which in range(2)]
    assert sorted(name for each in shares for name in each) == sorted(collected(tmp_path, "--part", "breadth"))
    assert all(shares)
