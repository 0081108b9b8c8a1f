"""`crmsync fields`: what an admin learns of a CRM's fields without its screens, and what is told of nobody."""

from __future__ import annotations

from typing import Any

import pytest
from rehearsal import CRMS, LEAD_OBJECT, Rehearsal, personal_data, told_in

BUDGET = {"salesforce": "Budget__c", "hubspot": "budget"}
STATUS = {"salesforce": "Status", "hubspot": "lifecyclestage"}
CALLS = {"salesforce": ("Task", "CallDisposition"), "hubspot": ("calls", "hs_call_disposition")}


def by_name(answer: Any) -> dict[str, Any]:
    return {field["name"]: field for field in answer["fields"]}


@pytest.mark.parametrize("crm", CRMS)
def test_fields_say_how_full_they_are_and_what_for(here: Rehearsal, crm: str) -> None:
    answer = here.json("fields", crm)
    fields, leads = by_name(answer), here.state(crm)["leads"]
    assert answer["sample"] == {"records": len(leads), "complete": True}
    assert {field["object"] for field in fields.values()} == {LEAD_OBJECT[crm]}
    with_budget = sum(1 for lead in leads if lead["attributes"].get("budget") is not None)
    budget = fields[BUDGET[crm]]
    assert budget["filled"] == round(with_budget / len(leads), 4)
    assert budget["mapped_to"] == "budget"
    assert budget["values"] == [{"value": "n***", "count": with_budget}], "a text that one record holds"
    assert fields[STATUS[crm]]["mapped_to"] == "stage"
    assert fields[STATUS[crm]]["filled"] == 1.0
    assert sum(choice["count"] for choice in fields[STATUS[crm]]["choices"]) == len(leads)
    assert not any(field["mapped_to"] for name, field in fields.items() if name in ("Fax", "fax"))


@pytest.mark.parametrize("crm", CRMS)
def test_nobody_is_told_of(here: Rehearsal, crm: str) -> None:
    personal = personal_data(here.state(crm))
    for form in ("table", "json"):
        done = here.crmsync("fields", crm, "--format", form)
        assert done.returncode == 0, done.stderr
        assert told_in(done.stdout + done.stderr, personal) == []


@pytest.mark.parametrize("crm", CRMS)
def test_other_objects_are_listed_and_searched(here: Rehearsal, crm: str) -> None:
    name, field = CALLS[crm]
    assert by_name(here.json("fields", crm, name))[field]["mapped_to"] == "outcome"
    found = by_name(here.json("fields", crm, "--search", "bUdGet"))
    assert list(found) == [BUDGET[crm]]
    nothing = here.crmsync("fields", crm, "--search", "bugdet", env={"COLUMNS": "80"})
    assert (nothing.returncode, f"Near: {BUDGET[crm]}" in nothing.stdout) == (0, True)


@pytest.mark.parametrize("crm", CRMS)
def test_the_table_fits_80_columns(here: Rehearsal, crm: str) -> None:
    done = here.crmsync("fields", crm, env={"COLUMNS": "80"})
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
    assert BUDGET[crm] in done.stdout


@pytest.mark.parametrize("crm", CRMS)
def test_a_broken_mapping_does_not_keep_fields_away(here: Rehearsal, crm: str) -> None:
    here.file(f"mappings/{crm}.yaml").write_text("lead: {}\n", encoding="utf-8")
    answer = here.json("fields", crm)
    assert answer["object"] == LEAD_OBJECT[crm]
    assert BUDGET[crm] in by_name(answer)
    assert {field["mapped_to"] for field in answer["fields"]} == {None}
    assert any("crmsync check" in note for note in answer["notes"])


@pytest.mark.parametrize("crm", CRMS)
def test_what_is_not_there_is_told(here: Rehearsal, crm: str) -> None:
    object_ = here.crmsync("fields", crm, "Nonesuch")
    assert (object_.returncode, "Nonesuch" in object_.stderr) == (2, True)
    connection = here.crmsync("fields", "nonesuch")
    assert (connection.returncode, "no connection `nonesuch`" in connection.stderr) == (2, True)
