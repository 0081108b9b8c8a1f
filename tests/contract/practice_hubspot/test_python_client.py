"""hubspot-api-client 12, unmodified, against the practice portal: every call a connector makes."""

from __future__ import annotations

from typing import Any

import hubspot
import pytest
import requests
from hubspot.crm.associations.v4 import (
    AssociationSpec,
    BatchInputPublicAssociationMultiArchive,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
    PublicAssociationMultiArchive,
    PublicAssociationMultiPost,
    PublicFetchAssociationsBatchRequest,
    PublicObjectId,
)
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchInputSimplePublicObjectId,
    BatchReadInputSimplePublicObjectId,
    Filter,
    FilterGroup,
    PublicGdprDeleteInput,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInput,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.crm.properties import BatchInputPropertyCreate, PropertyCreate


def _create(client: hubspot.HubSpot, **properties: Any) -> Any:
    return client.crm.contacts.basic_api.create(
        SimplePublicObjectInputForCreate(properties=properties, associations=[])
    )


def test_get_all_pages_through_every_contact(reader: hubspot.HubSpot) -> None:
    everyone = reader.crm.contacts.get_all(properties=["email", "lifecyclestage", "no_such_property"])
    ids = [int(each.id) for each in everyone]
    assert len(ids) == 250 and ids == sorted(set(ids))
    assert all("no_such_property" not in each.properties and "lifecyclestage" in each.properties for each in everyone)
    assert len(reader.crm.objects.get_all("0-1")) == 250
    assert len(reader.crm.contacts.get_all(properties_with_history=["lifecyclestage"])) == 250


def test_list_link_carries_every_parameter(shared: Any) -> None:
    query = "?limit=100&properties=email,firstname&properties=phone&associations=calls&archived=false"
    seen, url = [], shared.url + "/crm/v3/objects/contacts" + query
    while url:
        page = shared.request("GET", url.removeprefix(shared.url)).json()
        seen += page["results"]
        assert all({"email", "firstname", "phone"} <= set(each["properties"]) for each in page["results"])
        url = page.get("paging", {}).get("next", {}).get("link")
        assert url is None or url.startswith(shared.url)
    assert len(seen) == 250
    assert any("associations" in each for each in seen[100:])


@pytest.mark.parametrize("alias", ["contacts", "contact", "0-1", "Contacts"])
@pytest.mark.parametrize("path", ["/crm/v3/objects/{}", "/crm/v4/objects/{}", "/crm/objects/2026-03/{}"])
def test_every_alias_and_family_leads_to_the_same(shared: Any, alias: str, path: str) -> None:
    answer = shared.request("GET", path.format(alias), params={"limit": 3}).json()
    assert [each["id"] for each in answer["results"]] == ["51", "52", "53"]


def test_search_counts_sorts_and_pages(reader: hubspot.HubSpot) -> None:
    api = reader.crm.contacts.search_api
    group = FilterGroup(filters=[Filter(property_name="lastmodifieddate", operator="GTE", value="0")])
    found: list[int] = []
    after = "0"
    while True:
        page = api.do_search(
            PublicObjectSearchRequest(
                filter_groups=[group],
                sorts=[{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
                limit=80,
                after=after,
                properties=["email"],
            )
        )
        assert page.total == 250
        found += [int(each.id) for each in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert found == sorted(found, reverse=True) and len(set(found)) == 250


def test_keyset_search_reaches_everything(reader: hubspot.HubSpot) -> None:
    api, last, found = reader.crm.contacts.search_api, "0", []
    while True:
        group = FilterGroup(filters=[Filter(property_name="hs_object_id", operator="GT", value=last)])
        request = PublicObjectSearchRequest(filter_groups=[group], sorts=["hs_object_id"], limit=70)
        page = api.do_search(request).results
        if not page:
            break
        found += [each.id for each in page]
        last = page[-1].id
    assert len(found) == 250


def test_batch_update_tells_rows_apart(client: hubspot.HubSpot, practice: Any) -> None:
    native = practice.native()
    rows = [
        SimplePublicObjectBatchInput(id=native["L0"], properties={"firstname": "New"}, object_write_trace_id="a"),
        SimplePublicObjectBatchInput(id="999999", properties={"firstname": "x"}, object_write_trace_id="b"),
        SimplePublicObjectBatchInput(id=native["L1"], properties={"missing": "x"}, object_write_trace_id="c"),
    ]
    answer, status, _ = client.crm.contacts.batch_api.update_with_http_info(
        BatchInputSimplePublicObjectBatchInput(inputs=rows)
    )
    assert status == 207 and answer.num_errors == 2
    assert [each.properties["firstname"] for each in answer.results] == ["New"]
    by_trace = {each.context["objectWriteTraceId"][0]: each for each in answer.errors}
    assert by_trace["b"].category == "OBJECT_NOT_FOUND"
    assert "PROPERTY_DOESNT_EXIST" in by_trace["c"].message
    assert [entry["id"] for entry in practice.control("GET", "log")] == [native["L0"]]


def test_batch_create_upsert_read_archive(client: hubspot.HubSpot, practice: Any) -> None:
    api = client.crm.contacts.batch_api
    fresh = [
        SimplePublicObjectBatchInputForCreate(
            properties={"email": f"new{number}@x.example"}, associations=[], object_write_trace_id=str(number)
        )
        for number in range(3)
    ]
    fresh.append(
        SimplePublicObjectBatchInputForCreate(
            properties={"email": "new0@x.example"}, associations=[], object_write_trace_id="double"
        )
    )
    made, status, _ = api.create_with_http_info(BatchInputSimplePublicObjectBatchInputForCreate(inputs=fresh))
    assert status == 207 and len(made.results) == 3 and made.errors[0].category == "CONFLICT"
    rows = [
        SimplePublicObjectBatchInputUpsert(id=email, id_property="email", properties={"firstname": "U"})
        for email in ("new0@x.example", "other@x.example")
    ]
    upserted = api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=rows))
    assert [each.new for each in upserted.results] == [False, True]
    wanted = BatchReadInputSimplePublicObjectId(
        properties=["email"],
        properties_with_history=["firstname"],
        id_property="email",
        inputs=[SimplePublicObjectId(id="NEW0@x.example"), SimplePublicObjectId(id="nobody@x.example")],
    )
    read, status, _ = api.read_with_http_info(wanted)
    assert status == 207 and read.errors[0].context["ids"] == ["nobody@x.example"]
    assert [entry.value for entry in read.results[0].properties_with_history["firstname"]] == ["U"]
    ids = [SimplePublicObjectId(id=each.id) for each in made.results]
    api.archive(BatchInputSimplePublicObjectId(inputs=ids))
    archived = client.crm.contacts.basic_api.get_page(archived=True).results
    assert {each.id for each in archived} == {each.id for each in ids}
    assert all(each.archived and each.archived_at is not None for each in archived)


def test_a_batch_create_without_trace_ids_fails_whole(client: hubspot.HubSpot, practice: Any) -> None:
    before = len(practice.native())
    rows = [
        SimplePublicObjectBatchInputForCreate(properties={"email": email}, associations=[])
        for email in ("fine@x.example", "p0@corp0.example")
    ]
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.batch_api.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows))
    assert refused.value.status == 409
    assert len(practice.native()) == before and practice.control("GET", "log") == []


def test_create_get_patch_delete(client: hubspot.HubSpot) -> None:
    api = client.crm.contacts.basic_api
    made = _create(client, email="Fresh@X.example", firstname="F")
    assert api.get_by_id(made.id, properties=["lifecyclestage"]).properties["lifecyclestage"] == "lead"
    assert api.get_by_id("fresh@x.example", id_property="email").id == made.id
    changed = api.update(made.id, SimplePublicObjectInput(properties={"firstname": "", "phone": "1"}))
    assert changed.properties["firstname"] is None and changed.properties["phone"] == "1"
    with pytest.raises(ApiException) as conflict:
        _create(client, email="FRESH@x.example")
    assert conflict.value.status == 409 and f"Existing ID: {made.id}" in conflict.value.body
    api.archive(made.id)
    with pytest.raises(ApiException) as gone:
        api.get_by_id(made.id)
    assert gone.value.status == 404
    assert api.get_by_id(made.id, archived=True).archived


def test_merge_forwards_the_old_id(client: hubspot.HubSpot, practice: Any) -> None:
    native = practice.native()
    first, second = native["L1"], native["L16"]
    merged = client.crm.contacts.basic_api.merge(PublicMergeInput(primary_object_id=first, object_id_to_merge=second))
    assert merged.id == first
    found = client.crm.contacts.basic_api.get_by_id(second, properties=["hs_merged_object_ids"])
    assert found.id == first and found.properties["hs_merged_object_ids"] == second
    assert second not in [each.id for each in client.crm.contacts.get_all()]


def test_gdpr_delete_leaves_nothing(client: hubspot.HubSpot, practice: Any) -> None:
    contact = practice.native()["L2"]
    client.crm.contacts.basic_api.purge(PublicGdprDeleteInput(object_id=contact))
    state = practice.control("GET", "state")
    assert "L2" not in {lead["id"] for lead in state["leads"]}
    assert "L2" not in {activity["lead"] for activity in state["activities"]}


def test_associations_v4(client: hubspot.HubSpot, practice: Any) -> None:
    native = practice.native()
    batch = client.crm.associations.v4.batch_api
    wanted = [PublicFetchAssociationsBatchRequest(id=native[name]) for name in native]
    request = BatchInputPublicFetchAssociationsBatchRequest(inputs=wanted)
    answer = batch.get_page("contacts", "calls", request)
    linked = {row._from.id: [each.to_object_id for each in row.to] for row in answer.results}
    assert linked and all(each.association_types[0].type_id == 193 for row in answer.results for each in row.to)
    assert {error.sub_category for error in answer.errors} == {"crm.associations.NO_ASSOCIATIONS_FOUND"}
    company = client.crm.companies.basic_api.create(
        SimplePublicObjectInputForCreate(properties={"name": "Corp"}, associations=[])
    )
    basic = client.crm.associations.v4.basic_api
    basic.create_default("contact", native["L0"], "company", company.id)
    spec = AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=279)
    labels = basic.create("contacts", native["L3"], "companies", company.id, [spec])
    assert labels.from_object_type_id == "0-1" and labels.to_object_type_id == "0-2"
    batch.create(
        "contacts",
        "companies",
        BatchInputPublicAssociationMultiPost(
            inputs=[
                PublicAssociationMultiPost(
                    _from=PublicObjectId(id=native["L4"]), to=PublicObjectId(id=company.id), types=[spec]
                )
            ]
        ),
    )
    listed = basic.get_page("companies", company.id, "contacts").results
    assert {str(each.to_object_id) for each in listed} == {native["L0"], native["L3"], native["L4"]}
    contact = client.crm.contacts.basic_api.get_by_id(native["L0"], properties=["associatedcompanyid"])
    assert contact.properties["associatedcompanyid"] == company.id
    batch.archive(
        "contacts",
        "companies",
        BatchInputPublicAssociationMultiArchive(
            inputs=[
                PublicAssociationMultiArchive(
                    _from=PublicObjectId(id=native["L4"]), to=[PublicObjectId(id=company.id)]
                )
            ]
        ),
    )
    basic.archive("contacts", native["L3"], "companies", company.id)
    assert len(basic.get_page("companies", company.id, "contacts").results) == 1


def test_the_other_objects(client: hubspot.HubSpot, practice: Any) -> None:
    native = practice.native()
    contact = [{"to": {"id": native["L0"]}, "types": [
        {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]}]  # fmt: skip
    call = client.crm.objects.calls.basic_api.create(
        {
            "properties": {
                "hs_timestamp": "2026-11-20T10:00:00Z",
                "hs_call_title": "Talk",
                "hs_call_status": "COMPLETED",
            },
            "associations": contact,
        }
    )
    person = client.crm.contacts.basic_api.get_by_id(native["L0"], associations=["calls"])
    assert call.id in {each.id for each in person.associations["calls"].results}
    deal = client.crm.deals.basic_api.create(
        SimplePublicObjectInputForCreate(properties={"dealname": "D", "amount": "12.50"}, associations=[])
    )
    assert deal.properties["dealstage"] == "appointmentscheduled" and deal.properties["amount"] == "12.5"
    lead = client.crm.objects.leads.basic_api.create(
        {
            "properties": {"hs_lead_name": "Lead"},
            "associations": [
                {
                    "to": {"id": native["L1"]},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}],
                }
            ],
        }
    )
    assert client.crm.objects.leads.basic_api.get_by_id(lead.id).id == lead.id
    for name in ("emails", "meetings", "notes", "tasks"):
        page = getattr(client.crm.objects, name).basic_api.get_page(limit=5, associations=["contacts"])
        assert page.results and all(each.associations for each in page.results)


def test_owners_properties_pipelines_schemas(client: hubspot.HubSpot) -> None:
    owners = client.crm.owners.owners_api.get_page(limit=2)
    rest = client.crm.owners.owners_api.get_page(limit=500, after=owners.paging.next.after)
    active = [*owners.results, *rest.results]
    assert [each.type for each in active] == ["PERSON", "PERSON", "QUEUE"]
    assert all(int(each.id) != each.user_id for each in active)
    gone = client.crm.owners.owners_api.get_page(archived=True).results
    assert [each.email for each in gone] == ["gus@firm.example"] and gone[0].user_id is None
    by_user = client.crm.owners.owners_api.get_by_id(active[0].user_id, id_property="userId")
    assert by_user.id == active[0].id and by_user.teams[0].name == "North"
    core = client.crm.properties.core_api
    stage = core.get_by_name("contacts", "lifecyclestage")
    assert [each.value for each in stage.options][3] == "94943285"
    owner = core.get_by_name("contacts", "hubspot_owner_id")
    assert owner.options == [] and owner.external_options and owner.referenced_object_type == "OWNER"
    made = core.create(
        "contacts",
        PropertyCreate(name="budget_band", label="Budget", type="enumeration", field_type="select",
                       group_name="contactinformation", options=[
                           {"label": "Low", "value": "low", "displayOrder": 0, "hidden": False}]),
    )  # fmt: skip
    assert made.name in {each.name for each in core.get_all("contacts").results}
    batch = client.crm.properties.batch_api.create(
        "contacts",
        BatchInputPropertyCreate(
            inputs=[
                PropertyCreate(
                    name=name, label=name, type="number", field_type="number", group_name="contactinformation"
                )
                for name in ("extra_one", "extra_two")
            ]
        ),
    )
    assert len(batch.results) == 2
    assert client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages
    assert client.crm.schemas.core_api.get_all().results == []
    assert client.crm.schemas.core_api.get_by_id("contacts").object_type_id == "0-1"


def test_oauth_refresh_signs_in(client: hubspot.HubSpot, practice: Any) -> None:
    with pytest.raises(ApiException) as expired:
        hubspot.Client.create(access_token="expired-token", host=practice.url).crm.contacts.basic_api.get_page()
    assert expired.value.status == 401 and "EXPIRED_AUTHENTICATION" in expired.value.body
    tokens = client.oauth.tokens_api.create(
        grant_type="refresh_token", client_id="id", client_secret="secret", refresh_token="refresh-me"
    )
    assert tokens.expires_in == 1800 and tokens.refresh_token == "refresh-me"
    signed = hubspot.Client.create(access_token=tokens.access_token, host=practice.url)
    assert signed.crm.contacts.basic_api.get_page().results
    info = client.oauth.access_tokens_api.get(tokens.access_token)
    assert "crm.objects.contacts.read" in info.scopes
    practice.control("PUT", "clock", json={"now": "2031-01-01T00:00:00Z"})
    with pytest.raises(ApiException) as late:
        signed.crm.contacts.basic_api.get_page()
    assert late.value.status == 401


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_secret": "INVALID"}, "BAD_CLIENT_SECRET"),
        ({"client_id": ""}, "BAD_CLIENT_SECRET"),
        ({"refresh_token": "Invalid-one"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "magic"}, "BAD_GRANT_TYPE"),
    ],
)
def test_a_refused_grant(shared: Any, wrong: dict[str, str], status: str) -> None:
    given = {"grant_type": "refresh_token", "client_id": "i", "client_secret": "s", "refresh_token": "r", **wrong}
    for path in ("/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-03/token"):
        answer = requests.post(shared.url + path, data=given, timeout=300)
        assert (answer.status_code, answer.json()["status"]) == (400, status)
        assert {"message", "error", "error_description"} <= set(answer.json())


def test_raw_requests_of_the_client(client: hubspot.HubSpot) -> None:
    forms = client.api_request({"path": "/marketing/v3/forms", "qs": {"limit": 100}}).json()["results"]
    submissions = []
    for form in forms:
        path = f"/form-integrations/v1/submissions/forms/{form['id']}"
        page = client.api_request({"path": path, "qs": {"limit": 2}}).json()
        submissions += page["results"]
        while "paging" in page:
            page = client.api_request(
                {"path": path, "qs": {"limit": 2, "after": page["paging"]["next"]["after"]}}
            ).json()
            submissions += page["results"]
    assert len(submissions) == 9
    times = [each["submittedAt"] for each in submissions]
    assert len({each["conversionId"] for each in submissions}) == 9 and all(isinstance(each, int) for each in times)
    details = client.api_request({"path": "/account-info/v3/details"}).json()
    assert details["timeZone"] == "UTC"
