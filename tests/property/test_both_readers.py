"""Whatever the quick reader of YAML reads, the careful one reads alike: data, and where everything stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync.configuration.careful_reading import read_carefully
from crmsync.configuration.quick_reading import read_quickly

ROOT = Path(__file__).parents[2]
LINES = sorted(
    {
        line
        for folder in ("mappings", "src/crmsync/qualify/presets", "tests/cases")
        for file in (ROOT / folder).rglob("*.yaml")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
)
PIECES = (
    " ", "  ", "\n", ":", ": ", "- ", "#", " #", '"', "'", "{", "}", "[", "]", ",", "|", ">", "|-\n", ">+\n",
    "&a ", "*a", "!", "!!str ", "%", "@", "?", "? ", "~", "null", "yes", "No", "true", "0x1F", "0o17", "010",
    "1e3", ".5", "5.", "1_000", "-0", "+7", "1.50", ".inf", "2026-01-31", "2026-1-3", "2026-01-31T10:00:00Z",
    "2026 -1 -3", "9:30", "=", "<<", "---\n", "...\n", "\\", "\t", "é", "\u2028", "\x85", "😀", "\r",
    "%YAML 1.1\n", '"\\ud83d"', '"\\x41\\\n  b"', "\x01", "\u00a0", "\ufeff", "|2\n", ">1-\n", '"a\n\n b"',
    "a b\n  c", "a:b", "a#b", "[a,]", "{a,}", "{a: }", "!<x> ", '""', "''",
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Some lines of real files, with a few pieces put in, or in place of something."""
    text = "\n".join(draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=12)))
    if draw(st.booleans()):
        first = draw(st.integers(0, len(LINES) - 1))
        text = "\n".join(LINES[first : first + 1] + text.splitlines())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + draw(st.integers(0, 3)) :]
    return text


def same(text: str) -> None:
    """What the quick one reads must be what the careful one reads; also the type of each number."""
    quick = read_quickly(text)
    if quick is not None:
        careful = read_carefully(text, "x.yaml")
        assert repr(quick.data) == repr(careful.data)
        assert (quick.values, quick.keys) == (careful.values, careful.keys)


@given(texts())
def test_both_read_alike(text: str) -> None:
    same(text)


@pytest.mark.parametrize("around", ["a: {}\n", "a: [b, {}]\n", "{}: 1\n"])
def test_each_piece_alone_means_the_same(around: str) -> None:
    for piece in PIECES:
        same(around.replace("{}", piece))


@given(st.sampled_from(PIECES), st.sampled_from(PIECES), st.sampled_from(("a: {}\n", "a: [b, {}]\n", "- {}\n")))
def test_two_pieces_mean_the_same(first: str, second: str, around: str) -> None:
    same(around.replace("{}", first + second))
