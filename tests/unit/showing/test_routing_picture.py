"""The picture of a roster's rules: every rule, pool and person once, in the rules' order; one lead's way lit."""

from __future__ import annotations

import re

import pytest

from crmsync.configuration import read_document
from crmsync.languages.known import LANGUAGES, Language
from crmsync.languages.tongues import tongue_of
from crmsync.operations.policy.routing_rules import RoutingRules, rules_shown
from crmsync.route.registry import STRATEGIES
from crmsync.route.roster.roster import roster_from
from crmsync.showing.foreign_text import for_html
from crmsync.showing.rendering import rendered
from crmsync.showing.routing.columns import MOST_PEOPLE, drawn
from crmsync.showing.routing.picture import Lit, picture
from crmsync.showing.routing.rule_words import routing_parts, strategy_name
from crmsync.showing.routing.rules_page import rules_page

TEXT = """
people:
  - {user: ann, role: ae}
  - {user: ben, role: ae}
  - {user: pia, role: ae}
  - {user: bert, role: bdr}
pools: {berlin: {people: [ann, ben]}, partners: {people: [pia]}}
rules:
  hand_off:
    - {when: big, pool: berlin, strategy: least_loaded, overflow: false}
    - {strategy: account_owner, pool: partners, same: region, within_days: 120}
    - {share: {partners: 30, berlin: 70}}
    - {strategy: queue, queue: "<Desk> & co"}
"""


def rules(text: str = TEXT) -> RoutingRules:
    return rules_shown(roster_from(read_document(text, "roster.yaml")), "roster.yaml")


def test_a_box_for_each_rule_in_its_order_and_one_for_each_pool_queue_and_person() -> None:
    drawing = drawn(rules(), rules().kinds[0])
    at = {box.name: (box.column, box.place) for box in drawing.boxes}
    assert [at[f"rule {number}"] for number in (1, 2, 3, 4)] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert at["otherwise"] == (0, 4)
    assert {name for name, (column, _) in at.items() if column == 2} == {
        "pool berlin",
        "pool partners",
        "queue <Desk> & co",
    }
    assert [name for name, (column, _) in at.items() if column == 3] == ["people ann", "people ben", "people pia"]
    assert ("strategy 3", "pool partners", "30") in drawing.lines
    assert len({(box.column, box.place) for box in drawing.boxes}) == len(drawing.boxes), "no two on one place"


def test_pools_stand_where_most_leads_to_them_so_that_lines_do_not_cross_without_need() -> None:
    crossing = TEXT.replace("big, pool: berlin", "big, pool: partners")
    crossing = crossing.replace("account_owner, pool: partners", "account_owner, pool: berlin")
    for text, first in ((TEXT, "pool berlin"), (crossing, "pool partners")):
        drawing = drawn(rules(text), rules(text).kinds[0])
        pools = sorted((box.place, box.name) for box in drawing.boxes if box.column == 2)
        assert pools[0][1] == first


def test_many_people_are_one_box_that_tells_how_many() -> None:
    many = ", ".join(f"{{user: p{number}, role: ae}}" for number in range(MOST_PEOPLE + 1))
    found = rules(f"people: [{many}]")
    names = [box.name for box in drawn(found, found.kinds[0]).boxes if box.column == 3]
    assert names == [f"people {MOST_PEOPLE + 1} people of receivers"]


def test_an_address_is_read_whole() -> None:
    found = rules("people: [{user: magdalena.brandt@sales.ourfirm.example, role: ae}]")
    [box] = [box for box in drawn(found, found.kinds[0]).boxes if box.column == 3]
    assert (box.text, box.below, box.about) == (
        "magdalena.brandt",
        "@sales.ourfirm.example",
        "magdalena.brandt@sales.ourfirm.example",
    )
    shown = picture(found, found.kinds[0], 0)
    assert ">magdalena.brandt</text>" in shown and ">@sales.ourfirm.example</text>" in shown


def test_the_way_is_lit_by_more_than_colour_and_what_was_skipped_says_so() -> None:
    lit = Lit({1: "skipped", 2: "found nobody", 3: "gives it"}, frozenset({1}), 3, "pool berlin", "ben")
    shown = picture(rules(), rules().kinds[0], 0, lit)
    boxes = re.findall(r'<g( class="\w+")? tabindex="0" role="img" aria-label="([^"]*)"', shown)
    assert [about for mark, about in boxes if "lit" in mark] == [
        "Rule 3: always: gives it",
        "shares between pools, then in turn",
        "pool berlin: ann, ben",
        "ben",
    ]
    assert [about for mark, about in boxes if "skipped" in mark] == [
        "Rule 1: big; else the lead waits: skipped",
        "fewest open leads",
    ]
    assert shown.count('<path class="lit"') == 3


def test_a_lead_that_no_rule_gave_is_lit_at_the_end() -> None:
    shown = picture(rules(), rules().kinds[0], 0, Lit({1: "skipped"}, last=True))
    lit = re.findall(r'class="lit" tabindex="0" role="img" aria-label="([^"]*)"', shown)
    assert lit == ["Otherwise: it is reported"]


def test_the_page_has_no_script_and_no_address_and_says_everything_twice() -> None:
    shown = rules_page(rules())
    assert "<script" not in shown
    assert not re.search(r'(?:src|href)="(?!#)', shown)
    assert "&lt;Desk&gt; &amp; co" in shown
    assert "<Desk>" not in shown
    for words in ("the lead waits", "rule 3", "berlin 70", "same region, of the last 120 days"):
        assert words in shown


def test_the_table_says_the_same_in_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = rendered(*routing_parts(rules())).splitlines()
    assert max(map(len, lines)) <= 80
    shown = " ".join(" ".join(lines).split())
    for words in ("Hand-off", "the account's owner (same", "partners 30, berlin", "the lead waits", "pia"):
        assert words in shown
    assert rules().to_json()["kinds"][0]["rules"][2]["pools"] == [
        {"pool": "partners", "part": 30},
        {"pool": "berlin", "part": 70},
    ]


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_in_another_language_no_word_of_ours_stays_english(language: Language) -> None:
    """What stays is what the roster says: names, strategies, criteria."""
    tongue = tongue_of(language)
    shown = rules_page(rules(), tongue)
    assert f'<html lang="{language}">' in shown
    assert f"<h1>{for_html(tongue.say('Who gets which lead'))}</h1>" in shown
    ours = (
        "Rule",
        "When",
        "Else",
        "Otherwise",
        "always",
        "the lead waits",
        "of the last",
        "People",
        "Contents",
    )
    lit = Lit({1: tongue.say("skipped")}, frozenset({1}), 3, "pool berlin", "ben")
    texts = re.sub(
        r"<style>.*?</style>", "", shown + picture(rules(), rules().kinds[0], 1, lit, tongue=tongue), flags=re.S
    )
    told = " ".join([*re.findall(r">([^<]+)<", texts), *re.findall(r'aria-label="([^"]*)"', texts)])
    left = [word for word in ours if re.search(rf"\b{word}\b", told) and tongue.say(word) != word]
    assert left == []
    table = "\n".join(rendered(*routing_parts(rules(), tongue)).splitlines())
    assert tongue.say("the lead waits") in table
    assert "the lead waits" not in table


def test_every_strategy_is_told_in_words() -> None:
    for name in STRATEGIES:
        assert strategy_name(name) != name or name == "nobody"
        assert "_" not in strategy_name(name)
    assert strategy_name("of_somebody_else") == "of somebody else"
