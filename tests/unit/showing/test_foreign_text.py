"""Whatever stands in a text that is not ours: it steers no terminal, turns no reading direction, fills no screen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.showing.foreign_text import cleaned, for_html, markup, markup_lines, one_line
from crmsync.showing.page_markdown import escaped
from crmsync.showing.rendering import rendered
from crmsync.showing.spreadsheet import csv_text

STEERS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\u115f\u1160\u3164\uffa0]"
)
ATTACKS = {
    "title": "\x1b]0;PWNED\x1b\\Mallory",
    "title, eight bits": "\x9d0;PWNED\x9cMallory",
    "cursor": "Mallory\x1b[1A\x1b[2K0 to change",
    "screen": "\x1b[2J\x1b[H0 to change",
    "carriage return": "Mallory\r0 to change",
    "backspaces": "Mallory\b\b\b\b\b\b\bAlice  ",
    "right to left": "\u202e gnp.exe",
    "isolate": "\u2066x\u2069",
    "half an emoji": "\ud83d",
    "letters without a shape": "\u3164\u115f\u1160\uffa0",
    "line separator": "a\u2028b\u0085c",
    "link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "markup": "[red]x[/red] [link=https://evil.example]y[/link]",
}
attacks = pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)


def in_a_table(text: str) -> str:
    table = Table()
    table.add_column("Name")
    table.add_row(markup(text))
    return rendered(table)


@attacks
def test_a_terminal_shows_it_and_does_nothing(text: str) -> None:
    assert STEERS.search(in_a_table(text)) is None
    assert STEERS.search(rendered(f"printed by oversight: {text}")) is None


def test_words_that_were_made_harmless_are_still_to_be_read() -> None:
    assert "[2J[H0 to change" in in_a_table(ATTACKS["screen"])
    assert "[red]x[/red]" in in_a_table(ATTACKS["markup"])


@attacks
def test_pages_and_spreadsheets_hold_it_clean(text: str) -> None:
    for shown in (for_html(text), escaped(text), csv_text(["name"], [[text]]).replace("\n", "")):
        assert STEERS.search(shown) is None


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_whatever_it_is(text: str) -> None:
    assert STEERS.search(cleaned(text).replace("\t", "")) is None
    assert cleaned(cleaned(text)) == cleaned(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), max_size=200))
def test_plain_words_of_any_language_stay_as_they_are(text: str) -> None:
    assert cleaned(text) == text


def test_joined_emoji_and_letters_stay_whole() -> None:
    for text in ("👩\u200d🚀", "می\u200cخواهم", "e\u0301"):
        assert cleaned(text) == text


BREAKS = {
    "line": "\n",
    "return": "\r",
    "dos": "\r\n",
    "next line": "\x85",
    "separator": "\u2028",
    "paragraph": "\u2029",
    "tab": "\t",
    "page": "\x0c",
    "vertical tab": "\x0b",
}


@pytest.mark.parametrize("mover", BREAKS.values(), ids=BREAKS)
def test_a_text_is_one_line_wherever_it_is_shown(mover: str) -> None:
    text = f"{mover * 30}a{mover}b {mover * 300} c{mover}"
    shown = [tell(text) for tell in (markup, one_line, for_html, escaped)]
    shown.append(csv_text(["x"], [[text]]).splitlines()[1].strip("\"'"))
    shown.append(str(UsageError(text)))
    shown.append(str(UsageError("x", hint=text)).partition("→ ")[2])
    shown.append(str(ConfigurationError([Finding("x", 0, 0, text)])).partition(": ")[2])
    for each in shown:
        assert each.splitlines() == [each.strip()]
        assert "\t" not in each and each[0] == "a" and each[-1] == "c" and len(each) <= 5


def test_lines_of_our_own_stay_lines() -> None:
    assert markup_lines(["one\ntwo", "three"]) == "one two\nthree"
    assert len(markup_lines(["x" * 400, "y" * 400], most=500)) == 500
    assert str(UsageError("a", hint="b")) == "a\n  → b"


def test_marks_do_not_grow_over_other_lines() -> None:
    assert cleaned("a" + "\u0300" * 400 + "b") == "a" + "\u0300" * 4 + "b"
    assert cleaned("\u0915\u094d\u0937\u093f") == "\u0915\u094d\u0937\u093f"


def test_a_cell_is_cut() -> None:
    assert len(in_a_table("x" * 131_072).splitlines()) < 20
    assert len(one_line("x" * 131_072, most=80)) == 80
    assert one_line("a\nb\t c") == "a b c"
