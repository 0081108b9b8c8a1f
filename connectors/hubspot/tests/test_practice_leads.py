"""Records of the Leads object (0-136) as the leads, against the practice portal: the kit, and what is theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from crmsync.contract import LEAD_ID, RECORD_ID, Creation, PullRequest, Write
from crmsync.errors import UsageError
from crmsync.testing.connector_kit import ConnectorConformance
from crmsync_hubspot import connector as plugin

FIELDS = ("hs_lead_name", "contact.email", "contact.industry", "company.domain")
PERSON = {"created_at": "2026-01-05T10:00:00Z", "modified_at": "2026-02-05T10:00:00Z"}


class LeadsWorld:
    """The practice portal from behind, where leads are records of their own."""

    object = "leads"
    field = "hs_lead_name"
    second_field: str | None = None
    time_zone: str | None = None
    activity_object = "calls"
    creation_object = "tasks"
    creation_field = "hs_task_subject"
    creation_values: Mapping[str, str] = {"hs_timestamp": "2026-12-01T09:00:00.000Z", "hs_task_priority": "HIGH"}
    refused_values: Mapping[str, str] = {"hs_task_priority": "NO_SUCH"}
    secrets = ("pat-eu1-practice", "@")

    def __init__(self, practice):
        self.practice = practice

    def values(self):
        return {
            each["id"]: each["properties"]["hs_lead_name"] or None
            for each in listed(self.practice, "leads", "hs_lead_name")
        }

    def activities(self):
        contacts = {}
        for lead in listed(self.practice, "leads", associations="contacts"):
            for each in lead["associations"]["contacts"]["results"]:
                contacts.setdefault(each["id"], set()).add(lead["id"])
        return {
            (call["id"], lead)
            for call in listed(self.practice, "calls", associations="contacts")
            for each in call.get("associations", {}).get("contacts", {}).get("results", [])
            for lead in contacts.get(each["id"], ())
        }

    def held(self, lead):
        tasks = listed(self.practice, "tasks", "hs_task_subject", associations="leads")
        return {
            task["id"]: task["properties"]["hs_task_subject"]
            for task in tasks
            if lead in {each["id"] for each in task.get("associations", {}).get("leads", {}).get("results", [])}
        }

    def edit(self, lead, value):
        self.practice.call("PATCH", f"/crm/v3/objects/leads/{lead}", {"properties": {"hs_lead_name": value}})

    def delete(self, lead):
        self.practice.call("DELETE", f"/crm/v3/objects/leads/{lead}")

    def be_busy(self, times):
        self.practice.faults({"status": 429, "times": times})

    def refuse_sign_in(self):
        self.practice.faults({"status": 401})

    def go_away(self):
        self.practice.faults({"drop": "before"})


def listed(practice, kind, *names, associations=""):
    """All records by plain list requests."""
    found, after = [], ""
    while True:
        query = f"limit=100&properties={','.join(names)}&associations={associations}"
        page = practice.call("GET", f"/crm/v3/objects/{kind}?{query}" + (f"&after={after}" if after else ""))
        found += page["results"]
        if not page.get("paging"):
            return found
        after = page["paging"]["next"]["after"]


class TestHubSpotLeads(ConnectorConformance):
    plugin = plugin

    @pytest.fixture
    def world(self, leads_practice):
        yield LeadsWorld(leads_practice)
        leads_practice.call("DELETE", "/_practice/faults")

    @pytest.fixture
    def connector(self, world, connect):
        return connect(world.practice.url)


def people(count):
    return [
        {
            "id": f"p{number}",
            "email": f"p{number}@example.com",
            "first_name": "P",
            "last_name": f"N{number}",
            "attributes": {"industry": "STEEL" if number else "COAL"},
            **PERSON,
        }
        for number in range(count)
    ]


@pytest.fixture
def portal(start_practice, import_directory):
    activities = [
        {"id": "call", "lead": "p0", "kind": "call", "at": "2026-01-20T10:00:00Z", "subject": "first"},
        {"id": "form", "lead": "p1", "kind": "form_submission", "at": "2026-01-20T10:00:00Z", "subject": "Demo"},
    ]
    directory = import_directory(leads=people(4), activities=activities)
    return start_practice("--import", directory, "--hubspot-leads", "leads", "--today", "2026-02-06")


def an_hour_later(portal):
    """Beyond the overlap of one reading with the next."""
    later = datetime.fromisoformat(portal.now()) + timedelta(hours=1)
    portal.call("PUT", "/_practice/clock", {"now": later.isoformat()})


def pulled(connector, cursor=None, fields=FIELDS):
    pages = list(connector.pull(PullRequest("leads", fields, cursor=cursor)))
    rows = [row for page in pages for row in page.records.iter_rows(named=True)]
    assert [name for name, times in Counter(row[RECORD_ID] for row in rows).items() if times > 1] == []
    return {row[RECORD_ID]: row for row in rows}, pages[-1].cursor


def pairs(connector, object_name, cursor=None):
    """(subject or form, lead) of everything read."""
    name = "form" if object_name == "form_submissions" else "hs_call_title"
    pages = list(connector.pull(PullRequest(object_name, (name,), "leads", cursor=cursor)))
    rows = [(row[name], row[LEAD_ID]) for page in pages for row in page.records.iter_rows(named=True)]
    return sorted(rows), pages[-1].cursor


def native(portal):
    return {lead["id"]: lead["native_id"] for lead in portal.state()["leads"]}


def contact_of(portal, lead):
    told = portal.call("GET", f"/crm/v4/objects/leads/{lead}/associations/contacts")
    return str(told["results"][0]["toObjectId"])


def another_lead(portal, contact, name):
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]
    body = {"properties": {"hs_lead_name": name}, "associations": [{"to": {"id": contact}, "types": types}]}
    return portal.call("POST", "/crm/v3/objects/leads", body)["id"]


def test_the_contact_and_its_company_stand_beside_the_lead(portal, connect):
    connector, ids = connect(portal.url), native(portal)
    firm = portal.call("POST", "/crm/v3/objects/companies", {"properties": {"name": "F", "domain": "f.example"}})[
        "id"
    ]
    contact = contact_of(portal, ids["p0"])
    portal.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{firm}")
    an_hour_later(portal)
    rows, cursor = pulled(connector)
    told = {row["contact.email"]: (row["contact.industry"], row["company.domain"]) for row in rows.values()}
    assert told["p0@example.com"] == ("COAL", "f.example")
    assert told["p1@example.com"] == ("STEEL", None)
    assert connector.read("leads", [ids["p0"]], FIELDS).records.rows() == [
        (ids["p0"], "P N0", "p0@example.com", "COAL", "f.example")
    ]
    an_hour_later(portal)
    assert pulled(connector, cursor)[0] == {}
    # A change of the contact, or of its company, is news of the lead, though it moves no stamp of the lead.
    portal.call(
        "PATCH", f"/crm/v3/objects/contacts/{contact_of(portal, ids['p1'])}", {"properties": {"industry": "X"}}
    )
    portal.call("PATCH", f"/crm/v3/objects/companies/{firm}", {"properties": {"domain": "g.example"}})
    changed, _ = pulled(connector, cursor)
    assert {id_: (row["contact.industry"], row["company.domain"]) for id_, row in changed.items()} == {
        ids["p0"]: ("COAL", "g.example"),
        ids["p1"]: ("X", None),
    }


def test_what_a_contact_did_belongs_to_each_of_its_leads(portal, connect):
    connector, ids = connect(portal.url), native(portal)
    second = another_lead(portal, contact_of(portal, ids["p0"]), "again")
    an_hour_later(portal)
    pulled(connector)
    found, cursor = pairs(connector, "calls")
    assert found == sorted([("first", ids["p0"]), ("first", second)])
    assert pairs(connector, "form_submissions")[0] == [("Demo", ids["p1"])]
    an_hour_later(portal)
    portal.edit(activities=[{"id": "next", "lead": "p2", "kind": "call", "at": portal.now(), "subject": "second"}])
    assert pairs(connector, "calls", cursor)[0] == [("second", ids["p2"])]


def test_a_new_lead_brings_along_what_its_contact_did_before(portal, connect):
    connector, ids = connect(portal.url), native(portal)
    pulled(connector)
    _, cursor = pairs(connector, "calls")
    an_hour_later(portal)
    assert pairs(connector, "calls", cursor)[0] == []
    late = another_lead(portal, contact_of(portal, ids["p0"]), "late")
    connector = connect(portal.url)
    assert pairs(connector, "calls", cursor)[0] == sorted([("first", ids["p0"]), ("first", late)])


def test_one_connection_asks_anew_who_is_behind_which_lead(portal, connect):
    """A process that goes on reads with the same connection from one run to the next."""
    connector, ids = connect(portal.url), native(portal)
    _, cursor = pulled(connector)
    assert pairs(connector, "calls")[0] == [("first", ids["p0"])]
    second = another_lead(portal, contact_of(portal, ids["p0"]), "again")
    an_hour_later(portal)
    pulled(connector, cursor)
    assert pairs(connector, "calls")[0] == sorted([("first", ids["p0"]), ("first", second)])


def test_an_activity_of_the_lead_alone_counts_too(portal, connect):
    connector, lead = connect(portal.url), native(portal)["p3"]
    creation = Creation(lead, {"hs_call_title": "mine", "hs_timestamp": "2026-01-21T10:00:00Z"}, ("hs_call_title",))
    assert [each.outcome for each in connector.create("calls", "leads", [creation])] == ["made"]
    assert ("mine", lead) in pairs(connector, "calls")[0]


def test_somebody_beside_the_primary_contact_is_another_person(portal, connect):
    connector, ids = connect(portal.url), native(portal)
    other = contact_of(portal, ids["p0"])
    portal.call("PUT", f"/crm/v4/objects/leads/{ids['p2']}/associations/default/contacts/{other}")
    rows, _ = pulled(connector)
    assert rows[ids["p2"]]["contact.email"] == "p2@example.com"
    assert pairs(connector, "calls")[0] == [("first", ids["p0"])]
    assert pairs(connect(portal.url), "calls")[0] == [("first", ids["p0"])], (
        "also where not all leads were read before"
    )


def test_stages_are_those_of_the_lead_pipeline(portal, connect):
    connector, lead = connect(portal.url), native(portal)["p0"]
    [stage] = [each for each in connector.fields("leads") if each.name == "hs_pipeline_stage"]
    labels = {choice.label: choice.value for choice in stage.choices}
    assert (stage.writable, stage.open_choices, stage.kind) == (True, False, "choice")
    assert list(labels)[:2] == ["New", "Attempting"]
    for value in (labels["Sales Qualified"], labels["New"]):
        [held] = connector.read("leads", [lead], ["hs_pipeline_stage"]).records["hs_pipeline_stage"]
        [result] = connector.push("leads", [Write(lead, {"hs_pipeline_stage": value}, {"hs_pipeline_stage": held})])
        assert (result.outcome, result.seen.after["hs_pipeline_stage"]) == ("accepted", value), "also backward"


def test_a_list_of_contacts_is_asked_of_the_contact(portal, connect):
    connector, ids = connect(portal.url), native(portal)
    made = portal.call("POST", "/crm/v3/lists", {"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"})[
        "list"
    ]["listId"]
    portal.call("PUT", f"/crm/v3/lists/{made}/memberships/add", [contact_of(portal, ids["p2"])])
    rows, _ = pulled(connector, fields=(f"contact.list:{made}",))
    assert {id_ for id_, row in rows.items() if row[f"contact.list:{made}"] == "true"} == {ids["p2"]}


def test_deals_of_the_lead_its_contact_and_its_company_are_told_and_followed(portal, connect):
    connector, ids = connect(portal.url), native(portal)
    contact = contact_of(portal, ids["p0"])
    firm = portal.call("POST", "/crm/v3/objects/companies", {"properties": {"name": "F"}})["id"]
    portal.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{firm}")
    fields = ("open_deals.count", "contact.open_deals.count", "company.open_deals.count")
    an_hour_later(portal)
    _, cursor = pulled(connector, fields=fields)
    an_hour_later(portal)
    for kind, record in (("leads", ids["p0"]), ("contacts", contact), ("companies", firm)):
        properties = {"dealname": kind, "dealstage": "appointmentscheduled", "pipeline": "default"}
        deal = portal.call("POST", "/crm/v3/objects/deals", {"properties": properties})["id"]
        portal.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/{kind}/{record}")
        changed, cursor = pulled(connector, cursor, fields=fields)
        assert list(changed) == [ids["p0"]], kind
        an_hour_later(portal)
    assert [changed[ids["p0"]][name] for name in fields] == ["1", "1", "1"]


def test_what_stands_behind_a_lead_is_listed(portal, connect):
    parents = connect(portal.url).parents("leads")
    assert {name: parent.objects for name, parent in parents.items()} == {
        "contact": ("contacts",),
        "company": ("companies",),
        "open_deals": ("open_deals",),
        "won_deals": ("won_deals",),
    }
    assert all(parent.followed for parent in parents.values())


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("contact.emial", "contacts have no property named 'emial'"),
        ("company.domian", "companies have no property named 'domian'"),
        ("hs_lead_nam", "leads have no property named 'hs_lead_nam'"),
    ],
)
def test_a_property_that_is_not_there_is_named(portal, connect, field, words):
    with pytest.raises(UsageError, match=words):
        pulled(connect(portal.url), fields=(field,))


def test_calls_for_contacts_are_one_for_each_hundred_and_their_links_one_for_a_thousand(leads_practice, connect):
    connector = connect(leads_practice.url)
    pulled(connector)  # which properties there are is asked once
    before = connector.usage().calls
    pulled(connector)
    assert connector.usage().calls - before == 3, "a page of leads, whose contacts they are, and these"
    before = connector.usage().calls
    pages = len(listed(leads_practice, "calls")) // 100 + 1
    pairs(connector, "calls")
    assert connector.usage().calls - before == pages + 1, (
        "the list tells whom calls belong to; one asks which properties there are"
    )
