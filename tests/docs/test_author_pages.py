"""The pages for those who extend crmsync: what a page says is done in a copy of this checkout, word by word.

A block such as `python > FILE` makes that file, `yaml >> FILE` is added to its end. A block `diff FILE` changes it:
the lines without `+` and those with `-` have to stand there, together and once. `console` blocks are commands as on
every page (see test_pages); `$ cd FOLDER` moves to a folder of the copy.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_pages import HOW_TO, ROOT, blocks, occurs

from suite.breadth import broadly

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
PAGES = ("add-a-routing-strategy", "add-a-criterion", "add-a-column-to-the-plan", "add-a-report")
COPIED = ("src", "mappings", "scripts", "docs", "requirements", "tests", "pyproject.toml", "CHANGELOG.md")
LEFT_OUT = shutil.ignore_patterns("data", "clients")
"""What is compiled already comes along: it is right for every file that keeps its time and size."""
PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Copy:
    """A copy of the checkout. The environment is that of the tests, with the copy's packages in front."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """Without anything that is set for this run of the tests."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("CRMSYNC_", "PYTEST_"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
        env |= {"PATH": path, "PYTHONPATH": str(self.root / "src"), "COLUMNS": "160", "NO_COLOR": "1"}
        return env | {"PYTHONDONTWRITEBYTECODE": ""}  # what one command compiles, the next finds

    def write(self, file: str, text: str, *, at_the_end: bool) -> None:
        """Make a file, or add to one."""
        path = self.root / file
        assert path.exists() == at_the_end, file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as opened:
            opened.write(text)

    def change(self, file: str, difference: str) -> None:
        """Put the lines with `+` in the place of those with `-`; lines with neither tell where."""
        path = self.root / file
        text, lines = path.read_text(encoding="utf-8"), difference.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if not line.startswith("+"))
        after = "".join(line[1:] for line in lines if not line.startswith("-"))
        assert text.count(before) == 1, f"{file} has this {text.count(before)} times:\n{before}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run(self, line: str, folder: Path, *, fails: bool = False) -> str:
        """A command's output; it has to end well, or to fail."""
        done = subprocess.run(
            line, shell=True, cwd=folder, env=self.environment, capture_output=True, text=True,
            timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, f"$ {line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, line: str, folder: Path) -> Iterator[str]:
        """The first line of what a command says that goes on until the end of the block."""
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {line}"], cwd=folder, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            yield process.stdout.readline()
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """(command, lines that must occur in its output) of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        line, *expected = part.splitlines()
        yield line, [each for each in expected if each.strip()]


def check_names(text: str) -> None:
    """Targets of make are there, and so are the files and folders that commands name."""
    targets = set(
        re.findall(r"^([\w./$()-]+):", (ROOT / "Makefile").read_text("utf-8").replace("$(VENV)", ".venv"), re.M)
    )
    for line, expected in commands(text):
        program, *words = line.split()
        assert not expected, f"nobody looks whether {line} says that"
        if program == "make":
            assert set(words) <= targets, line
        named = [word for word in words if "/" in word and not word.startswith(".venv")]
        assert [word for word in named if not (ROOT / word).exists()] == [], line


def walk(page: Path, copy: Copy) -> None:
    """Do what the page says, from its first block to its last."""
    folder = copy.root
    with ExitStack() as until_the_end:
        for info, text in blocks(page):
            if written := re.fullmatch(r"\w+ (>>?) (\S+)", info):
                copy.write(written[2], text, at_the_end=written[1] == ">>")
            elif info.startswith("diff "):
                copy.change(info.removeprefix("diff "), text)
            elif info == "console checked":
                check_names(text)
            elif info.startswith("console"):
                for line, expected in commands(text):
                    if line.startswith("cd "):
                        folder = copy.root / line.removeprefix("cd ")
                        continue
                    if "background" in info:
                        said = until_the_end.enter_context(copy.running(line, folder))
                    else:
                        said = copy.run(line, folder, fails="fails" in info)
                    for words in expected:
                        assert occurs(words, said), f"$ {line}\nlacks: {words}\n{said}"
            else:
                raise AssertionError(f"{page.name}: nobody does anything with a block `{info}`")


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """What an author works on, as far as the pages need it."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return Copy(tmp_path)


@pytest.mark.parametrize(
    "page", [*(HOW_TO / f"{name}.md" for name in PAGES), CONTRIBUTING], ids=lambda page: page.stem
)
def test_what_a_page_changes_stands_there(page: Path, tmp_path: Path) -> None:
    """Without its commands, so that whoever moves such a line sees it at once."""
    copy, changed = Copy(tmp_path), 0
    for info, text in blocks(page):
        what = re.fullmatch(r"(?:diff|\w+ (>>?)) (\S+)", info)
        if what is None:
            continue
        mark, file = what.groups()
        if (ROOT / file).exists() and not (tmp_path / file).exists():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, tmp_path / file)
        if mark:
            copy.write(file, text, at_the_end=mark == ">>")
        else:
            copy.change(file, text)
        changed += 1
    assert changed


@pytest.mark.parametrize("name", broadly(PAGES, core=0))
def test_a_page_does_what_it_promises(name: str, copy: Copy) -> None:
    walk(HOW_TO / f"{name}.md", copy)


@pytest.mark.breadth
def test_contributing_does_what_it_promises(copy: Copy) -> None:
    walk(CONTRIBUTING, copy)


def test_contributing_tells_every_part_of_the_suite() -> None:
    told = set(re.findall(r"^\| `tests/(\w+)` \|", CONTRIBUTING.read_text("utf-8"), re.M))
    there = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert there - {"found"} == told


def test_every_page_for_authors_is_walked() -> None:
    walked_elsewhere = {"add-a-connector"}
    assert {path.stem for path in HOW_TO.glob("add-*.md")} - walked_elsewhere == set(PAGES)
