"""Builds wheels and sources of all distributions, installs them where nothing else is, and tries them.

    python scripts/check_packages.py [--python PYTHON] [--wheels DIRECTORY] [--from wheel|sdist] [--tests]

Third parties come from `requirements/run.txt` with their hashes; ours from the files that were just built, with no
checkout in sight. Tried are: the command's start, pages and schemas in the package, a rehearsal on both practice CRMs
from `check` to a run that writes, and its undoing; and every page of the console, with all that its pages load.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECTS = (ROOT, ROOT / "connectors" / "salesforce", ROOT / "connectors" / "hubspot")
NAMES = {"crmsync", "crmsync_hubspot", "crmsync_salesforce"}
SAMPLE = ("tests/acceptance/test_exit_codes.py", "tests/acceptance/test_dry_run.py")
PAGES = ("plan/salesforce", "leads?sought=an", "runs", "routing", "mapping", "policy", "settings", "reports")
REPORTS = ("worklist", "funnel", "scorecard", "sales", "forecast", "capacity", "hand-offs", "conflicts")
IN_EVERY_WHEEL = {"crmsync": ("crmsync/pages/tutorial.md", "crmsync/schemas/policy.json", "crmsync/py.typed")}
"""Files without which a message leads nowhere. Connectors bring their starter mapping."""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to install into")
    parser.add_argument("--wheels", type=Path, help="keep what was built in this folder")
    parser.add_argument("--from", dest="source", choices=["wheel", "sdist"], default="wheel", help="what to install")
    parser.add_argument("--tests", action="store_true", help="run a sample of the acceptance tests there, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = options.wheels or folder / "built"
        build(built)
        inspect(built)
        bin_folder = install(options.python, folder / "environment", built, options.source)
        try_it(bin_folder, folder)
        if options.tests:
            test_it(bin_folder, folder / "tests-alone")
    say("all of it works")
    return 0


def build(built: Path) -> None:
    """A wheel and a source distribution of each project, by the pinned build backend of this environment."""
    for project in PROJECTS:
        say(f"building {project.name if project != ROOT else 'crmsync'}")
        run([sys.executable, "-m", "hatchling", "build", "--directory", str(built.absolute())], cwd=project)


def inspect(built: Path) -> None:
    """What must be in the files is there, licences and notices too."""
    wheels = {path.name.partition("-")[0]: path for path in built.glob("*.whl")}
    sources = {path.name.partition("-0")[0].replace("-", "_"): path for path in built.glob("*.tar.gz")}
    expect(set(wheels) == set(sources) == NAMES, f"built are {sorted(wheels)} and {sorted(sources)}")
    for name, wheel in wheels.items():
        inside = zipfile.ZipFile(wheel).namelist()
        starter = f"{name}/{name.removeprefix('crmsync_')}.yaml"
        for file in IN_EVERY_WHEEL.get(name, (starter,)):
            expect(file in inside, f"{wheel.name} lacks {file}")
        if name == "crmsync":
            lacking = sorted(set(_own_files()) - set(inside))
            expect(not lacking, f"{wheel.name} lacks {', '.join(lacking)}")
            expect(any(file.endswith("licenses/NOTICE.md") for file in inside), f"{wheel.name} lacks its notice")
    with tarfile.open(sources["crmsync"]) as archive:
        expect(
            any(name.endswith("/mappings/hubspot.yaml") for name in archive.getnames()), "no mappings in the sdist"
        )


def _own_files() -> Iterator[str]:
    """All that lies in the packages of `src`: templates, scripts, pictures, presets and words as well as modules."""
    for path in (ROOT / "src").rglob("*"):
        if path.is_file() and path.suffix not in {".pyc", ".po"} and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT / "src").as_posix()


def install(python: str, environment: Path, built: Path, source: str) -> Path:
    """A clean environment with the pinned third parties and what was built. The folder of its commands."""
    run([python, "-m", "venv", str(environment)])
    commands = environment / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(commands / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
    say("installing the pinned packages")
    run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "run.txt")])
    say(f"installing each {source}")
    files = sorted(built.glob("*.whl" if source == "wheel" else "*.tar.gz"))
    run([*pip, "--no-index", "--no-build-isolation", *map(str, files)])
    run([str(commands / "python"), "-m", "pip", "check"])
    return commands


def try_it(commands: Path, folder: Path) -> None:
    """From help to a run that writes, and back, on both practice CRMs."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CRMSYNC_", "PYTHON"))}
    env |= {"PATH": os.pathsep.join([str(commands), env.get("PATH", "")]), "PYTHONDONTWRITEBYTECODE": "1"}
    world, elsewhere = folder / "rehearsal", folder / "elsewhere"
    elsewhere.mkdir()

    def crmsync(*arguments: str, where: Path = world, code: int = 0) -> str:
        said = [str(commands / "crmsync"), *arguments]
        return run(said, cwd=where, env=env, code=code)

    say("trying the commands that need no CRM")
    told = crmsync("--version", where=elsewhere)
    expect("hubspot" in told and "salesforce" in told, f"the connectors are not found: {told}")
    for arguments in (
        ("docs", "go-live"),
        ("schema", "policy"),
        ("schema", "--answer", "run"),
        ("test", "--preset", "saas"),
    ):
        expect(len(crmsync(*arguments, where=elsewhere)) > 10, f"{arguments} says nothing")
    with practice(commands, folder, env):
        say("trying a rehearsal")
        crmsync("check", "--data")
        crmsync("fmt", "--check")
        plan = json.loads(crmsync("run", "--dry-run", "--format", "json", "--out", "plan.json"))
        expect(all(one["changes"] for one in plan["plans"]) and len(plan["plans"]) == 2, "the plan is empty")
        crmsync("apply", "plan.json")
        again = json.loads(crmsync("run", "--format", "json"))
        expect(not any(one["changes"] for one in again["plans"]), "the second run plans something")
        runs = json.loads(crmsync("runs", "--format", "json"))["runs"]
        crmsync("undo", str(next(each["id"] for each in runs if each["outcomes"])), "--dry-run")
        crmsync("status")
        crmsync("explain", "hubspot", "--all", "--format", "json")
        say("trying the console")
        look_at_the_console(commands, world, env)


def look_at_the_console(commands: Path, world: Path, env: Mapping[str, str]) -> None:
    """Each page, and each stylesheet and script that they name."""
    command = [str(commands / "crmsync"), "console", "--port", "0"]
    with subprocess.Popen(command, cwd=world, env=env, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            address = (process.stdout.readline() if process.stdout else "").strip()
            expect(address.startswith("http://127.0.0.1:"), "the console does not start")
            assets: set[str] = set()
            for path in ("", *PAGES, *(f"reports/{name}" for name in REPORTS)):
                page = _there(f"{address}{path}")
                expect("</html>" in page, f"/{path} is no page")
                assets.update(re.findall(r'(?:href|src)="/(assets/[^"]+)"', page))
            expect(sum(name.endswith(".js") for name in assets) >= 4, f"pages load {sorted(assets)} only")
            for asset in assets:
                expect(len(_there(f"{address}{asset}")) > 100, f"/{asset} is empty")
        finally:
            process.terminate()


def _there(url: str) -> str:
    """What is answered, once what the page is made of is there."""
    for _ in range(240):
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - an address of this machine
            text = str(answer.read().decode("utf-8"))
        if 'hx-trigger="load delay' not in text:
            return text
        time.sleep(0.5)
    raise SystemExit(f"{url} is computed for ever")


def test_it(commands: Path, folder: Path) -> None:
    """A sample of the acceptance tests, in a folder without the sources, so that what is installed is tested."""
    say("running a sample of the acceptance tests")
    folder.mkdir()
    for name in ("tests", "mappings"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, folder)
    python = str(commands / "python")
    pins = str(ROOT / "requirements" / "test.txt")
    run([python, "-m", "pip", "--quiet", "install", "--no-deps", "--require-hashes", "-r", pins])
    where = run([python, "-c", "import crmsync; print(crmsync.__file__)"], cwd=folder)
    expect("site-packages" in where, f"crmsync is imported from {where}")
    run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SAMPLE], cwd=folder)


@contextmanager
def practice(commands: Path, folder: Path, env: Mapping[str, str]) -> Iterator[None]:
    """Both practice CRMs, until the block ends."""
    serve = [str(commands / "crmsync"), "practice", "serve", "--port", "0", "--leads", "60"]
    with subprocess.Popen(  # noqa: S603 - what is started are our own commands
        [*serve, "--config-dir", str(folder / "rehearsal")], cwd=folder, env=env, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            expect(bool(process.stdout and process.stdout.readline()), "the practice CRMs do not start")
            yield
        finally:
            process.terminate()


def run(command: list[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, code: int = 0) -> str:
    """What the command says on stdout. Ends the script when its exit code is another."""
    done = subprocess.run(  # noqa: S603 - what is started are our own commands
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    expect(done.returncode == code, f"{' '.join(command)}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(right: bool, words: str) -> None:
    """End the script with these words unless all is right."""
    if not right:
        sys.stderr.write(f"{words}\n")
        raise SystemExit(1)


def say(words: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(f"[{time.strftime('%H:%M:%S')}] {words}\n")


if __name__ == "__main__":
    sys.exit(main())
