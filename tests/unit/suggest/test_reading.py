"""How names, bands and words of activities are read."""

from __future__ import annotations

import pytest

from crmsync.mapping import FactMapping
from crmsync.operations.init.starter import starter_of
from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.suggest.activities import suggested_activities
from crmsync.suggest.facts import suggested_facts
from crmsync.suggest.names import Words, phrases_in, words_in
from crmsync.suggest.nearness import fact_names
from crmsync.suggest.options import bands, figures_in, translated
from crmsync.suggest.shapes import AskedFact, KnownOrg, OrgActivityKind, OrgChoice, OrgField

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
        ("9" * 400, []),
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


TIMELINE = AskedFact("timeline", "choice", "timeline", ("now", "this_quarter", "this_year", "later", "none"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Binnen drie maanden", "this_quarter"),
        ("Drei bis sechs Monate", "this_year"),
        ("Mehr als zwei Jahre", "later"),
        ("Oltre un anno", "later"),
        ("Within 48 hours", "now"),
        ("Within up to a month", "now"),
        ("Innen to uker", "now"),
    ],
)
def test_spans_written_in_words(text: str, word: str) -> None:
    """A word is a figure right before a unit only: `to` is two in Norwegian, and no figure in English."""
    assert translated(TIMELINE, [(text, text)], KNOWN).translations == {text: word}


@pytest.mark.parametrize(
    "text", ["No sabría decir", "Weiß nicht genau", "Prefer not to say it", "Je ne saurais dire"]
)
def test_that_nobody_knows_is_no_no(text: str) -> None:
    assert translated(BUDGET, [(text, text)], KNOWN).translations == {text: None}


def test_names_in_a_row_are_a_name() -> None:
    owner = fact_names("business_owner", (), KNOWN)
    assert owner.nearness({words_in("Gérant propriétaire"): True}) == 0.9
    assert owner.nearness({words_in("Gérant technique"): True}) < 0.85


def _taken(*fields: OrgField) -> dict[str, str | None]:
    need = AskedFact("need", "choice", "need", ("none", "some", "clear"))
    asked = (need, AskedFact("need_detail", "text", "details of the need"))
    usual = {"need": FactMapping(field="Need__c", type="choice", values={it: it for it in need.values})}
    found = suggested_facts(KnownOrg("salesforce", "lead", fields, (), ()), asked, usual, KNOWN)
    return {it.fact: it.taken for it in found}


@pytest.mark.parametrize("seen", [(), (("Wants to sleep at night", 3), ("Old machine", 2))])
def test_the_usual_field_holds_no_grades_where_people_write_what_they_like(seen: tuple[tuple[str, int], ...]) -> None:
    """What they write is a description of it."""
    text = OrgField("lead", "Need__c", "Need", "text", values=seen, filled=0.5, sampled=400)
    assert _taken(text) == {"need": None, "need_detail": "Need__c"}


def test_the_usual_field_is_taken_where_its_text_has_the_words_or_nothing_is_there_yet() -> None:
    words = OrgField("lead", "Need__c", "Need", "text", values=(("clear", 90), ("some", 8)), filled=0.5, sampled=400)
    assert _taken(words)["need"] == "Need__c"
    unknown = OrgField("lead", "Need__c", "Need", "text", filled=None, sampled=0)
    assert _taken(unknown)["need"] == "Need__c"


def test_the_end_of_a_compound_tells_a_talk() -> None:
    """Not where it is denied, nor of other kinds: an order form is no form that somebody filled in."""
    texts = ("Werfbezoek", "Baustellenbesuch", "Geen werfbezoek", "Bestelformulier", "Afspraak")
    choices = tuple(OrgChoice(text, text) for text in texts)
    field = OrgField("Task", "Soort__c", "Soort", "choice", choices=choices, filled=0.6, sampled=400)
    org = KnownOrg("salesforce", "lead", (), (), (OrgActivityKind("Task", (field,), 400),))
    found = suggested_activities(org, starter_of("salesforce").mapping, KNOWN)
    told = {it.value: it.word for it in found}
    assert told == dict.fromkeys(("Werfbezoek", "Baustellenbesuch", "Afspraak"), "meeting")


def test_a_text_of_thousands_of_words_is_read_like_a_short_one() -> None:
    """Each of its parts was looked up once: of a page that somebody pasted there are millions."""
    page = " ".join(f"word{number % 97}" for number in range(4_000))
    looked = 0

    class Known(frozenset[Words]):
        def __contains__(self, phrase: object) -> bool:
            nonlocal looked
            looked += 1
            return super().__contains__(phrase)

    assert list(phrases_in(words_in(f"{page} no budget {page}"), Known({("no", "budget")}))) == [("no", "budget")]
    assert looked < 20_000
    timeline = AskedFact("timeline", "choice", "timeline", ("now", "later"))
    assert translated(timeline, [("a", f"{'9' * 5_000} months")], KNOWN).unread == ("a",)
