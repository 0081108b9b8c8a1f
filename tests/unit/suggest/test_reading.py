"""How names, bands and words of activities are read."""

from __future__ import annotations

import pytest

from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.suggest.names import words_in
from crmsync.suggest.nearness import fact_names
from crmsync.suggest.options import bands, figures_in, translated
from crmsync.suggest.shapes import AskedFact

KNOWN = vocabulary()
BUDGET = AskedFact("budget", "choice", "budget", ("available", "none"))


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("1.000-5.000", [1_000, 5_000]),
        ("11–50 Mitarbeiter", [11, 50]),
        ("> 1 Mio. €", [1_000_000]),
        ("1-5 Mio. €", [1_000_000, 5_000_000]),
        ("1,5 Mio. €", [1_500_000]),
        ("500k - 1M", [500_000, 1_000_000]),
        ("5 000 à 10 000 €", [5_000, 10_000]),
        ("1'000", [1_000]),
        ("Text", []),
    ],
)
def test_figures_of_bands(text: str, figures: list[int]) -> None:
    assert figures_in(text) == figures


def test_a_band_begins_at_its_lower_end() -> None:
    told = [("a", "< 10.000 €"), ("b", "10.000-50.000 €"), ("c", "> 50.000 €"), ("d", "keine Angabe"), ("e", "viel")]
    read = bands(told, KNOWN, least=0)
    assert read.translations == {"a": "0", "b": "10000", "c": "50000", "d": None}
    assert read.unread == ("e",)


@pytest.mark.parametrize("text", ["Kein Etat", "Aucune enveloppe", "Nicht budgetiert", "Budget not signed off"])
def test_what_is_denied_is_none(text: str) -> None:
    assert translated(BUDGET, [(text, text)], KNOWN).translations == {text: "none"}


@pytest.mark.parametrize(("one", "other"), [("approvata", "approvati"), ("Besoins", "besoin"), ("Größe", "groesse")])
def test_endings_and_accents_do_not_matter(one: str, other: str) -> None:
    assert words_in(one) == words_in(other)


@pytest.mark.parametrize(
    ("name", "fact", "near"),
    [
        ("Branche", "industry", 1.0),
        ("Kundenbranche", "industry", 0.84),
        ("Budget 2026", "budget", 0.95),
        ("Title", "seniority", 0.55),
        ("Payment term", "timeline", 0.0),
    ],
)
def test_how_near_a_name_comes(name: str, fact: str, near: float) -> None:
    """What is another fact's name, and what tells of other things, is less near."""
    found = fact_names(fact, (), KNOWN).nearness({words_in(name): True})
    assert found == near if near >= 0.84 else found <= near
