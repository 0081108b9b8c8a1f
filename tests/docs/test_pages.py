"""The documentation is executed: console blocks run, YAML blocks are valid configuration, links lead somewhere.

In a `console` block each line after `$ ` is a command and must end with 0; the lines below it must occur in its
output, in which `…` stands for anything. A `console background` block is started and ended with the page. A block
such as `yaml > policy.yaml` makes that file, `yaml >> policy.yaml` is added to its end. `pip` installs into a folder
of the test's own, without a network.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crmsync.cli.main import main
from crmsync.values import replace
from suite import postgresql
from suite.breadth import broadly
from suite.forking import warm_program
from suite.warm import WarmProcess

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
HOW_TO = ROOT / "docs" / "how-to"
WALKED = [
    ROOT / "docs" / "tutorial.md",
    HOW_TO / "add-a-connector.md",
    HOW_TO / "back-up-and-restore.md",
    HOW_TO / "begin-with-a-pilot.md",
    HOW_TO / "share-the-store.md",
    HOW_TO / "check-that-your-rotation-is-fair.md",
    HOW_TO / "read-the-forecast.md",
    HOW_TO / "read-the-funnel.md",
    HOW_TO / "read-the-scorecard.md",
    HOW_TO / "read-the-sales-report.md",
    HOW_TO / "watch-hand-offs.md",
    HOW_TO / "more-than-one-hand-over.md",
    HOW_TO / "when-somebody-leaves.md",
]
TYPED = {"tutorial", "add-a-connector"}
"""Pages whose commands are given to a shell as they stand: the first one that is read, and one that installs.

What the shell finds as `crmsync` is the console script itself where something is installed beside it; on the other
page it is a program that begins warm (see `suite.forking`), but for what goes on until the page ends.
"""
INSTALLS = {"add-a-connector"}


@dataclass
class Command:
    """One command of a page and the lines that must occur in its output."""

    line: str
    background: bool
    expected: list[str] = field(default_factory=list)


@dataclass
class Addition:
    """What a page has its reader write into a new file (`w`) or at the end of one (`a`)."""

    file: str
    text: str
    mode: str


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """(info string, text) of each fenced block, without the spaces by which the block stands to the right."""
    for found in re.finditer(r"^( *)```([^\n]*)\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.M | re.S):
        yield found[2].strip(), re.sub(f"^{found[1]}", "", found[3], flags=re.M)


def steps(page: Path) -> Iterator[Command | Addition]:
    for info, text in blocks(page):
        if written := re.fullmatch(r"\w+ (>>?) (\S+)", info):
            yield Addition(written[2], text, "a" if written[1] == ">>" else "w")
        if not info.startswith("console"):
            continue
        command: Command | None = None
        for line in text.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command
                command = Command(line[2:], "background" in info)
            elif command and line.strip():
                command.expected.append(line.strip())
        if command:
            yield command


def occurs(expected: str, output: str) -> bool:
    """Whether a line of a page occurs, spaces aside, `…` standing for anything."""
    pattern = ".*?".join(re.escape(" ".join(part.split())) for part in expected.split("…"))
    return re.search(pattern, " ".join(output.split())) is not None


def own_pip(target: Path) -> Path:
    """A folder with a `pip` that leaves the environment of the tests as it is."""
    folder = target.with_name(".bin")
    folder.mkdir()
    options = f"--no-deps --no-build-isolation --no-index --target '{target}'"
    (folder / "pip").write_text(f"#!/bin/sh\nexec '{sys.executable}' -m pip \"$@\" {options}\n")
    (folder / "pip").chmod(0o755)
    return folder


@dataclass(frozen=True)
class Shell:
    """Where a page is walked through. `warm`: a command that is nothing but `crmsync …` starts warm.

    `programs`: a folder whose programs are found before all others by a command that ends.
    """

    env: Mapping[str, str]
    said: Path
    warm: bool
    programs: Path | None = None

    def run(self, line: str, folder: Path) -> str:
        """What a command says on stdout; it must end with 0."""
        if self._starts_warm(line):
            with self._crmsync(line, folder) as process:
                code = process.wait()
            out, err = process.stdout, process.stderr
        else:
            first = f"{self.programs}{os.pathsep}" if self.programs else ""
            env = {**self.env, "PATH": f"{first}{self.env['PATH']}"}
            done = subprocess.run(
                line, shell=True, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
            )
            code, out, err = done.returncode, done.stdout, done.stderr
        assert code == 0, f"$ {line}\n{out}\n{err}"
        return out

    @contextmanager
    def background(self, line: str, folder: Path) -> Iterator[str]:
        """The first line that a command says which goes on until the end."""
        if self._starts_warm(line):
            with self._crmsync(line, folder) as process:
                yield process.first_line()
        else:
            started = ["/bin/sh", "-c", f"exec {line}"]
            with subprocess.Popen(started, cwd=folder, env=self.env, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                try:
                    yield process.stdout.readline()
                finally:
                    process.terminate()

    def _starts_warm(self, line: str) -> bool:
        return self.warm and line.startswith("crmsync ") and not re.search(r"[|&;<>$`*?~]", line)

    def _crmsync(self, line: str, folder: Path) -> WarmProcess:
        self.said.mkdir(exist_ok=True)
        said = self.said / str(len(list(self.said.iterdir())))
        return WarmProcess.start(main, shlex.split(line), cwd=folder, env=self.env, said=said)


@pytest.mark.parametrize("page", broadly(WALKED), ids=lambda page: page.stem)
def test_a_page_can_be_walked_through(page: Path, tmp_path: Path) -> None:
    pip = own_pip(tmp_path / ".installed")
    env = {name: value for name, value in os.environ.items() if not name.startswith("CRMSYNC_")}
    env["COLUMNS"] = "250"  # what pages show stands on one line there
    env |= {"PATH": os.pathsep.join([str(pip), str(Path(sys.executable).parent), env["PATH"]]), "NO_COLOR": "1"}
    env["PYTHONPATH"] = str(tmp_path / ".installed")
    shell = Shell(env, tmp_path / ".said", warm=page.stem not in TYPED)
    folder = tmp_path
    with ExitStack() as running:
        if page.stem in TYPED - INSTALLS:
            shell = replace(shell, programs=running.enter_context(warm_program(tmp_path / ".warm")).parent)
        if "$DATABASE" in page.read_text(encoding="utf-8"):
            env["DATABASE"] = running.enter_context(postgresql.database())
        for command in steps(page):
            if isinstance(command, Addition):
                (folder / command.file).parent.mkdir(parents=True, exist_ok=True)
                with (folder / command.file).open(command.mode, encoding="utf-8") as file:
                    file.write(command.text)
                continue
            if command.background:
                output = running.enter_context(shell.background(command.line, folder))
                folder = tmp_path / "rehearsal"
            else:
                output = shell.run(command.line, folder)
            for expected in command.expected:
                assert occurs(expected, output), f"$ {command.line}\nlacks: {expected}\n{output}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    broken = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files_are_there(page: Path) -> None:
    """Files and folders of this checkout that a page names, but for those that it has its reader make."""
    made = {found[1] for info, _ in blocks(page) if (found := re.fullmatch(r"\w+ > (\S+)", info))}
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    named = set(re.findall(r"`((?:src|tests|docs|scripts|mappings|connectors)/[\w./-]*)`", text))
    assert sorted(name for name in named - made if not (ROOT / name).exists()) == []
