"""Objects that exist in every portal answer, empty where nobody filled them: connectors ask for them all."""

from __future__ import annotations

from typing import Any

import pytest

from crmsync_practice.hubspot.object_types import STANDARD_TYPES

ASKED = [
    "appointments", "carts", "commerce_payments", "communications", "companies", "deal_splits", "deals", "discounts",
    "feedback_submissions", "fees", "goal_targets", "invoices", "line_items", "listings", "marketing_events",
    "orders", "postal_mail", "products", "quotes", "services", "subscriptions", "taxes", "tickets",
    "users", "courses",
]  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_an_empty_object_answers_everywhere(shared: Any, name: str) -> None:
    contact = shared.request("GET", "/crm/v3/objects/contacts?limit=1").json()["results"][0]["id"]
    base = f"/crm/v3/objects/{name}"
    assert shared.request("GET", base).json() == {"results": []}
    assert shared.request("POST", f"{base}/search", json={}).json() == {"total": 0, "results": []}
    read = shared.request("POST", f"{base}/batch/read", json={"inputs": [{"id": "1"}], "properties": []})
    assert (read.status_code, read.json()["results"]) == (207, [])
    assert shared.request("GET", f"{base}/1").status_code == 404
    properties = [each["name"] for each in shared.request("GET", f"/crm/v3/properties/{name}").json()["results"]]
    assert {"hs_object_id", "hs_lastmodifieddate"} <= set(properties) and len(properties) > 10
    schema = shared.request("GET", f"/crm/v3/schemas/{name}").json()
    assert schema["objectTypeId"].startswith("0-")
    assert shared.request("GET", f"/crm/v3/objects/{schema['objectTypeId']}").json() == {"results": []}
    assert shared.request("GET", f"/crm/v3/pipelines/{name}").status_code == 200
    linked = shared.request("GET", f"/crm/v4/objects/contacts/{contact}/associations/{name}")
    assert (linked.status_code, linked.json()["results"]) == (200, [])
    many = shared.request(
        "POST", f"/crm/v4/associations/contacts/{name}/batch/read", json={"inputs": [{"id": contact}]}
    )
    assert many.status_code in (200, 207) and many.json()["results"] == []


def test_a_page_of_contacts_may_ask_for_all_associations_at_once(shared: Any) -> None:
    asked = "deals,products,tickets,quotes," + ",".join(ASKED)
    answer = shared.request("GET", f"/crm/v3/objects/contacts?limit=5&associations={asked}")
    assert answer.status_code == 200 and len(answer.json()["results"]) == 5


def test_type_ids_and_names_are_each_used_once() -> None:
    ids = [kind.id for kind in STANDARD_TYPES]
    names = [name for kind in STANDARD_TYPES for name in {kind.name, kind.singular, *kind.aliases}]
    assert len(ids) == len(set(ids)) and len(names) == len(set(names))


def test_what_is_made_is_kept(practice: Any) -> None:
    made = practice.request("POST", "/crm/v3/objects/products", json={"properties": {"name": "Bolt", "price": "2.5"}})
    assert made.status_code == 201
    deal = practice.request("POST", "/crm/v3/objects/deals", json={"properties": {"dealname": "D"}}).json()["id"]
    item = practice.request("POST", "/crm/v3/objects/line_items", json={"properties": {"quantity": "3"}}).json()["id"]
    path = f"/crm/v4/objects/deals/{deal}/associations"
    assert practice.request("PUT", f"{path}/default/line_items/{item}").status_code == 200
    (linked,) = practice.request("GET", f"{path}/line_items").json()["results"]
    assert linked["associationTypes"][0]["typeId"] == 19
    assert practice.request("GET", "/crm/v3/objects/products?properties=price").json()["results"][0]["properties"][
        "price"
    ] == ("2.5")


def test_a_scope_may_be_missing_for_everybody(practice: Any) -> None:
    practice.set(missing_scopes=["crm.objects.owners.read", "crm.objects.companies.read"])
    refused = practice.request("GET", "/crm/v3/owners")
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.owners.read"]
    assert practice.request("GET", "/crm/v3/objects/companies").status_code == 403
    assert practice.request("GET", "/crm/v3/objects/contacts").status_code == 200
    practice.set(missing_scopes=[])
    assert practice.request("GET", "/crm/v3/owners").status_code == 200


def test_an_import_brings_its_own_stages_and_no_properties_that_nobody_imported(practice: Any, shared: Any) -> None:
    values = practice.request("GET", "/crm/v3/properties/contacts").json()["results"]
    custom = {each["name"] for each in values if each.get("hubspotDefined") is not True}
    custom = {name for name in custom if not name.startswith("crmsync_")}  # filled, never imported
    assert custom == {
        "bdr", "deal_urgency", "discount", "goals", "hand_off_response", "hand_off_return_reason", "newsletter",
        "numberofemployees",
    }  # fmt: skip
    made_up = shared.request("GET", "/crm/v3/properties/contacts").json()["results"]
    assert "budget" in {each["name"] for each in made_up}
