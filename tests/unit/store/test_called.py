"""What leads are called, as search reads it."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync.store.called import LETTERS, called, folded

NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("MÜLLER", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Łódź", "lodz"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ΣΟΦΌΣ", "σοφοσ"),
        ("İstanbul", "istanbul"),
        ("김가영", "김가영"),
        ("がか", "がか"),
        ("ＡＢＣ", "abc"),
        ("R\\D 100%", "r\\d 100%"),
        ("\u0301", "\u0301"),
    ],
)
def test_capitals_and_accents_are_folded_and_letters_stay(written: str, read: str) -> None:
    assert folded(written) == read


@given(st.lists(st.tuples(*[NAMES | st.none()] * 3), max_size=6))
def test_a_column_is_folded_as_its_texts_are(rows: list[tuple[str | None, ...]]) -> None:
    """Whatever letters stand beside them; a name that is not there sorts after all others."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("name", "company", "email"), pl.String), orient="row")
    each = [[folded(text or "")[:LETTERS] for text in row] for row in rows]
    assert called(frame).to_list() == ["\n".join([name or "\U0010ffff", *others]) for name, *others in each]


def test_a_long_text_fits_an_index() -> None:
    """Of the widest letters, and of signs that are written out in many."""
    row = {name: ["\U00020000" * 3_000 if name == "name" else "ﷺ" * 500] for name in ("name", "company", "email")}
    [text] = called(pl.DataFrame(row))
    assert len(text) == 3 * LETTERS + 2
    assert len(text.encode()) < 2_600, "PostgreSQL refuses more than 2,704 bytes"
