"""What HubSpot does that a client must survive: silent refusals, limits, lag, scopes, exact bodies."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

STAGE = "lifecyclestage"


def _stage(practice: Any, contact: str) -> str | None:
    answer = practice.request("GET", f"/crm/v3/objects/contacts/{contact}", params={"properties": STAGE})
    value: str | None = answer.json()["properties"][STAGE]
    return value


def _patch(practice: Any, contact: str, **properties: Any) -> Any:
    return practice.request("PATCH", f"/crm/v3/objects/contacts/{contact}", json={"properties": properties})


def _search(practice: Any, kind: str = "contacts", **body: Any) -> Any:
    return practice.request("POST", f"/crm/v3/objects/{kind}/search", json=body)


def _filters(*filters: tuple[str, str, Any]) -> list[dict[str, Any]]:
    shaped = []
    for name, operator, value in filters:
        key = "values" if operator in ("IN", "NOT_IN") else "value"
        shaped.append({"propertyName": name, "operator": operator, **({} if value is None else {key: value})})
    return [{"filters": shaped}]


def test_a_backward_stage_is_silently_kept_and_cleared_first(practice: Any) -> None:
    contact = practice.native()["L3"]
    assert _stage(practice, contact) == "salesqualifiedlead"
    forward = _patch(practice, contact, lifecyclestage="opportunity")
    assert forward.status_code == 200 and forward.json()["properties"][STAGE] == "opportunity"
    back = _patch(practice, contact, lifecyclestage="lead")
    assert back.status_code == 200 and back.json()["properties"][STAGE] == "opportunity"
    assert practice.control("GET", "log")[-1]["after"] == {STAGE: "opportunity"}
    assert _patch(practice, contact, lifecyclestage="").status_code == 200
    assert _stage(practice, contact) is None
    assert _patch(practice, contact, lifecyclestage="lead").json()["properties"][STAGE] == "lead"


def test_the_stage_switch(practice: Any) -> None:
    contact = practice.native()["L3"]
    practice.set(lifecycle="refused")
    refused = _patch(practice, contact, lifecyclestage="lead")
    assert refused.status_code == 400 and refused.json()["category"] == "VALIDATION_ERROR"
    practice.set(lifecycle="accepted")
    assert _patch(practice, contact, lifecyclestage="lead").json()["properties"][STAGE] == "lead"


def test_derived_dates_and_history_follow_a_write(practice: Any) -> None:
    contact = practice.native()["L3"]
    practice.control("PUT", "clock", json={"now": "2026-11-21T10:00:00Z"})
    owner = practice.request("GET", "/crm/v3/owners").json()["results"][1]
    _patch(practice, contact, lifecyclestage="94943286", hubspot_owner_id=owner["id"])
    names = (
        "hs_v2_date_entered_94943286", "hs_v2_date_exited_salesqualifiedlead", "hubspot_owner_assigneddate",
        "lastmodifieddate", "hs_lastmodifieddate", "hubspot_team_id",
    )  # fmt: skip
    shown = practice.request(
        "GET",
        f"/crm/v3/objects/contacts/{contact}",
        params={"properties": ",".join(names), "propertiesWithHistory": "lifecyclestage,hubspot_owner_id"},
    ).json()
    at = "2026-11-21T10:00:00.000Z"
    assert {name: shown["properties"][name] for name in names} == {
        **dict.fromkeys(names[:5], at),
        "hubspot_team_id": owner["teams"][0]["id"],
    }
    history = shown["propertiesWithHistory"][STAGE]
    assert [entry["value"] for entry in history] == ["94943286", "salesqualifiedlead"]
    assert history[0]["timestamp"] == at and history[0]["sourceType"] == "INTEGRATION"
    practice.control("PUT", "clock", json={"now": None})


def test_property_refusals_ride_as_json_in_the_message(practice: Any) -> None:
    contact = practice.native()["L0"]
    wrong = {
        "no_such": "x",
        STAGE: "nonsense",
        "createdate": "2026-01-01",
        "num_notes": "3",
        "numberofemployees": "1,000",
        "hubspot_owner_id": "9586500",
    }
    refused = _patch(practice, contact, **wrong).json()
    prefix = "Property values were not valid: "
    assert refused["message"].startswith(prefix)
    problems = {each["name"]: each["error"] for each in json.loads(refused["message"].removeprefix(prefix))}
    assert problems == {
        "no_such": "PROPERTY_DOESNT_EXIST",
        STAGE: "INVALID_OPTION",
        "createdate": "READ_ONLY_VALUE",
        "num_notes": "READ_ONLY_VALUE",
        "numberofemployees": "INVALID_LONG",
        "hubspot_owner_id": "INVALID_OWNER_ID",
    }
    assert practice.control("GET", "log") == []


def test_an_archived_owner_is_refused_unless_switched(practice: Any) -> None:
    contact = practice.native()["L0"]
    gone = practice.request("GET", "/crm/v3/owners", params={"archived": "true"}).json()["results"][0]["id"]
    assert _patch(practice, contact, hubspot_owner_id=gone).status_code == 400
    practice.set(archived_owner="accepted")
    assert _patch(practice, contact, hubspot_owner_id=gone).status_code == 200


def test_search_rules(shared: Any) -> None:
    assert _search(shared).json()["total"] == 250
    assert len(_search(shared, limit=200).json()["results"]) == 200
    too_much: list[dict[str, Any]] = [
        {"limit": 201},
        {"after": "10000"},
        {"sorts": ["email", "firstname"]},
        {"filterGroups": _filters(("email", "EQ", "x")) * 6},
        {"filterGroups": _filters(*[("email", "EQ", "x")] * 7)},
        {"filterGroups": _filters(*[("email", "EQ", "x")] * 6) * 4},
        {"filterGroups": _filters(("no_such", "EQ", "x"))},
        {"filterGroups": _filters(("email", "LIKE", "x"))},
        {"filterGroups": _filters(("createdate", "GT", "yesterday"))},
        {"filterGroups": [{"filters": [{"operator": "EQ", "value": "x"}]}]},
        {"query": "x" * 3001},
    ]
    for body in too_much:
        assert _search(shared, **body).status_code == 400, body


def test_search_case_rules(practice: Any) -> None:
    def count(*filters: tuple[str, str, Any]) -> int:
        total: int = _search(practice, filterGroups=_filters(*filters)).json()["total"]
        return total

    assert count(("firstname", "EQ", "FIRST3")) == 1
    assert count(("company", "IN", ["corp 1"])) == 6 and count(("company", "IN", ["Corp 1"])) == 0
    assert count((STAGE, "EQ", "customer")) == 2 and count((STAGE, "EQ", "Customer")) == 0
    assert count(("hs_lead_status", "HAS_PROPERTY", None)) == 2
    assert count(("email", "NOT_HAS_PROPERTY", None)) == 1
    assert count(("email", "CONTAINS_TOKEN", "*@corp1.example")) == 6
    assert count(("numberofemployees", "GTE", "100"), ("numberofemployees", "LT", "120")) == 2
    assert count(("createdate", "LT", "2026-10-03T00:00:00Z")) == count(("createdate", "LT", "1790985600000")) == 2
    assert _search(practice, query="last15").json()["total"] == 1
    calls = _search(practice, "calls", filterGroups=_filters(("associations.contact", "EQ", practice.native()["L1"])))
    assert calls.json()["total"] >= 0 and calls.status_code == 200


def test_search_never_answers_with_rate_headers(shared: Any) -> None:
    listed = shared.request("GET", "/crm/v3/objects/contacts")
    assert listed.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert not [name for name in _search(shared).headers if "ratelimit" in name.lower()]


def test_index_lag_hides_fresh_writes_from_search_only(practice: Any) -> None:
    contact = practice.native()["L0"]
    practice.set(index_lag_seconds=30)
    practice.control("PUT", "clock", json={"now": "2026-11-21T10:00:00Z"})
    _patch(practice, contact, firstname="Fresh")
    made = practice.request(
        "POST", "/crm/v3/objects/contacts", json={"properties": {"email": "late@x.example"}}
    ).json()

    def totals() -> list[int]:
        wanted = (("firstname", "Fresh"), ("firstname", "First0"), ("email", "late@x.example"))
        return [_search(practice, filterGroups=_filters((n, "EQ", v))).json()["total"] for n, v in wanted]

    assert totals() == [0, 1, 0]
    assert practice.request("GET", f"/crm/v3/objects/contacts/{made['id']}").status_code == 200
    practice.control("PUT", "clock", json={"now": "2026-11-21T10:00:31Z"})
    assert totals() == [1, 0, 1]
    practice.request("DELETE", f"/crm/v3/objects/contacts/{made['id']}")
    assert totals() == [1, 0, 1]
    practice.control("PUT", "clock", json={"now": "2026-11-21T10:01:31Z"})
    assert totals() == [1, 0, 0]


@pytest.mark.parametrize(
    ("settings", "path", "policy", "message"),
    [
        ({"ten_secondly": 3}, "list", "TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."),
        ({"search_secondly": 0}, "search", "SECONDLY", "You have reached your secondly limit."),
        ({"daily": 3}, "list", "DAILY", "You have reached your daily limit."),
    ],
)
def test_the_three_limits(practice: Any, settings: dict[str, int], path: str, policy: str, message: str) -> None:
    practice.set(limited=True, **settings)
    answers = [
        _search(practice) if path == "search" else practice.request("GET", "/crm/v3/objects/contacts")
        for _ in range(4)
    ]
    refused = answers[-1]
    assert refused.status_code == 429
    body = refused.json()
    assert (body["policyName"], body["message"], body["errorType"]) == (policy, message, "RATE_LIMIT")
    assert "category" not in body and "Retry-After" not in refused.headers
    practice.set(retry_after=True)
    again = _search(practice) if path == "search" else practice.request("GET", "/crm/v3/objects/contacts")
    assert int(again.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("token", ["", "my-invalid-token", "expired-x"])
def test_who_may_not_sign_in(shared: Any, token: str) -> None:
    refused = shared.request("GET", "/crm/v3/objects/contacts", token=token)
    expected = "EXPIRED_AUTHENTICATION" if "expired" in token else "INVALID_AUTHENTICATION"
    assert refused.status_code == 401 and refused.json()["category"] == expected


def test_scopes_of_a_service_key(shared: Any) -> None:
    token = "pat-na1-x;scopes=crm.objects.contacts.read"
    assert shared.request("GET", "/crm/v3/objects/contacts", token=token).status_code == 200
    assert shared.request("GET", "/crm/v3/objects/calls", token=token).status_code == 200
    for method, path, needed in (
        ("GET", "/crm/v3/objects/companies", "crm.objects.companies.read"),
        ("POST", "/crm/v3/objects/contacts", "crm.objects.contacts.write"),
        ("GET", "/crm/v3/owners/", "crm.objects.owners.read"),
        ("GET", "/crm/v3/properties/contacts", "crm.schemas.contacts.read"),
        ("GET", "/marketing/v3/forms", "forms"),
    ):
        refused = shared.request(method, path, token=token, json={} if method == "POST" else None)
        assert refused.status_code == 403 and refused.json()["category"] == "MISSING_SCOPES"
        assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == [needed]
    emails = "/crm/v3/objects/emails?properties=hs_email_subject"
    assert all(
        "hs_email_subject" not in e["properties"]
        for e in shared.request("GET", emails, token=token).json()["results"]
    )


def test_too_long_an_address_is_turned_away_in_html(shared: Any) -> None:
    refused = shared.request("GET", "/crm/v3/objects/contacts?properties=" + "a" * 17_000)
    assert refused.status_code == 414 and refused.text.startswith("<html>")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/crm/v3/objects/contacts?limit=101", None),
        ("GET", "/crm/v3/objects/contacts?limit=51&propertiesWithHistory=email", None),
        ("GET", "/crm/v3/objects/contacts?limit=ten", None),
        ("GET", "/crm/v3/objects/contacts?after=x", None),
        ("GET", "/crm/v3/objects/contacts?archived=perhaps", None),
        ("GET", "/crm/v3/objects/unicorns", None),
        ("POST", "/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": str(n)} for n in range(101)]}),
        ("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": [{"id": "51", "properties": {}}] * 2}),
        ("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": "x"}),
        ("POST", "/crm/v3/objects/contacts", {"properties": {"email": {"a": 1}}}),
        ("POST", "/crm/v3/objects/leads", {"properties": {"hs_lead_name": "No contact"}}),
        ("POST", "/crm/v3/objects/calls", {"properties": {"hs_call_title": "No time"}}),
        ("POST", "/crm/v4/associations/contacts/calls/batch/read", {"inputs": [{"id": str(n)} for n in range(1001)]}),
        ("PUT", "/crm/v4/objects/contacts/51/associations/companies/1", [{"associationTypeId": 4}]),
    ],
)
def test_what_is_refused_with_400(shared: Any, method: str, path: str, body: Any) -> None:
    refused = shared.request(method, path, json=body)
    assert refused.status_code == 400, refused.text
    assert refused.json()["status"] == "error"


def test_unknown_paths_and_methods(shared: Any) -> None:
    assert shared.request("GET", "/crm/v3/nothing").status_code == 404
    assert shared.request("PUT", "/crm/v3/objects/contacts").status_code == 405


def test_switches_refuse_what_they_do_not_know(shared: Any) -> None:
    before = shared.control("GET", "switches")
    for body in (
        {"nonsense": 1},
        {"lifecycle": "maybe"},
        {"webhook_url": "http://example.com/hook"},
        {"daily": "x"},
        {"index_lag_seconds": 1e300},
        {"longest_url": -1},
    ):
        refused = requests.put(f"{shared.url}/_practice/switches", json=body, timeout=300)
        assert refused.status_code == 400, body
        assert next(iter(body)) in refused.json()["error"] or "expected some of" in refused.json()["error"]
    assert shared.control("GET", "switches") == before


def test_pages_can_repeat_rows(practice: Any) -> None:
    practice.set(repeated_rows=2)
    found, path = [], "/crm/v3/objects/contacts?limit=5"
    while path:
        page = practice.request("GET", path).json()
        found += [each["id"] for each in page["results"]]
        path = page.get("paging", {}).get("next", {}).get("link", "").removeprefix(practice.url)
    assert len(set(found)) == 18 and len(found) > 18


def test_some_rows_can_be_refused(practice: Any) -> None:
    practice.set(refused_row_every=3)
    inputs = [{"id": each, "properties": {"city": "X"}} for each in list(practice.native().values())[:9]]
    answer = practice.request("POST", "/crm/v3/objects/contacts/batch/update", json={"inputs": inputs})
    assert answer.status_code == 207 and len(answer.json()["results"]) == 6
    assert [error["context"]["ids"] for error in answer.json()["errors"]] == [[inputs[n]["id"]] for n in (2, 5, 8)]


def test_the_older_association_paths(practice: Any) -> None:
    native = practice.native()
    company = practice.request("POST", "/crm/v3/objects/companies", json={"properties": {"name": "C"}}).json()["id"]
    single = f"/crm/v3/objects/contacts/{native['L0']}/associations/companies/{company}/contact_to_company"
    assert practice.request("PUT", single).status_code == 200
    read = "/crm/v3/associations/company/contact/batch/read"
    row = practice.request("POST", read, json={"inputs": [{"id": company}]}).json()["results"][0]
    assert {each["id"] for each in row["to"]} == {native["L0"]}
    assert {each["type"] for each in row["to"]} == {"company_to_contact", "company_to_contact_unlabeled"}
    assert practice.request("DELETE", single).status_code == 204
    pair = {"from": {"id": native["L3"]}, "to": {"id": company}, "type": "contact_to_company_unlabeled"}
    made = practice.request("POST", "/crm/v3/associations/contact/company/batch/create", json={"inputs": [pair]})
    assert made.status_code == 201 and made.json()["results"][0]["type"] == "contact_to_company_unlabeled"


def test_the_legacy_engagement_feed_reaches_everything_once(practice: Any) -> None:
    found, after = [], "0"
    while True:
        page = practice.request("GET", f"/engagements/v1/engagements/modified/after?after={after}&limit=7").json()
        found += [(each["engagement"]["type"], each["engagement"]["id"]) for each in page["results"]]
        after = page["after"]
        if not page["hasMore"]:
            break
    activities = practice.control("GET", "state")["activities"]
    assert len(found) == len(set(found)) == sum(each["kind"] != "form_submission" for each in activities)


def test_legacy_lists_are_bare_and_agree_with_the_newer_ones(shared: Any) -> None:
    for path, kind in (
        ("/properties/v1/deals/properties", "deals"),
        ("/companies/v2/properties", "companies"),
        ("/properties/v1/contacts/properties", "contacts"),
    ):
        newer = shared.request("GET", f"/crm/v3/properties/{kind}").json()["results"]
        older = shared.request("GET", path).json()
        told = ("name", "label", "type", "fieldType", "groupName", "calculated", "hidden")
        assert [[each[key] for key in told] for each in older] == [[each[key] for key in told] for each in newer]
    forms = shared.request("GET", "/marketing/v3/forms?limit=100").json()["results"]
    listed = shared.request("GET", "/forms/v2/forms").json()
    assert [each["guid"] for each in listed] == [each["id"] for each in forms]


def test_custom_objects(practice: Any) -> None:
    name = {"name": "title", "label": "Title", "type": "string", "fieldType": "text"}
    schema = {"name": "project", "labels": {"singular": "Project", "plural": "Projects"}, "properties": [name],
              "primaryDisplayProperty": "title"}  # fmt: skip
    made = practice.request("POST", "/crm/v3/schemas", json=schema)
    assert made.status_code == 201
    kind = made.json()["objectTypeId"]
    one = practice.request("POST", f"/crm/v3/objects/{kind}", json={"properties": {"title": "Move"}}).json()
    assert _search(practice, "projects", query="move").json()["results"][0]["id"] == one["id"]
    contact = practice.native()["L0"]
    path = f"/crm/v4/objects/{kind}/{one['id']}/associations/default/contacts/{contact}"
    assert practice.request("PUT", path).status_code == 200
    listed = practice.request("GET", f"/crm/v4/objects/contacts/{contact}/associations/{kind}").json()["results"]
    assert [str(each["toObjectId"]) for each in listed] == [one["id"]]


def test_a_company_counts_its_open_deals(practice: Any) -> None:
    def made(kind: str, **properties: str) -> str:
        answer = practice.request("POST", f"/crm/v3/objects/{kind}", json={"properties": properties})
        return str(answer.json()["id"])

    def count() -> str | None:
        answer = practice.request("GET", f"/crm/v3/objects/companies/{company}?properties=hs_num_open_deals")
        found: str | None = answer.json()["properties"]["hs_num_open_deals"]
        return found

    company = made("companies", name="Amber Labs")
    assert count() is None
    deals = [made("deals", dealname="One"), made("deals", dealname="Two", dealstage="closedlost")]
    for deal in deals:
        practice.request("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/companies/{company}")
    assert count() == "1"
    practice.request("PATCH", f"/crm/v3/objects/deals/{deals[1]}", json={"properties": {"dealstage": "contractsent"}})
    assert count() == "2"
    practice.request("DELETE", f"/crm/v3/objects/deals/{deals[0]}")
    assert count() == "1"
    practice.request("DELETE", f"/crm/v4/objects/companies/{company}/associations/deals/{deals[1]}")
    assert count() == "0"
    refused = practice.request(
        "PATCH", f"/crm/v3/objects/companies/{company}", json={"properties": {"hs_num_open_deals": "9"}}
    )
    assert refused.status_code == 400
