"""Mutants: mistakes that a tired engineer makes, written down as data, and planted one at a time.

One TOML file for each room: `room`, `tests` (the fast tests that should see its mutants), and each `[[mutant]]` with

- `name`: what the planted program does wrong, in words; each name once,
- `file`, `old`, `new`: the text `old` stands exactly once in the file and becomes `new`,
- `why`: what would go wrong for whoever relies on it,
- `tests`: instead of the room's,
- `stays`: why no test can see it. Only for what no test should be asked to see.

A mutant whose text is not found exactly once, or that no longer parses once planted, is refused: it would be planted
nowhere and counted as caught or not by chance.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

_KEYS = {"name", "file", "old", "new", "why", "tests", "stays"}


class Refused(Exception):
    """A mutant that cannot be planted, and why."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted mistake. `file` and `tests` are relative to the repository. `stays` empty = it has to be caught."""

    room: str
    name: str
    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]
    stays: str = ""

    def source(self, root: Path = ROOT) -> str:
        """The file's text. Raises `Refused`, which says where the text of the mutant stands by now."""
        path = root / self.file
        source = path.read_text(encoding="utf-8") if path.is_file() else ""
        if self.old not in source:
            now = [str(path.relative_to(root)) for path in _programs(root) if self.old in path.read_text("utf-8")]
            where = f"it stands in {', '.join(now)}" if now else "it stands nowhere"
            raise Refused(f"{self.file} does not hold the text of “{self.name}”; {where}")
        return source

    def planted(self, source: str) -> str:
        """The file's text with the mistake in it. Raises `Refused`."""
        found = source.count(self.old)
        if found != 1:
            raise Refused(f"{self.file} holds the text of “{self.name}” {found} times, not once")
        changed = source.replace(self.old, self.new)
        try:
            same = _program(source) == _program(changed)
        except SyntaxError as error:
            raise Refused(f"{self.file} with “{self.name}” is no Python: {error}") from error
        if same:
            raise Refused(f"{self.file} with “{self.name}” is the same program")
        return changed


def mutants(folder: Path = HERE) -> tuple[Mutant, ...]:
    """All of them, by room and in the order of their files. Raises `Refused`."""
    found = [each for path in sorted(folder.glob("*.toml")) for each in _of_file(path)]
    names = [each.name for each in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(f"two mutants have the name “{twice[0]}”")
    return tuple(found)


def chosen_of(
    all_: Sequence[Mutant], rooms: Sequence[str], words: Sequence[str], part: tuple[int, int]
) -> list[Mutant]:
    """Those of the rooms (none named: of all) that hold one of the words (none: all), and of these a part."""
    named = [
        mutant
        for mutant in all_
        if (not rooms or mutant.room in rooms)
        and (not words or any(word in f"{mutant.name} {mutant.file}" for word in words))
    ]
    which, of = part
    return named[which::of]


def refuse_the_unplantable(chosen: Sequence[Mutant]) -> None:
    """Raises `Refused` with all of those that cannot be planted: before hours are spent on the others."""
    why = []
    for mutant in chosen:
        try:
            mutant.planted(mutant.source())
        except Refused as error:
            why.append(str(error))
    if why:
        raise Refused("\n".join(why))


@lru_cache(maxsize=8)
def _program(source: str) -> object:
    """The same for two texts that Python makes the same of, as where spaces, comments or brackets differ."""
    return _instructions(compile(source, "", "exec", dont_inherit=True))


def _instructions(code: CodeType) -> object:
    constants = [
        _instructions(each) if isinstance(each, CodeType) else (type(each), repr(each)) for each in code.co_consts
    ]
    takes = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags, code.co_varnames)
    return code.co_code, code.co_names, code.co_freevars, code.co_exceptiontable, takes, constants


def _programs(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("src/**/*.py"))
    yield from sorted(root.glob("connectors/*/src/**/*.py"))


def _of_file(path: Path) -> Sequence[Mutant]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_mutant(data["room"], data["tests"], entry, path.name) for entry in data["mutant"]]


def _mutant(room: str, tests: Sequence[str], entry: dict[str, Any], file: str) -> Mutant:
    missing = {"name", "file", "old", "new", "why"} - entry.keys()
    if missing or entry.keys() - _KEYS:
        raise Refused(
            f"{file}: a mutant has keys missing or unknown: {', '.join(sorted(missing | entry.keys() - _KEYS))}"
        )
    seen_by = tuple(entry.get("tests", tests))
    if not seen_by:
        raise Refused(f"{file}: no tests are named for “{entry['name']}”")
    return Mutant(
        room=room,
        name=entry["name"],
        file=entry["file"],
        old=entry["old"],
        new=entry["new"],
        why=entry["why"],
        tests=seen_by,
        stays=entry.get("stays", ""),
    )
