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
from crmsync.plan import field_notes, left_scope_notes, unmanaged_notes, unread_notes
from crmsync.plan.notes import _WHAT
from crmsync.run import changed_files, left_alone
from crmsync.run.aims import chosen, leavers, undoing
from crmsync.run.left_alone import LeftAlone
from crmsync.run.taking_back import told_of
from crmsync.showing.run.note_words import FIXED, STORED, note_words
from crmsync.showing.run.occasional_notes import FIXED_NOW_AND_THEN
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


def now_and_then(many: int) -> Iterator[str]:
    """What is told of an undo, of fields for people, of values that say nothing and of people who leave."""
    leads = [f"00{number}" for number in range(many)]
    some: Any = [SimpleNamespace(lead=lead, back=number % 2 == 0, arrived=False) for number, lead in enumerate(leads)]
    yield from told_of(some, 7)
    for alone in {0, 1, many}:
        told: Any = [SimpleNamespace(fields=True, fields_alone=number < alone) for number in range(many)]
        yield from field_notes(told, 200)
    for part in _WHAT:
        values = [
            {"part": part, "name": "Task (a)", "field": "Type.x", "value": f"v{n}", "count": 1, "lead": f"00{n}"}
            for n in range(many)
        ]
        yield from unread_notes(pl.DataFrame(values))
    yield from (note for why in whys() for note in leavers._stay(leads, why))


def whys() -> list[str]:
    return [
        "off the ladder",
        "with an owner whom a person or another program set within 90 days",
        "with a change of an earlier run that is still open: `crmsync run c` settles it",
        "by the roster's rules, or because a person has to decide",
    ]


@pytest.mark.parametrize("language", ["de", "it", "nb", "nl"])
def test_what_runs_word_now_and_then_is_told_in_the_readers_language(language: str) -> None:
    tongue = tongue_of(language)
    single = [
        "takes back run 7 (apply, 2026-11-30 21:17 UTC); nothing else is written",
        "puts back what was taken back by run 7 (undo, 2026-11-30 21:17 UTC); nothing else is written",
        "what is taken back is left alone for 14 days (`movement: hands_off_days`) → `crmsync hold LEAD --release` "
        "ends that",
        "user 005 goes on getting leads by the roster: write `ends` there, or take the person out",
        "the language has changed from English to German: every lead is looked at; texts for people are written in "
        "it",
        *FIXED_NOW_AND_THEN,
    ]
    notes = [*single, *(note for many in (1, 2, 1200) for note in now_and_then(many))]
    assert [note for note in notes if note_words(note, tongue) == note] == []
    assert [note for note in notes if {*note.split("`")[1::2]} - {*note_words(note, tongue).split("`")[1::2]}] == []
    [back] = (note for note in notes if note.startswith("600 leads hold"))
    assert note_words(back, tongue).startswith("600 ")
    [unread] = (note for note in notes if note.startswith("Task (a): the outcome of 1,200"))
    assert all(word in note_words(unread, tongue) for word in ("Task (a)", tongue.number(1200), "Type.x", "“v0” (1)"))
    assert "more values" not in note_words(unread, tongue)


def test_what_is_worded_now_and_then_is_what_the_runs_say() -> None:
    """Parts of it, as the code has them between the places for figures."""
    texts = [*written(undoing, leavers, changed_files)]
    there = " ".join(texts)
    for said in (
        *FIXED_NOW_AND_THEN,
        "puts back what was taken back by",
        "; nothing else is written",
        "what is taken back is left alone for ",
        " days (`movement: hands_off_days`) → `crmsync hold LEAD --release` ends that",
        " goes on getting leads by the roster: write `ends` there, or take the person out",
        "the language has changed from ",
        ": every lead is looked at; texts for people are written in it",
        *(
            part
            for why in whys()
            for part in why.replace("90", "|").replace("crmsync run c", "crmsync run |").split("|")
        ),
    ):
        assert said in there, said


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
    for note in ("user ann goes on getting leads", "1 lead is", ""):
        assert note_words(note, tongue_of("de")) == note
