"""Notes of plans in another language: each is known by how the runs word it today, so that none is lost by a word."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from datetime import date
from inspect import getsource
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from crmsync.languages.tongues import tongue_of
from crmsync.plan import left_scope_notes, unmanaged_notes
from crmsync.run import changed_files, left_alone
from crmsync.run.aims import chosen
from crmsync.run.left_alone import LeftAlone
from crmsync.showing.run.note_words import FIXED, STORED, note_words
from crmsync.tongue import ENGLISH

DAY = date(2026, 12, 1)
MAPPING: Any = SimpleNamespace(lead=SimpleNamespace(leave_alone=("Pinned__c", "Vip__c")))


def alone(many: int) -> Iterator[str]:
    for cause in left_alone.CAUSES:
        yield from left_alone.notes([LeftAlone(f"00{n}", cause, "x", DAY) for n in range(many)], MAPPING, "c")


def unmanaged(many: int, *, of: int = 9) -> Iterable[str]:
    rows = [{"stage_native": f'{{"Status": "S{n}"}}', "count": 1, "lead": f"00{n}"} for n in range(many)]
    return unmanaged_notes(pl.DataFrame(rows), "Status", of, {"S0": "Zero"})


def written(*modules: object) -> Iterator[str]:
    """Texts of these modules' own."""
    for module in modules:
        for node in ast.walk(ast.parse(getsource(module))):  # type: ignore[arg-type]
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@pytest.mark.parametrize("language", ["de", "it", "nb", "nl"])
def test_what_runs_word_is_told_in_the_readers_language(language: str) -> None:
    tongue = tongue_of(language)
    notes = [
        note
        for many in (1, 2, 1200)
        for note in (*alone(many), *unmanaged(many, of=5000), *unmanaged(many, of=many), *left_scope_notes(many))
    ]
    assert len(notes) == 21
    assert [note for note in notes if note_words(note, tongue) == note] == []
    for note in notes:
        figures = {each for each in note.split("(")[-1].split(")")[0].split(", ") if each.startswith("00")}
        assert all(each.split()[0] in note_words(note, tongue) for each in figures), note
        assert note_words(note, ENGLISH) == note
    [many_held] = (note for note in alone(1200) if " held " in note)
    assert tongue.number(1200) in note_words(many_held, tongue)


def test_what_is_said_word_for_word_is_what_the_runs_say() -> None:
    german, there = tongue_of("de"), set(written(changed_files, chosen))
    parts = {part for text in there for part in text.split("{")}
    for said in FIXED:
        subject, _, rest = said.partition(" changed: ")
        assert said in there or (f" changed: {rest}" in parts and any(subject.endswith(it) for it in parts if it)), (
            said
        )
        assert note_words(said, german) != said
        assert note_words(said + STORED, german).startswith(note_words(said, german))
    assert STORED in there


def test_what_nobody_knows_stays_as_it_is() -> None:
    for note in ("user ann goes on getting leads by the roster", "1 lead is", ""):
        assert note_words(note, tongue_of("de")) == note
