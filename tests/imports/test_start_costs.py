"""What a command imports: none pays for a library before it needs it.

Each command starts from nothing in a process of its own, as users start it, and says at its end what it has loaded.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crmsync.cli.main import COMMANDS
from suite.breadth import broadly

WATCHED = (
    "alembic",
    "apscheduler",
    "cronsim",
    "crmsync.plan.file_shape",
    "crmsync.route.placing.assignment",
    "crmsync.run.course",
    "crmsync.sdk.retry",
    "hubspot",
    "polars",
    "pydantic",
    "pydantic_settings",
    "rich",
    "ruamel",
    "simple_salesforce",
    "sqlalchemy",
    "sqlalchemy.dialects.postgresql",
    "statistics",
    "tenacity",
    "yaml",
)
TELLING = f"""
import atexit, sys
atexit.register(lambda: sys.stderr.write("\\n" + " ".join(n for n in {WATCHED!r} if n in sys.modules)))
from crmsync.cli.start import start
start()
"""
ONE_BY_ONE = f"""
import json, sys
from crmsync.cli.start import start
told = []
for command in map(json.loads, sys.argv[1:]):
    sys.argv = ["crmsync", *command]
    code = 0
    try:
        start()
    except SystemExit as ended:
        code = ended.code
    told.append([code, [n for n in {WATCHED!r} if n in sys.modules]])
sys.stderr.write("\\n" + json.dumps(told))
"""
MAKING = """
import atexit, sys
from crmsync.cli.start import start

def told():
    from pydantic import BaseModel
    modules = [(name, module) for name, module in sys.modules.items() if name.startswith("crmsync.")]
    kinds = [(name, kind) for name, module in modules for kind in vars(module).values() if isinstance(kind, type)]
    ours = [kind for name, kind in kinds if kind.__module__ == name]
    print(*sorted(kind.__name__ for kind in ours if "__dataclass_fields__" in vars(kind)), file=sys.stderr)
    parts = [kind for kind in ours if issubclass(kind, BaseModel) and kind.__pydantic_fields__]
    print(len(parts), *sorted(kind.__name__ for kind in parts if kind.__pydantic_complete__), file=sys.stderr)

atexit.register(told)
start()
"""
SEARCHING = """
import atexit, gc, sys
searches = lambda: sum(kind["collections"] for kind in gc.get_stats())
before = searches()
atexit.register(lambda: sys.stderr.write("\\n" + str(searches() - before)))
from crmsync.cli.start import start
start()
"""
MODULES = """
import atexit, re, sys
compiled = []
compiler = sys.modules["re._compiler"]
compile_one = compiler.compile

def told():
    ours = sorted(name for name in sys.modules if name.startswith("crmsync"))
    sys.stderr.write("\\n" + " ".join(ours) + "\\n" + str(len(compiled)))

def noted(pattern, flags=0):
    frame = sys._getframe(1)
    while "/re/" in frame.f_code.co_filename or frame.f_globals["__name__"] == "crmsync.patterns":
        frame = frame.f_back
    if frame.f_globals["__name__"].startswith("crmsync") and frame.f_code.co_name == "<module>":
        compiled.append(pattern)
    return compile_one(pattern, flags)

compiler.compile = noted
atexit.register(told)
from crmsync.cli.start import start
start()
"""
PLACING = {"crmsync.route.placing.assignment", "crmsync.run.course"}
"""Of what places leads."""
PLACES = {"run", "simulate"}
CONFIGURATION = "connections: {salesforce: {connector: salesforce}}\n"


def loaded(*arguments: str, folder: Path, code: int = 0) -> set[str]:
    """The watched libraries that the command has imported."""
    return set(said_last(TELLING, *arguments, folder=folder, code=code).split())


def said_last(program: str, *arguments: str, folder: Path, code: int = 0) -> str:
    """The last line on stderr of a program in a Python of its own."""
    return said_by(program, *arguments, folder=folder, code=code)[-1]


def said_by(program: str, *arguments: str, folder: Path, code: int) -> list[str]:
    """The lines on stderr of a program in a Python of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stderr.splitlines()


REFUSED = {
    ("nonsense",): 2,
    ("run", "--nonsense"): 2,
    ("run", "--as-of", "2026-11-21"): 2,
    ("explain", "salesforce"): 2,
    ("explain", "salesforce", "--all", "--as-of", "yesterday"): 2,
    ("check", "--format", "csv"): 2,
    ("practice", "serve", "--port", "many"): 2,
    ("practice", "serve", "--import", "nowhere", "--port", "0"): 2,
}


@pytest.mark.parametrize(
    "commands",
    [
        {(*command.split(), "--help"): 0 for command in ("", *COMMANDS)},
        {("--version",): 0, ("schema", "policy"): 0, ("schema", "mapping"): 0, **REFUSED},
    ],
    ids=["help", "what needs no policy"],
)
def test_what_can_be_told_without_a_library_loads_none(commands: dict[tuple[str, ...], int], tmp_path: Path) -> None:
    """One process for all of them: what one loads would be seen at those after it, too."""
    told = json.loads(said_last(ONE_BY_ONE, *(json.dumps(command) for command in commands), folder=tmp_path))
    assert told == [[code, []] for code in commands.values()]


def test_a_policy_is_read_without_store_connector_and_table(tmp_path: Path) -> None:
    assert loaded("policy", "describe", "--policy", "saas", folder=tmp_path) == {"polars", "pydantic", "yaml"}
    assert loaded("test", "--preset", "saas", folder=tmp_path) - PLACING == {"polars", "pydantic", "yaml"}


@pytest.mark.parametrize(
    "arguments",
    broadly(
        [
            (("explain", "nobody", "1"),),
            (("run", "nobody"),),
            (("report", "worklist", "nobody"),),
            (("simulate", "--policy", "policy.yaml", "nobody"),),
            (("counters", "export", "nobody"),),
        ],
        core=3,
    ),
    ids=" ".join,
)
def test_a_command_on_stored_leads_loads_no_client_of_a_crm_and_no_table_before_there_is_one(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    write_configuration(tmp_path)
    there = loaded(*arguments, folder=tmp_path, code=2)  # and makes a new store
    assert there - PLACING == {"polars", "pydantic", "sqlalchemy", "yaml"}
    assert there & PLACING == (PLACING if arguments[0] in PLACES else set())


def test_a_command_that_explains_makes_few_dataclasses_and_builds_no_part_of_a_file_alone(tmp_path: Path) -> None:
    """The others are Structs; and a policy, mapping or roster is built as a whole."""
    write_configuration(tmp_path)
    said = said_by(MAKING, "explain", "nobody", "1", folder=tmp_path, code=2)
    dataclasses, parts = said[-2:]
    assert set(dataclasses.split()) == {"CrmClock"}
    there, *built = parts.split()
    assert int(there) > 90
    assert built == ["CrmMapping", "Environment", "EverydayFile", "Policy", "Roster"]


def test_a_command_that_explains_imports_little_of_ours_and_compiles_few_patterns(tmp_path: Path) -> None:
    """Behind faces only what is asked; of the store nothing that writes; of the settings what the file says; and for
    JSON nothing that tells it in words.
    """
    write_configuration(tmp_path)
    json_asked = ("explain", "nobody", "1", "--format", "json")
    *_, modules, patterns = said_by(MODULES, *json_asked, folder=tmp_path, code=2)
    there = set(modules.split())
    assert "crmsync.operations.explain.lead" in there
    assert there & {f"crmsync.store.{name}" for name in ("erase", "journal", "outcomes", "remember", "tidy")} == set()
    assert (
        there & {f"crmsync.settings.{name}" for name in ("alerts", "channels", "console", "hooks", "watch")} == set()
    )
    assert there & {f"crmsync.{name}" for name in ("mapping.inward", "plan.reversing", "sdk.pace")} == set()
    assert {name for name in there if name.startswith("crmsync.showing.explain")} == set()
    assert {name for name in there if ".icalendar_" in name or name.endswith(".writing")} == set()
    assert len(there) < 290
    assert int(patterns) < 10


@pytest.mark.parametrize("connector", ["crmsync_salesforce", "crmsync_hubspot"])
def test_a_plugin_alone_loads_no_tool_of_a_connector(connector: str, tmp_path: Path) -> None:
    names = said_last(f"import sys, {connector}; sys.stderr.write(' '.join(sys.modules))", folder=tmp_path).split()
    assert {"crmsync.contract.plugin", "crmsync.sdk.starter"} <= set(names)
    assert {name for name in names if name.startswith("crmsync.sdk.")} == {"crmsync.sdk.starter"}
    assert "http.client" not in names


def test_a_start_searches_its_imports_for_garbage_once_at_most(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    assert int(said_last(SEARCHING, "explain", "nobody", "1", folder=tmp_path, code=2)) <= 1


def test_variables_of_the_machine_are_read_by_the_library_for_them_and_only_where_one_is_set(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    (tmp_path / ".env").write_text("CRMSYNC_LOG_LEVEL=error\n", encoding="utf-8")
    assert "pydantic_settings" in loaded("run", "nobody", folder=tmp_path, code=2)


def write_configuration(folder: Path) -> None:
    """The smallest one that is right; its connection is never opened."""
    (folder / "mappings").mkdir()
    mapping = (Path(__file__).parents[2] / "mappings" / "salesforce.yaml").read_text(encoding="utf-8")
    (folder / "mappings" / "salesforce.yaml").write_text(mapping, encoding="utf-8")
    (folder / "crmsync.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (folder / "policy.yaml").write_text("extends: saas\n", encoding="utf-8")
    (folder / "roster.yaml").write_text("people: [{user: ann@seller.example, role: ae}]\n", encoding="utf-8")
