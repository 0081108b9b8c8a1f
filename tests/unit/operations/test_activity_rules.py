"""The account's own words in the rules of a starter's activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from crmsync.mapping import KINDS, ActivityMapping
from crmsync.mapping.answers import kind_answer, words_read
from crmsync.mapping.unnamed import unnamed_kinds
from crmsync.operations.init.activity_rules import with_own_words
from crmsync.operations.init.starter import starter_of
from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.suggest.activities import outcome_meant, suggested_activities
from crmsync.suggest.shapes import KnownOrg, OrgActivityKind, OrgChoice, OrgField

KNOWN = vocabulary()


def told(connector: str, of: str, fields: Mapping[str, tuple[str, ...]], *, listed: bool = True) -> dict[str, Any]:
    """The starter's activity with the words of these lists; `listed` false: of texts that hold them."""
    held = [
        OrgField(
            of, name, name, "choice", choices=tuple(OrgChoice(word, word) for word in words), filled=1, sampled=60
        )
        if listed
        else OrgField(of, name, name, "text", values=tuple((word, 9) for word in words), filled=1, sampled=60)
        for name, words in fields.items()
    ]
    starter = starter_of(connector)
    org = KnownOrg(connector, "Lead", (), (), (OrgActivityKind(of, tuple(held), 60),))
    activity: dict[str, Any] = next(it for it in starter.data["activities"] if it["object"] == of)
    with_own_words(
        activity, suggested_activities(org, starter.mapping, KNOWN), lambda word: outcome_meant(word, KNOWN)
    )
    ActivityMapping.model_validate(activity)
    return activity


def test_a_call_by_another_name_is_a_call_and_was_when_calls_are() -> None:
    activity = told("salesforce", "Task", {"Type": ("Call", "Anruf", "Besuch", "Sonstiges")})
    kinds = activity["kind"]
    assert {"is": "call", "when": {"Type": ["Call", "Anruf"]}} in kinds
    assert {"is": "meeting", "when": {"Type": "Besuch"}} in kinds
    assert kinds[-1] == {"is": "task"}, "the last resort stays the last"
    assert "Sonstiges" not in str(kinds)
    moments = [it["when"] for it in activity["at"] if isinstance(it, dict)]
    dated = [when["Type"] for when in moments if "Type" in when]
    assert dated == [["Call", "Email", "Anruf"]], "and not the visit"


def test_a_task_that_is_done_says_nothing_of_how_it_ended() -> None:
    activity = told("salesforce", "Task", {"Status": ("Completed", "Erledigt", "Abgesagt", "Nicht begonnen")})
    values = next(rule["values"] for rule in activity["outcome"] if rule.get("from") == "Status")
    assert {word: values[word] for word in ("Erledigt", "Abgesagt", "Nicht begonnen")} == {
        "Erledigt": None,
        "Abgesagt": "canceled",
        "Nicht begonnen": "open",
    }


def test_what_a_call_led_to_is_not_how_it_ended() -> None:
    activity = told("salesforce", "Task", {"CallDisposition": ("Connected", "Ikke svar", "Møte booket")})
    values = next(rule["values"] for rule in activity["outcome"] if rule.get("from") == "CallDisposition")
    assert values["Ikke svar"] == "no_answer"
    assert "Møte booket" not in values


def test_words_of_a_field_that_is_taken_as_it_stands_are_translated_before_that() -> None:
    """A field that says `call` as it stands may say `Telefonat` in another account: no such word is left unnamed."""
    activity = told(
        "hubspot",
        "notes",
        {"activity_kind": ("call", "Telefonat", "Besuch", "Brief"), "activity_outcome": ("Erreicht", "Mailbox")},
        listed=False,
    )
    bare = [{"from": "activity_kind"}, {"from": "activity_outcome"}]
    first, second = activity["kind"][:2]
    assert (first, second) == (
        {"from": "activity_kind", "values": {"Telefonat": "call", "Besuch": "meeting"}},
        bare[0],
    ), "a word that is known as it stands needs none, one that nobody knows gets none"
    assert activity["outcome"] == [
        {"from": "activity_outcome", "values": {"Erreicht": "connected", "Mailbox": "left_voicemail"}},
        bare[1],
    ]
    rules = ActivityMapping.model_validate(activity).kind
    native = pl.DataFrame({"activity_kind": ["Telefonat", "call", "Brief"]})
    worded = native.with_columns(**words_read(rules))
    assert worded.select(kind_answer(rules, KINDS)).to_series().to_list() == ["call", "call", "Brief"]
    assert [lost.to_list() for _, lost in unnamed_kinds(rules, native, KINDS)] == [[False, False, True]]


def test_a_field_of_the_accounts_own_adds_rules_behind_the_starters() -> None:
    activity = told("salesforce", "Event", {"Ergebnis__c": ("Stattgefunden", "Nicht erschienen", "Sonstiges")})
    assert activity["outcome"][-2:] == [
        {"is": "completed", "when": {"Ergebnis__c": "Stattgefunden"}},
        {"is": "no_show", "when": {"Ergebnis__c": "Nicht erschienen"}},
    ]
