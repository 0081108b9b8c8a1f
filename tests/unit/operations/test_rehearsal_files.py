"""The files that a practice CRM is served with: they read like a person's, and fit the CRM."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

from crmsync.cli.practice import FILES
from crmsync.configuration import read_document
from crmsync.mapping import mapping_from
from crmsync.operations.rehearse.configuration import mapping_text, policy_text, roster_text, settings_text

NATIVE = {"salesforce": {"a": "005A", "b": "005B", "c": "005C"}, "hubspot": {"a": "1", "b": "2", "c": "3"}}


def user(name: str, email: str | None, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "person", "email": email, "roles": ["ae"], "active": True, **more}


def people(*users: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(roster_text(users, NATIVE))["people"]
    return found


def test_a_roster_reads_like_a_persons() -> None:
    text = roster_text([user("a", "ann@firm.example", team="North", territories=["DE", "AT"])], NATIVE)
    assert text.partition("people:\n")[2] == (
        "  - user: ann@firm.example\n    roles: [ae]\n    team: North\n    territories: [DE, AT]\n"
    )


def test_editors_find_the_schema_of_each_file() -> None:
    """The folder holds them: `schemas/…`, as `init` writes them."""
    texts = {
        "settings": settings_text({"hubspot": "http://127.0.0.1:1"}),
        "policy": policy_text(),
        "roster": roster_text([user("a", "ann@firm.example")], NATIVE),
        "mapping": mapping_text("hubspot", {}),
    }
    for kind, text in texts.items():
        up = "../" if kind == "mapping" else ""
        assert text.startswith(f"# yaml-language-server: $schema={up}schemas/{kind}.json\n"), kind
        assert f"schemas/{kind}.json" in FILES


def test_of_two_users_with_one_e_mail_the_active_one_is_meant() -> None:
    gone = user("b", "Ann@firm.example", active=False)
    assert people(gone, user("a", "ann@firm.example")) == [{"user": "ann@firm.example", "roles": ["ae"]}]
    assert people(user("a", "ann@firm.example", roles=[]), gone) == []


def test_users_whom_an_e_mail_does_not_tell_apart_have_their_ids() -> None:
    both = [user("a", "ann@firm.example"), user("b", "ann@firm.example")]
    assert [each["user"] for each in people(*both)] == [
        {"salesforce": "005A", "hubspot": "1"},
        {"salesforce": "005B", "hubspot": "2"},
    ]
    assert [each["user"] for each in people(*({**each, "active": False} for each in both))] == [
        {"salesforce": "005A", "hubspot": "1"},
        {"salesforce": "005B", "hubspot": "2"},
    ]
    assert people(user("c", None))[0]["user"] == {"salesforce": "005C", "hubspot": "3"}


def test_a_fact_that_moved_keeps_no_word_about_where_it_was() -> None:
    text = mapping_text("hubspot", {"employees": ("numberofemployees", "number")})
    facts = text.partition("\nactivities:")[0].partition("\nfacts:")[2]
    assert "band" not in facts
    assert "  employees: {field: numberofemployees, type: integer}\n" in text
    assert "band" in mapping_text("hubspot", {}).partition("\nactivities:")[0].partition("\nfacts:")[2]


def test_facts_without_a_field_are_unmapped() -> None:
    text = mapping_text("salesforce", {"need": ("Need__c", "text")}, {"Industry", "Need__c"})
    facts = YAML(typ="safe").load(text)["facts"]
    assert facts["industry"]["field"] == "Industry"
    assert facts["need"]["field"] == "Need__c"
    assert facts["budget"] == "unmapped"


@pytest.mark.parametrize(("crm", "field"), [("salesforce", "Activity_Outcome__c"), ("hubspot", "activity_outcome")])
def test_imported_words_are_named(crm: str, field: str) -> None:
    """An import's own words come back as they were; those that crmsync knows need no word."""
    words = {"kind": {"call", "Messe"}, "outcome": {"No Show", "interested", "connected"}}
    text = mapping_text(crm, {}, None, words)
    assert mapping_from(read_document(text, "m.yaml")).activities  # each written out, without anchors
    for activity in YAML(typ="safe").load(text)["activities"]:
        assert activity["outcome"][:2] == [{"from": field}, {"from": field, "values": {"interested": "interested"}}]
        if activity["object"] != "form_submissions":
            assert activity["kind"][1]["values"] == {"Messe": "Messe"}
