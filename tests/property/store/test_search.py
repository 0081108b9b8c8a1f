"""What a search finds is what looking through all leads finds, one after the other, letter by letter."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from crmsync.operations.explain.search import found_leads
from crmsync.settings import load_settings
from crmsync.store import Pulled, Store, search
from crmsync.testing.store_frames import DAY, lead, leads
from unit.console.signing_in import small_configuration

TEXTS = ("name", "company", "email")
KEPT = 200
OTHER_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"}
CONNECTIONS = (f"example {number}" for number in itertools.count())
NATIVE = ("00Q5g00000XyZ12EAF", "00Q5g00000XyZ13EAF", "00Q5g00000abC7hEAE")

Row = dict[str, Any]


def plain(text: str) -> str:
    """Without capitals and accents, letter by letter; what is made of accents alone stays."""
    letters = [small for each in unicodedata.normalize("NFKD", text) for small in each.casefold()]
    bare = "".join(OTHER_LETTERS.get(each, each) for each in letters if not 0x300 <= ord(each) <= 0x36F)
    return unicodedata.normalize("NFC", bare) or text


def looked_through(rows: Sequence[Row], words: Sequence[str], most: int) -> tuple[str, ...]:
    """Leads of which each word stands in some text; by name, company, e-mail, those without a name last."""
    sought = [plain(word)[:KEPT] for word in words]
    texts = {row["lead"]: [plain(row[each] or "")[:KEPT] for each in TEXTS] for row in rows}
    nameless = {row["lead"] for row in rows if not any(row[each] is not None for each in TEXTS)}
    found = [
        name
        for name, each in texts.items()
        if name not in nameless and all(any(word in text for text in each) for word in sought)
    ]
    return tuple(sorted(found, key=lambda it: (not texts[it][0], texts[it]))[:most])


NAMES = "ann Ann ANN bo Müller Mu\u0308ller ÖST Łódź Straße ΣΟΦΌΣ σοφός İstanbul ırmak"
SCRIPTS = "が か\u3099 か 김가영 가 เก่า เก नी न ＡＢ ﷺ ﬁ fi ǆ \u0345 \u0301 𝒜 😀"
SIGNS = "% _ / \\ 100% a_b a/b R\\D ' \" * [a] ? - . @ x@y.example"
PIECES = st.sampled_from([*f"{NAMES} {SCRIPTS} {SIGNS}".split(), " "])
WORDS = st.lists(PIECES, max_size=4).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\n"), max_size=4
)
TEXT = st.none() | WORDS | WORDS.map(lambda text: text * 60)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(TEXTS, TEXT)), max_size=6)
WRITTEN = st.sampled_from(
    [str, str.upper, str.lower, str.swapcase]
    + [lambda text, form=form: unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC")]
)
"""Ways in which somebody may type a part of a name."""


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[Row], list[str]]:
    """Leads, and words of which most are parts of what these are called."""
    rows = draw(ROWS)
    texts = [text for row in rows for text in row.values() if text]
    words = []
    for _ in range(draw(st.integers(1, 3))):
        word = draw(WORDS)
        if texts and draw(st.integers(0, 4)):
            text = draw(st.sampled_from(texts))
            begin = draw(st.integers(0, len(text) - 1))
            word = draw(WRITTEN)(text[begin : begin + draw(st.integers(1, 12))])
        words.append(word)
    return [lead(str(number)) | row for number, row in enumerate(rows)], words


@pytest.fixture(scope="module")
def in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store; every example has a connection of its own."""
    with closing(Store(tmp_path_factory.mktemp("store") / "store.db")) as store:
        yield store


def check(store: Store, rows: list[Row], words: list[str], most: int) -> None:
    """As it is looked for among few, and among many of whom these are not the first."""
    connection = next(CONNECTIONS)
    store.facts.remember(connection, [Pulled(leads=leads(*rows))], today=DAY)
    found = looked_through(rows, words, most)
    event(f"{len(found)} found")
    for beginning in (search._AT_THE_BEGINNING, 0):
        with mock.patch.object(search, "_AT_THE_BEGINNING", beginning):
            assert store.facts.leads_called(connection, words, most=most) == found


@settings(deadline=None, max_examples=50)
@given(search=searches(), most=st.integers(1, 6))
@example(search=([lead("0") | {"name": "Müller", "company": "Łódź", "email": None}], ["muller", "lodz"]), most=3)
def test_a_search_finds_what_looking_through_all_leads_finds(
    in_a_file: Store, search: tuple[list[Row], list[str]], most: int
) -> None:
    check(in_a_file, *search, most)


@pytest.mark.breadth
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(search=searches(), most=st.integers(1, 6))
def test_postgresql_finds_what_looking_through_all_leads_finds(
    postgresql_store: Store, search: tuple[list[Row], list[str]], most: int
) -> None:
    check(postgresql_store, *search, most)


@pytest.fixture
def postgresql_store(postgresql_database: str) -> Iterator[Store]:
    """As `in_a_file`."""
    with closing(Store(postgresql_database)) as store:
        yield store


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One connection; every example tells of the same leads anew."""
    return small_configuration(tmp_path_factory.mktemp("configuration"))


def typed(native: str) -> st.SearchStrategy[str]:
    """A lead by its id, by the short one that people copy, and by its page."""
    page = f"https://acme.lightning.force.com/lightning/r/Lead/{native}/view"
    return st.sampled_from([native, native[:15], page, f" {native}  ", native.lower(), native[:14]])


@settings(deadline=None, max_examples=50)
@given(
    search=searches(),
    sought=st.none() | st.sampled_from(NATIVE).flatmap(typed),
    blank=st.sampled_from([" ", "\t ", "\u00a0"]),
)
def test_the_field_finds_leads_by_id_and_by_what_they_are_called(
    config: Path, search: tuple[list[Row], list[str]], sought: str | None, blank: str
) -> None:
    """The one that is named exactly comes first; a single letter finds nobody."""
    rows, words = search
    rows = [row | {"lead": native} for row, native in zip(rows, NATIVE, strict=False)]
    text = blank.join(words) if sought is None else sought
    known = load_settings(config)
    with closing(Store(known.store)) as store:
        store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY, complete=True)
    exactly = [row["lead"] for row in rows if text.strip() in by_id(row["lead"])]
    called = looked_through(rows, text.split(), 25) if text.split() else ()
    found = list(dict.fromkeys((*exactly, *called))) if len("".join(text.split())) > 1 else []
    assert [it.lead for it in found_leads(known, text, most=25)] == found


def by_id(native: str) -> tuple[str, ...]:
    return native, native[:15], f"https://acme.lightning.force.com/lightning/r/Lead/{native}/view"
