"""A decided change as native values: only fields whose value changes, and what leaving a stage asks for."""

from __future__ import annotations

import pytest

from crmsync.configuration import read_document
from crmsync.mapping import CrmMapping, mapping_from, writes_for

TEXT = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage:
  field: Status
  values:
    disqualified: {set: {Status: Closed, Why__c: Lost}, leaving: {Why__c: null, Until__c: null}}
    nurture: {set: {Status: Working, Why__c: Later}}
    sql: {Status: [Working, Open], Why__c: Ready}
    lead: New
"""
KEPT = ("anna", "anna")


@pytest.fixture
def mapping() -> CrmMapping:
    return mapping_from(read_document(TEXT, "mappings/salesforce.yaml"))


def test_a_field_that_holds_the_new_value_already_is_not_written(mapping: CrmMapping) -> None:
    held = {"Status": "Working", "Why__c": "Later", "Until__c": None}
    assert writes_for(mapping, held, stage=("nurture", "sql"), owner=KEPT) == {"Why__c": ("Later", "Ready")}
    held = {"Status": "Closed", "Why__c": "Lost", "Until__c": None}
    assert writes_for(mapping, held, stage=("disqualified", "lead"), owner=KEPT) == {
        "Status": ("Closed", "New"),
        "Why__c": ("Lost", None),
    }, "what leaving empties and is empty is not written either"


def test_the_new_stage_has_the_last_word_on_what_leaving_the_old_one_writes(mapping: CrmMapping) -> None:
    held = {"Status": "Closed", "Why__c": "Lost", "Until__c": "2027"}
    assert writes_for(mapping, held, stage=("disqualified", "nurture"), owner=KEPT) == {
        "Why__c": ("Lost", "Later"),
        "Until__c": ("2027", None),
        "Status": ("Closed", "Working"),
    }


def test_of_several_values_the_first_is_written(mapping: CrmMapping) -> None:
    writes = writes_for(mapping, {"Status": "New", "Why__c": None}, stage=("lead", "sql"), owner=KEPT)
    assert writes == {"Status": ("New", "Working"), "Why__c": (None, "Ready")}


@pytest.mark.parametrize(
    ("owner", "writes"),
    [
        ((None, "anna"), {"OwnerId": (None, "anna")}),
        (("ben", "anna"), {"OwnerId": ("ben", "anna")}),
        (("anna", "anna"), {}),
        (("anna", None), {}),
    ],
)
def test_an_owner_is_written_when_it_is_another_one_and_never_as_empty(
    mapping: CrmMapping, owner: tuple[str | None, str | None], writes: dict[str, tuple[str | None, str | None]]
) -> None:
    assert writes_for(mapping, {"Status": "New"}, stage=("lead", "lead"), owner=owner) == writes
    assert writes_for(mapping, {"Status": "New"}, stage=("lead", None), owner=owner) == writes


def test_a_stage_is_written_on_an_empty_record(mapping: CrmMapping) -> None:
    assert writes_for(mapping, {}, stage=(None, "lead"), owner=KEPT) == {"Status": (None, "New")}
