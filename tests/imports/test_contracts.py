"""The import contracts refuse what they are there to refuse: each kind of violation is planted in a copy of the tree.

`lint-imports` runs on the copy as it does in CI. What it says must name the contract and the planted import.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from suite.breadth import broadly

ROOT = Path(__file__).parents[2]
SOURCES = ["src", "connectors/salesforce/src", "connectors/hubspot/src"]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
PURE = next(contract for contract in CONTRACTS if contract["name"].startswith("The core is pure"))
CONNECTORS = {"crmsync_salesforce": "The Salesforce connector sees", "crmsync_hubspot": "The HubSpot connector sees"}
SEEN_BY_CONNECTORS = {"contract", "errors", "faces", "files", "model", "patterns", "sdk", "spans", "values"}


class Tree:
    """A copy of the sources, in which imports are planted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for source in SOURCES:
            shutil.copytree(ROOT / source, root / source, ignore=shutil.ignore_patterns("__pycache__", "*.yaml"))
        for file in ("pyproject.toml", "scripts/import_contracts.py"):
            (root / file).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / file, root / file)

    def path(self, module: str) -> Path:
        """The file of a module that is there."""
        parts = module.split(".")
        (source,) = (self.root / source for source in SOURCES if (self.root / source / parts[0]).is_dir())
        file = source.joinpath(*parts)
        return file / "__init__.py" if file.is_dir() else file.with_suffix(".py")

    def said(self, planted: Mapping[str, str]) -> str:
        """What lint-imports says while these lines stand at the end of these modules; new modules are made."""
        before = {}
        for module, lines in planted.items():
            file = self.path(module)
            before[file] = file.read_text("utf-8") if file.exists() else None
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{before[file] or ''}\n{lines}\n", "utf-8")
        try:
            return self.lint()
        finally:
            for file, text in before.items():
                file.unlink() if text is None else file.write_text(text, "utf-8")

    def lint(self) -> str:
        """All that lint-imports says, each message on one line; it has to run through."""
        path = os.pathsep.join(str(self.root / source) for source in SOURCES)
        done = subprocess.run(
            [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "1000"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Contracts: " in done.stdout, done.stdout + done.stderr
        assert done.returncode == (1 if " BROKEN" in done.stdout else 0)
        return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("tree"))


def broken(said: str) -> list[str]:
    return re.findall(r"^(.*) BROKEN$", said, re.M)


def reached(said: str) -> dict[str, str]:
    """What was reached and must not be, with the way to it."""
    return {way.rsplit(" -> ", 1)[-1]: way for way in re.findall(r"^-   (\S+(?: -> \S+)+)$", said, re.M)}


def test_the_copy_keeps_all_contracts(tree: Tree) -> None:
    assert broken(tree.lint()) == []


def test_no_contract_looks_away() -> None:
    """No exceptions, and nothing that may come in by way of something else."""
    keys = {key for contract in CONTRACTS for key in contract}
    assert not keys & {"ignore_imports", "allow_indirect_imports", "exhaustive_ignores"}
    layered = [contract for contract in CONTRACTS if contract["type"] == "layers"]
    assert all(contract["exhaustive"] for contract in layered)
    rooms = {name for contract in layered for name in contract["containers"]}
    assert rooms >= {"crmsync", "crmsync.qualify", "crmsync.route"}
    passed_over = {name for contract in CONTRACTS for name in contract.get("skip_descendants", ())}
    assert not passed_over & rooms, "what has layers may not be passed over"


# --- connectors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("connector", CONNECTORS)
def test_a_connector_sees_no_other_room(tree: Tree, connector: str) -> None:
    """Clock, configuration, testing, store and all the others; the practice CRM; another connector."""
    rooms = {path.stem for path in (tree.root / "src/crmsync").iterdir() if path.suffix in {"", ".py"}}
    rooms -= SEEN_BY_CONNECTORS | {"__init__", "py"}
    assert {"clock", "configuration", "testing", "store", "settings", "qualify", "cli"} < rooms
    (other,) = CONNECTORS.keys() - {connector}
    out_of_reach = {f"crmsync.{room}" for room in rooms} | {"crmsync_practice", other}
    said = tree.said({f"{connector}.planted": "\n".join(f"import {name}" for name in sorted(out_of_reach))})
    assert reached(said).keys() == out_of_reach
    assert any(name.startswith(CONNECTORS[connector]) for name in broken(said))


def test_what_a_connector_sees_brings_nothing_along(tree: Tree) -> None:
    planted = {
        "crmsync.sdk.pace": "crmsync.clock",
        "crmsync.contract": "crmsync.configuration.document",
        "crmsync.model": "crmsync.configuration.validation",
        "crmsync.errors": "crmsync.enumeration",
    }
    said = tree.said({inside: f"import {brought}" for inside, brought in planted.items()})
    assert set(planted.values()) <= reached(said).keys()
    for start in CONNECTORS.values():
        assert any(name.startswith(start) for name in broken(said))


# --- the core -----------------------------------------------------------------------------------------------------


def test_the_core_reaches_nothing_of_the_standard_library_but_what_is_pure(tree: Tree) -> None:
    """Every module that this Python has and the contract does not name: sockets, processes, clocks, chance."""
    impure = {name for name in sys.stdlib_module_names if name not in PURE["may_reach"]}
    assert impure > {
        *("socket", "socketserver", "ssl", "select", "http", "urllib", "smtplib", "asyncio"),
        *("secrets", "random", "uuid", "time", "os", "io", "pathlib", "tempfile", "shutil", "sqlite3"),
        *("subprocess", "multiprocessing", "threading", "concurrent", "signal", "sched", "ctypes", "socketserver"),
    }
    said = tree.said({"crmsync.qualify.planted": "\n".join(f"import {name}" for name in sorted(impure))})
    assert reached(said).keys() == impure
    assert PURE["name"] in broken(said)


def test_every_room_of_the_core_is_held_to_it(tree: Tree) -> None:
    """Also by way of the parts of a module: `http.client` is `http`."""
    modules = [
        "socket",
        "socketserver",
        "secrets",
        "subprocess",
        "random",
        "threading",
        "time",
        "os",
        "uuid",
        "ssl",
        "select",
        "signal",
        "sqlite3",
        "tempfile",
        "smtplib",
        "shutil",
        "asyncio",
    ]
    rooms = [name for name in PURE["source_modules"] if name != "crmsync.contract"]
    planted = dict(zip(rooms, modules, strict=True)) | {"crmsync.contract": "http.client"}
    said = tree.said({room: f"import {module}" for room, module in planted.items()})
    ways = reached(said)
    assert {room: ways[module.partition(".")[0]] for room, module in planted.items()} == {
        room: f"{room} -> {module.partition('.')[0]}" for room, module in planted.items()
    }


def test_the_core_reaches_no_other_package_and_no_edge_of_ours(tree: Tree) -> None:
    """Late imports count, too."""
    others = {"requests", "sqlalchemy", "structlog", "dotenv", "apscheduler"}
    edges = {f"crmsync.{room}" for room in ("clock", "store", "settings", "sdk", "connection")}
    lines = [f"    import {name}" for name in sorted(others | edges)]
    said = tree.said({"crmsync.plan.planted": "\n".join(["def late():", *lines])})
    assert reached(said) == {name: f"crmsync.plan.planted -> {name}" for name in others | edges}
    assert PURE["name"] in broken(said)


# --- islands ------------------------------------------------------------------------------------------------------


def test_the_practice_crm_reaches_nothing_of_ours(tree: Tree) -> None:
    wanted = {"crmsync.errors", "crmsync.sdk", "crmsync_hubspot", "simple_salesforce", "hubspot"}
    said = tree.said({"crmsync_practice.planted": "\n".join(f"import {name}" for name in sorted(wanted))})
    assert reached(said).keys() == wanted
    assert any(name.startswith("The practice CRM is an island") for name in broken(said))


def test_nothing_but_commands_starts_the_practice_crm(tree: Tree) -> None:
    rooms = ["run", "operations.rehearse", "qualify", "store", "testing", "showing"]
    said = tree.said({f"crmsync.{room}.planted": "import crmsync_practice.serve" for room in rooms})
    assert "Only commands start the practice CRM" in broken(said)
    for room in rooms:
        assert f"crmsync.{room}.planted -> crmsync_practice.serve" in said


def test_crmsync_names_no_connector(tree: Tree) -> None:
    names = ["crmsync_salesforce", "crmsync_hubspot", "simple_salesforce", "hubspot"]
    said = tree.said({"crmsync.connection.registry": "\n".join(f"import {name}" for name in names)})
    assert any(name.startswith("crmsync names no connector") for name in broken(said))
    for name in names:
        assert f"crmsync is not allowed to import {name}:" in said


# --- one direction ------------------------------------------------------------------------------------------------

LAYERED = [
    (container, contract["name"], [re.split(r" \| ", layer) for layer in contract["layers"]])
    for contract in CONTRACTS
    if contract["type"] == "layers"
    for container in contract["containers"]
]


def upward(container: str, layers: list[list[str]]) -> Iterator[tuple[str, str]]:
    """(who, what it must not import): of each layer into the one above."""
    for above, below in pairwise(layers):
        for one in below:
            yield f"{container}.{one}", f"{container}.{above[0]}"


@pytest.mark.parametrize(("container", "name", "layers"), broadly(LAYERED), ids=[each[0] for each in LAYERED])
def test_no_arrow_goes_up(tree: Tree, container: str, name: str, layers: list[list[str]]) -> None:
    planted = {low: high for low, high in upward(container, layers) if low != f"{container}.__main__"}
    said = tree.said({low: f"import {high}" for low, high in planted.items()})
    assert name in broken(said)
    told = set(re.findall(r"^(\S+) is not allowed to import (\S+):$", said, re.M))
    assert told >= set(planted.items())


@pytest.mark.parametrize(("container", "name", "layers"), broadly(LAYERED), ids=[each[0] for each in LAYERED])
def test_a_new_room_needs_its_place(tree: Tree, container: str, name: str, layers: list[list[str]]) -> None:
    said = tree.said({f"{container}.planted": ""})
    assert broken(said) == [name]
    assert "planted" in said.partition("Broken contracts")[2]


def test_no_circle_at_any_depth(tree: Tree) -> None:
    planted = {
        "crmsync.run.pull": "crmsync.run.story",
        "crmsync.operations.report.listing": "crmsync.operations.explain.lead",
        "crmsync.showing.report_page": "crmsync.showing.backtest.html",
        "crmsync.store.tables": "crmsync.store.journal",
        "crmsync_practice.salesforce.ids": "crmsync_practice.salesforce.org",
        "crmsync_hubspot.gateway": "crmsync_hubspot.pull",
    }
    said = tree.said({low: f"import {high}" for low, high in planted.items()})
    assert broken(said) == ["No room and no module leans on one that leans on it, at any depth"]
    circles = set(re.findall(r"No cycles are allowed in (\S+)\.$", said, re.M))
    assert circles == {low.rpartition(".")[0] if ".report." not in low else "crmsync.operations" for low in planted}
