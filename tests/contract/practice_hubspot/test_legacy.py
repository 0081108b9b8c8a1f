"""The paths of the first two generations of the API, which public clients still use, in their own shapes."""

from __future__ import annotations

from typing import Any

import pytest

PROPERTY_PATHS = [
    "/properties/v1/contacts/properties", "/properties/v2/contacts/properties", "/properties/v2/companies/properties",
    "/properties/v2/deals/properties", "/contacts/v1/properties", "/companies/v2/properties", "/deals/v1/properties",
]  # fmt: skip
EMPTY = {
    "/email/public/v1/events": "events",
    "/email/public/v1/campaigns/by-id": "campaigns",
    "/email/public/v1/subscriptions/timeline": "timeline",
    "/email/public/v1/subscriptions": "subscriptionDefinitions",
    "/contacts/v1/lists": "lists",
    "/automation/v3/workflows": "workflows",
    "/marketing-emails/v1/emails": "objects",
    "/marketing/v3/emails": "results",
}


def get(practice: Any, path: str) -> Any:
    answer = practice.request("GET", path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


@pytest.mark.parametrize("path", PROPERTY_PATHS)
def test_properties_are_a_bare_list_with_times_in_ms(shared: Any, path: str) -> None:
    found = {each["name"]: each for each in get(shared, path)}
    one = found["hubspot_owner_id"]
    assert isinstance(one["createdAt"], int) and one["readOnlyValue"] is False and one["deleted"] is False
    assert get(shared, f"{path}/named/hubspot_owner_id") == one
    assert shared.request("GET", f"{path}/named/nope").status_code == 404
    groups = get(shared, f"{path.rpartition('/')[0]}/groups?includeProperties=true")
    assert sum(len(each["properties"]) for each in groups) == len(found)


def test_pipelines(shared: Any) -> None:
    (newer,) = get(shared, "/crm/v3/pipelines/deals")["results"]
    (deals,) = get(shared, "/crm-pipelines/v1/pipelines/deals")["results"]
    assert (deals["pipelineId"], deals["objectTypeId"]) == ("default", "0-3")
    assert [each["stageId"] for each in deals["stages"]] == [each["id"] for each in newer["stages"]]
    (older,) = get(shared, "/deals/v1/pipelines")
    assert older == get(shared, "/deals/v1/pipelines/default")
    assert [each["closedWon"] for each in older["stages"]].count(True) == 1
    assert get(shared, "/crm-pipelines/v1/pipelines/tickets")["results"][0]["stages"]


def test_all_contacts_page_by_page(shared: Any) -> None:
    wanted = {int(native) for native in shared.native().values()}
    found, offset, pages = [], 0, 0
    while True:
        path = f"/contacts/v1/lists/all/contacts/all?count=100&vidOffset={offset}&property=email&property=createdate"
        page = get(shared, path)
        found += page["contacts"]
        pages += 1
        offset = page["vid-offset"]
        if not page["has-more"]:
            break
    assert pages == 3
    assert {each["vid"] for each in found} == wanted and len(found) == len(wanted)
    assert set(found[0]["properties"]) <= {"email", "createdate"}
    assert found[0]["properties"]["createdate"]["value"].isdigit()
    (email,) = [each["value"] for each in found[0]["identity-profiles"][0]["identities"] if each["type"] == "EMAIL"]
    assert get(shared, f"/contacts/v1/contact/email/{email}/profile")["vid"] == found[0]["vid"]
    one = get(shared, f"/contacts/v1/contact/vid/{found[0]['vid']}/profile")
    assert one["properties"]["email"]["versions"][0]["value"] == email
    batch = get(shared, f"/contacts/v1/contact/vids/batch?vid={found[0]['vid']}&vid={found[1]['vid']}")
    assert set(batch) == {str(found[0]["vid"]), str(found[1]["vid"])}
    assert get(shared, f"/contacts/v1/search/query?q={email}")["contacts"][0]["vid"] == found[0]["vid"]


def test_recent_contacts_come_newest_first(shared: Any) -> None:
    found, path, more = [], "/contacts/v1/lists/recently_updated/contacts/recent?count=100", True
    rest = ""
    while more:
        page = get(shared, f"{path}{rest}")
        found += [each["vid"] for each in page["contacts"]]
        rest, more = f"&timeOffset={page['time-offset']}&vidOffset={page['vid-offset']}", page["has-more"]
    assert len(found) == len(set(found)) == len(shared.native())


def test_contacts_are_written_the_old_way(practice: Any) -> None:
    given = {"properties": [{"property": "email", "value": "old@way.example"}, {"property": "city", "value": "Ulm"}]}
    made = practice.request("POST", "/contacts/v1/contact/", json=given).json()
    assert made["properties"]["city"]["value"] == "Ulm"
    where = f"/contacts/v1/contact/vid/{made['vid']}/profile"
    change = {"properties": [{"property": "city", "value": "Bonn"}]}
    assert practice.request("POST", where, json=change).status_code == 204
    upsert = "/contacts/v1/contact/createOrUpdate/email/{}/"
    for email, new in (("old@way.example", False), ("new@way.example", True)):
        answer = practice.request("POST", upsert.format(email), json=change).json()
        assert answer["isNew"] is new
    newer = practice.request("GET", f"/crm/v3/objects/contacts/{made['vid']}?properties=city").json()
    assert newer["properties"]["city"] == "Bonn"
    log = practice.control("GET", "log")
    assert [each["after"].get("city") for each in log] == ["Ulm", "Bonn", "Bonn", "Bonn"]
    assert practice.request("DELETE", f"/contacts/v1/contact/vid/{made['vid']}").json()["deleted"] is True
    assert practice.request("GET", where).status_code == 404


def test_companies_and_deals(practice: Any) -> None:
    ids = {}
    for kind, name in (("companies", "name"), ("deals", "dealname")):
        for number in range(3):
            made = practice.request("POST", f"/crm/v3/objects/{kind}", json={"properties": {name: f"N{number}"}})
            ids.setdefault(kind, []).append(int(made.json()["id"]))
    contact = int(next(iter(practice.native().values())))
    path = f"/crm/v4/objects/deals/{ids['deals'][0]}/associations/default"
    assert practice.request("PUT", f"{path}/contacts/{contact}").status_code == 200
    companies = get(practice, "/companies/v2/companies/paged?limit=2&properties=name")
    assert companies["has-more"] is True
    rest = get(practice, f"/companies/v2/companies/paged?limit=2&properties=name&offset={companies['offset']}")
    assert [each["companyId"] for each in companies["companies"] + rest["companies"]] == ids["companies"]
    assert companies["companies"][0]["properties"]["name"]["value"] == "N0"
    assert (
        get(practice, f"/companies/v2/companies/{ids['companies'][0]}")["properties"]["name"]["source"]
        == "INTEGRATION"
    )
    deals = get(practice, "/deals/v1/deal/paged?includeAssociations=true&properties=dealname")
    assert deals["deals"][0]["associations"]["associatedVids"] == [contact]
    assert (deals["hasMore"], len(deals["deals"])) == (False, 3)
    for base in ("/companies/v2/companies", "/deals/v1/deal"):
        recent = get(practice, f"{base}/recent/modified?count=2")
        assert (recent["total"], recent["hasMore"], len(recent["results"])) == (3, True, 2)
        assert get(practice, f"{base}/recent/modified?since=99999999999999")["results"] == []


def test_tickets_products_and_line_items(practice: Any) -> None:
    made = practice.request("POST", "/crm/v3/objects/tickets", json={"properties": {"subject": "Help"}}).json()["id"]
    page = get(practice, "/crm-objects/v1/objects/tickets/paged?properties=subject")
    assert (page["hasMore"], len(page["objects"])) == (False, 1)
    assert page["objects"][0]["properties"]["subject"]["value"] == "Help"
    assert get(practice, f"/crm-objects/v1/objects/tickets/{made}?properties=subject") == page["objects"][0]
    for name in ("products", "line_items"):
        assert get(practice, f"/crm-objects/v1/objects/{name}/paged") == {
            "objects": [],
            "hasMore": False,
            "offset": 0,
        }


def test_engagements_page_by_page(shared: Any) -> None:
    kinds = ("calls", "meetings", "emails", "notes", "tasks")
    wanted = sum(shared.request("POST", f"/crm/v3/objects/{kind}/search", json={}).json()["total"] for kind in kinds)
    found, offset, more = [], 0, True
    while more:
        page = get(shared, f"/engagements/v1/engagements/paged?limit=250&offset={offset}")
        found += page["results"]
        offset, more = page["offset"], page["hasMore"]
    ids = [each["engagement"]["id"] for each in found]
    assert len(ids) == len(set(ids)) == wanted > 300
    assert {each["engagement"]["type"] for each in found} <= {"CALL", "MEETING", "EMAIL", "NOTE", "TASK"}
    assert all(each["associations"]["contactIds"] for each in found)
    assert get(shared, f"/engagements/v1/engagements/{ids[0]}") == found[0]
    contact = found[0]["associations"]["contactIds"][0]
    of_one = get(shared, f"/engagements/v1/engagements/associated/CONTACT/{contact}/paged?limit=100")
    assert {each["engagement"]["id"] for each in of_one["results"]} == {
        each["engagement"]["id"] for each in found if contact in each["associations"]["contactIds"]
    }
    recent = get(shared, "/engagements/v1/engagements/recent/modified?count=5")
    assert (recent["total"], len(recent["results"])) == (min(wanted, 10_000), 5)
    stamps = [each["engagement"]["lastUpdated"] for each in recent["results"]]
    assert stamps == sorted(stamps, reverse=True)


def test_owners_users_and_account(shared: Any) -> None:
    newer = [
        each
        for archived in ("false", "true")
        for each in get(shared, f"/crm/v3/owners?archived={archived}&limit=500")["results"]
    ]
    older = get(shared, "/owners/v2/owners?includeInactive=true")
    assert {str(each["ownerId"]): each["isActive"] for each in older} == {
        each["id"]: not each["archived"] for each in newer
    }
    active = get(shared, "/owners/v2/owners")
    assert len(active) < len(older) and all(each["isActive"] for each in active)
    assert get(shared, f"/owners/v2/owners/{active[0]['ownerId']}") == active[0]
    assert get(shared, f"/owners/v2/owners?email={active[0]['email']}") == [active[0]]
    people = get(shared, "/settings/v3/users")["results"]
    assert {each["id"] for each in people} <= {str(each["activeUserId"]) for each in active}
    assert get(shared, "/settings/v3/users/teams")["results"]
    me = get(shared, "/integrations/v1/me")
    assert (me["portalId"], me["timeZone"], me["currency"]) == (24601377, "UTC", "EUR")
    assert get(shared, "/account-info/v3/details")["portalId"] == me["portalId"]
    (usage,) = get(shared, "/integrations/v1/limit/daily")
    assert usage["usageLimit"] == 650000 and usage["resetsAt"] > usage["collectedAt"] > 10**12


@pytest.mark.parametrize("path", EMPTY)
def test_what_there_is_none_of_is_an_empty_page(shared: Any, path: str) -> None:
    assert get(shared, path)[EMPTY[path]] == []
