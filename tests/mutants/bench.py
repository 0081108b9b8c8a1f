"""Plants every mutant in a copy of the tree, runs the fast tests that should see it, and prints what was caught.

Of these tests it runs what `make test` does, and where all of that stays green or nothing of it is in `make test`,
what `make breadth` does: what only that sees is told.

`make mutants`, or `python tests/mutants/bench.py [--room ROOM] [--share K/N] [--workers N] [WORD …]` for those whose
name or file holds one of the words; a share is every N-th of these, from each room some, and the same ones each time.
Each worker has a copy of its own; the working tree is not touched. First the named tests run
on the plain copy, and those of the second part once they have seen a mutant: what is red there cannot tell anything.

Exit 0: at least 95 % are caught, every other one says why it stays, and no caught one does. Exit 1 otherwise.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from multiprocessing.context import ForkServerContext
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from forks import TooLong, forks, processor_seconds, tested
from planting import ROOT, Mutant, Refused, chosen_of, mutants, refuse_the_unplantable

sys.path.insert(0, str(ROOT / "tests"))
from suite.breadth import share

ASKED_SHARE = 0.95
LONGEST_SECONDS = 300
"""A mutant that makes its tests run for ever is caught by the clock."""

_COPIED = (
    "connectors",
    "deploy",
    "docs",
    "mappings",
    "scripts",
    "src",
    "tests",
    "README.md",
    "conftest.py",
    "pyproject.toml",
)
CORE, BREADTH = "core", "breadth"
_GREEN, _RED, _NONE = 0, 1, 5
"""pytest's exit codes."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one mutant. `by`: the test that went red first, null = none did.

    `trouble`: why no test could be run with it; that is no catch, the mutant has to be mended.
    """

    mutant: Mutant
    by: str | None
    seconds: float
    trouble: str = ""

    @property
    def words(self) -> str:
        """What is told of it."""
        if self.trouble:
            return f"COULD NOT BE TRIED: {self.trouble}"
        return self.by or f"not caught: {self.mutant.stays or 'NOBODY SAYS WHY'}"

    @property
    def as_said(self) -> bool:
        """Caught, or said to stay."""
        return (self.by is None) == bool(self.mutant.stays)


class Ended(NamedTuple):
    """A run of pytest: its exit code, and what it said."""

    code: int
    words: str


class Copy:
    """A copy of the tree in which one mutant at a time is planted."""

    def __init__(self, folder: Path, context: ForkServerContext) -> None:
        self._root = folder
        for name in _COPIED:
            source, target = ROOT / name, folder / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            else:
                shutil.copy2(source, target)
        self._sources = [folder / "src", *sorted(folder.glob("connectors/*/src"))]
        self._context = context

    def plain(self, tests: Sequence[str], part: str) -> None:
        """Run tests with nothing planted. Raises `Refused` unless they are green."""
        ended = self._pytest(tests, part, seconds=None)
        if ended.code not in (_GREEN, _NONE):
            raise Refused(f"{' '.join(tests)} is not green with nothing planted:\n{ended.words[-3000:]}")

    def tried(self, mutant: Mutant) -> Found:
        """Plant, test, take back. Raises `Refused` if it cannot be planted or its tests are never green."""
        path, source = self._root / mutant.file, mutant.source(self._root)
        began = time.monotonic()
        try:
            self._write(path, mutant.planted(source))
            part, ended = self._first_that_sees_it(mutant.tests)
        except TooLong:
            return Found(mutant, "(the clock)", time.monotonic() - began)
        finally:
            self._write(path, source)
        spent = time.monotonic() - began
        if ended.code in (_GREEN, _NONE):
            return Found(mutant, None, spent)
        if ended.code != _RED:
            return Found(mutant, None, spent, trouble=ended.words[-1000:])
        red = _first_red(ended.words)
        if part == BREADTH:
            self.plain([red] if "::" in red else mutant.tests, part)
            red += " (second part)"
        return Found(mutant, red, spent)

    def _first_that_sees_it(self, tests: Sequence[str]) -> tuple[str, Ended]:
        """The part of the suite that is not green, or else the second."""
        ended = self._pytest(tests, CORE, seconds=LONGEST_SECONDS)
        if ended.code not in (_GREEN, _NONE):
            return CORE, ended
        return BREADTH, self._pytest(tests, BREADTH, seconds=LONGEST_SECONDS)

    def _write(self, path: Path, text: str) -> None:
        """Two texts of one size written within a second are one file to Python's cache: it goes, too."""
        path.write_text(text, encoding="utf-8")
        Path(cache_from_source(str(path))).unlink(missing_ok=True)

    def _pytest(self, tests: Sequence[str], part: str, *, seconds: float | None) -> Ended:
        options = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider", "--part", part, *tests)
        said = self._root.with_suffix(".said")
        return Ended(*tested(self._context, self._root, self._sources, options, said=said, seconds=seconds))


def _first_red(output: str) -> str:
    """The first failed test, as pytest names it, without its parameters."""
    found = re.search(r"^(?:FAILED|ERROR) (\S+?)(?:\[.*)?(?: - .*)?$", output, re.MULTILINE)
    return found.group(1) if found else "(a test that pytest does not name)"


def tried(chosen: Sequence[Mutant], workers: int) -> Iterator[Found]:
    """Each mutant's end, in the order of `chosen`."""
    copies: SimpleQueue[Copy] = SimpleQueue()
    context = forks()

    @contextmanager
    def borrowed() -> Iterator[Copy]:
        copy = copies.get()
        try:
            yield copy
        finally:
            copies.put(copy)

    def plain(tests: Sequence[str]) -> None:
        with borrowed() as copy:
            copy.plain(tests, CORE)

    def one(mutant: Mutant) -> Found:
        with borrowed() as copy:
            return copy.tried(mutant)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        for number in range(workers):
            copies.put(Copy(Path(folder).resolve() / str(number), context))
        named = sorted({test for mutant in chosen for test in mutant.tests})
        list(pool.map(plain, [part for number in range(workers) if (part := named[number::workers])]))
        yield from pool.map(one, chosen)


def table(found: Iterable[Found]) -> Iterator[str]:
    """Caught and not, by room; by which tests; and what was not caught."""
    all_ = list(found)
    yield f"\n{'room':16}{'planted':>9}{'caught':>9}{'seconds':>9}"
    for room in dict.fromkeys(each.mutant.room for each in all_):
        mine = [each for each in all_ if each.mutant.room == room]
        yield f"{room:16}{len(mine):>9}{_caught(mine):>9}{sum(each.seconds for each in mine):>9.0f}"
    share = _caught(all_) / len(all_)
    yield f"{'together':16}{len(all_):>9}{_caught(all_):>9}{sum(each.seconds for each in all_):>9.0f}   {share:.1%}"
    yield "\ncaught by"
    by = Counter(each.by.partition("::")[0] for each in all_ if each.by)
    yield from (f"{number:6}  {file}" for file, number in sorted(by.items(), key=lambda one: (-one[1], one[0])))
    stay = [each for each in all_ if each.by is None]
    if stay:
        yield "\nnot caught"
        yield from (f"  {each.mutant.room}: {each.mutant.name}: {each.words}" for each in stay)
    stale = [each for each in all_ if each.by and each.mutant.stays]
    yield from (f"\n{each.mutant.name} says that it stays, and was caught by {each.by}" for each in stale)


def _caught(found: Sequence[Found]) -> int:
    return sum(each.by is not None for each in found)


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--room", action="append", default=[])
    parser.add_argument("--share", type=share, default=(0, 1), metavar="K/N")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    try:
        chosen = chosen_of(mutants(), asked.room, asked.words, asked.share)
        if not chosen:
            raise Refused("no mutant is named by that")
        refuse_the_unplantable(chosen)
        began, found = time.monotonic(), []
        for each in tried(chosen, asked.workers):
            found.append(each)
            print(f"{each.mutant.room:16}{each.mutant.name}: {each.words}", flush=True)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(table(found)))
    print(
        f"\n{time.monotonic() - began:.0f} s with {asked.workers} workers, {processor_seconds():.0f} s of a processor"
    )
    caught = _caught(found) / len(found)
    return 0 if caught >= ASKED_SHARE and all(each.as_said for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
