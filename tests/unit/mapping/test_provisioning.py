"""What a CRM is to have follows from the mapping and from what its fields offer already."""

from __future__ import annotations

from typing import Any

from crmsync.contract import (
    AccessProvision,
    Choice,
    FieldProvision,
    ListProvision,
    NativeField,
    Provision,
    ValuesProvision,
)
from crmsync.mapping import CrmMapping, provisions

MAPPING: dict[str, Any] = {
    "connector": "acme",
    "lead": {"object": "Lead", "email": "Email", "created_at": "Created", "name": ["Name"]},
    "owner": {"field": "Owner"},
    "stage": {
        "field": "Status",
        "values": {"lead": "Open", "mql": ["Marketing", "MQL"], "sal": {"label": "Taken"}, "sql": "Qualified"},
    },
}
OFFERED = (Choice("Open", "Open"), Choice("7", "taken "), Choice("Qualified", "Qualified", active=False))
STATUS = NativeField("Status", "Status", "picklist", writable=True, kind="choice", choices=OFFERED)


def wanted(fields: tuple[NativeField, ...] = (STATUS,), words: Any = None, **more: Any) -> tuple[Provision, ...]:
    mapping = CrmMapping.model_validate(MAPPING | more)
    return provisions(mapping, {each.name: each for each in fields}, words or {}, ("mql", "sal"))


def test_only_the_values_that_can_be_written_and_are_not_offered_are_asked_for() -> None:
    """The first of several is written; a label or another case is the same; an inactive one is none."""
    found = [each for each in wanted() if isinstance(each, ValuesProvision)]
    assert [(each.field, [choice.value for choice in each.choices]) for each in found] == [
        ("Status", ["Marketing", "Qualified"])
    ]


def test_a_stage_field_that_is_missing_is_made_with_all_its_values() -> None:
    (field,) = [each for each in wanted(fields=()) if isinstance(each, FieldProvision)]
    assert (field.name, field.kind) == ("Status", "choice")
    assert [choice.value for choice in field.choices] == ["Open", "Marketing", "Taken", "Qualified"]


def test_written_fields_have_the_kind_and_size_of_what_stands_there() -> None:
    write = {
        "scores": {"fit": "Fit_Points__c"},
        "reasons": "why",
        "previous_owner": "before",
        "stage_days": {"sql": {"first": "Day__c"}},
    }
    fields = {each.name: each for each in wanted(write=write) if isinstance(each, FieldProvision)}
    assert {name: (each.kind, each.characters, each.digits) for name, each in fields.items()} == {
        "Fit_Points__c": ("number", None, 8),
        "why": ("text", 1_000, None),
        "before": ("reference", None, None),
        "Day__c": ("date", None, None),
    }
    assert [fields["Fit_Points__c"].label, fields["why"].label] == ["Fit Points", "Why"]


def test_a_list_that_is_there_is_to_offer_the_words_of_the_policy() -> None:
    band = NativeField("Band", "Band", "picklist", writable=True, kind="choice", choices=(Choice("A", "A"),))
    words = {("bands", "fit"): [("A", "A"), ("B", "B")]}
    write = {"bands": {"fit": {"field": "Band", "values": {"B": "Second"}}}}
    found = wanted((STATUS, band), words, write=write)
    (values,) = [each for each in found if isinstance(each, ValuesProvision) and each.field == "Band"]
    assert [choice.value for choice in values.choices] == ["Second"]


def test_access_is_what_is_read_and_written_and_no_more() -> None:
    hand_off = {
        "bdr": "Bdr",
        "response": {"field": "Answer", "accepted": "Yes", "returned": "No"},
        "task": {"object": "Task", "subject": "Subject", "owner": "OwnerId"},
    }
    facts = {"industry": {"field": "Industry", "type": "text"}}
    (access,) = [each for each in wanted(hand_off=hand_off, facts=facts) if isinstance(each, AccessProvision)]
    assert set(access.reads["Lead"]) == {"Email", "Created", "Name", "Owner", "Status", "Industry", "Bdr", "Answer"}
    assert access.edits == {"Lead": ("Owner", "Status", "Bdr", "Answer")}
    assert access.makes == {"Task": ("Subject", "OwnerId")}


def test_the_list_holds_the_leads_to_be_worked_by_values_as_the_crm_has_them() -> None:
    (view,) = [each for each in wanted() if isinstance(each, ListProvision)]
    assert (view.field, view.values) == ("Status", ("Marketing", "7"))
    assert view.columns[:2] == ("Name", "Status")
