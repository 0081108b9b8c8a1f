"""Pulls against the practice CRM: every record exactly once, whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from crmsync.contract import PullRequest
from crmsync.errors import UsageError

FIELDS = ("email", "firstname", "lifecyclestage", "hubspot_owner_id", "createdate", "hs_lead_status")
ACTIVITY_FIELDS = {
    "calls": ("hs_timestamp", "hs_call_title", "hs_call_disposition", "hubspot_owner_id"),
    "meetings": ("hs_timestamp", "hs_meeting_title", "hs_meeting_outcome"),
    "emails": ("hs_timestamp", "hs_email_subject", "hs_email_direction"),
    "notes": ("hs_timestamp",),
    "tasks": ("hs_timestamp", "hs_task_subject", "hs_task_status"),
    "form_submissions": ("submittedAt", "form", "pageUrl", "email"),
}


@pytest.fixture(autouse=True)
def long_memory(monkeypatch):
    """These worlds are older than HubSpot's recycle bin remembers: let it forget nothing."""
    monkeypatch.setattr("crmsync_hubspot.pull.RECYCLE_BIN", timedelta(days=36_500))


def pull(connector, name="contacts", fields=FIELDS, **options):
    return list(connector.pull(PullRequest(name, fields, **options)))


def ids(pages):
    return [number for page in pages for number in page.records["@id"]]


def people(count, **more):
    return [
        {
            "id": f"p{number}",
            "email": f"person{number}@example.com",
            "first_name": "P",
            "last_name": str(number),
            "company": "C",
            "created_at": "2026-01-05T10:00:00Z",
            "modified_at": "2026-02-05T10:00:00Z",
            **more,
        }
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 201])
def test_every_contact_comes_once_in_as_few_calls_as_there_are_pages(
    start_practice, import_directory, connect, count
):
    practice = start_practice("--import", import_directory(leads=people(count)))
    connector = connect(practice.url)
    pages = pull(connector)
    assert sorted(ids(pages)) == sorted(practice.contacts())
    assert len(ids(pages)) == count
    assert connector.usage().calls == 1 + max(1, -(-count // 100))


def test_values_are_those_of_the_portal(practice, connect):
    pages = pull(connect(practice.url))
    held = practice.contacts(*FIELDS)
    for page in pages:
        for row in page.records.iter_rows(named=True):
            assert {name: row[name] for name in FIELDS} == {name: held[row["@id"]][name] or None for name in FIELDS}


def test_edits_during_a_full_pull_come_with_the_next(start_practice, import_directory, connect):
    practice = start_practice("--import", import_directory(leads=people(2_500)))
    connector = connect(practice.url)
    stream = connector.pull(PullRequest("contacts", ("jobtitle",)))
    first = next(stream)
    early, late = first.records["@id"][0], max(practice.contacts(), key=int)
    for number in (early, late):
        practice.call("PATCH", f"/crm/v3/objects/contacts/{number}", {"properties": {"jobtitle": "Edited"}})
    practice.call("DELETE", f"/crm/v3/objects/contacts/{first.records['@id'][1]}")
    created = practice.call("POST", "/crm/v3/objects/contacts", {"properties": {"jobtitle": "New"}})["id"]
    pages = [first, *stream]
    assert set(Counter(ids(pages)).values()) == {1}
    assert len(ids(pages)) >= 2_500
    again = pull(connector, fields=("jobtitle",), cursor=pages[-1].cursor)
    changed = {row["@id"]: row["jobtitle"] for page in again for row in page.records.iter_rows(named=True)}
    assert {early: "Edited", late: "Edited", created: "New"}.items() <= changed.items()
    assert first.records["@id"][1] in again[-1].gone


def test_more_than_10_000_changes_with_one_timestamp(start_practice, import_directory, connect):
    practice = start_practice("--import", import_directory(leads=people(10_250)))
    connector = connect(practice.url)
    pages = pull(connector, fields=("email", "lastmodifieddate"), cursor="2026-01-01T00:00:00Z")
    assert len(ids(pages)) == len(set(ids(pages))) == 10_250
    assert {moment for page in pages for moment in page.records["lastmodifieddate"]} == {
        pages[0].records["lastmodifieddate"][0]
    }
    assert connector.usage().calls == 1 + 52


def test_an_incremental_pull_without_changes_takes_two_calls(start_practice, import_directory, connect):
    practice = start_practice("--import", import_directory(leads=people(150)))
    connector = connect(practice.url, overlap_seconds=5, settle_seconds=0)
    pages = pull(connector, cursor="2026-02-05T10:00:06Z")
    assert ids(pages) == []
    assert connector.usage().calls == 2


def test_merged_and_archived_contacts_leave(practice, connect):
    connector = connect(practice.url)
    cursor = pull(connector)[-1].cursor
    winner, loser, archived, *_ = sorted(practice.contacts(), key=int)
    practice.call("POST", "/crm/v3/objects/contacts/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})
    practice.call("DELETE", f"/crm/v3/objects/contacts/{archived}")
    pages = pull(connector, cursor=cursor)
    gone = set(pages[-1].gone)
    assert {loser, archived} <= gone
    assert not gone & set(ids(pages))
    assert not gone & set(practice.contacts())
    reading = connector.read("contacts", [winner, loser, archived], ["email"])
    assert loser in reading.gone
    assert reading.gone[loser].startswith("merged into ")
    assert "deleted" in reading.gone[archived]


@pytest.mark.parametrize("name", ACTIVITY_FIELDS)
def test_activities_in_full_and_changed_agree_with_the_portal(practice, connect, name):
    connector = connect(practice.url)
    state = practice.state()
    leads = {each["native_id"] for each in state["leads"]}
    full = pull(connector, name, ACTIVITY_FIELDS[name], leads_object="contacts")
    rows = {(row["@id"], row["@lead"]): row for page in full for row in page.records.iter_rows(named=True)}
    assert len(rows) == sum(page.records.height for page in full)
    assert rows, f"the practice CRM has no {name}"
    assert {lead for _, lead in rows} <= leads
    changed = pull(connector, name, ACTIVITY_FIELDS[name], leads_object="contacts", cursor="2000-01-01T00:00:00Z")
    assert all("@changed" in page.records.columns for page in changed)
    found = [page.records.drop("@changed") for page in changed]
    again = {(row["@id"], row["@lead"]): row for frame in found for row in frame.iter_rows(named=True)}
    assert again == rows


def test_all_activities_of_the_import_come_home(practice, connect):
    connector = connect(practice.url)
    state = practice.state()
    native = {each["id"]: each["native_id"] for each in state["leads"]}
    wanted = Counter(native[each["lead"]] for each in state["activities"] if each["lead"] in native)
    found: Counter[str] = Counter()
    for name in ACTIVITY_FIELDS:
        for page in pull(connector, name, (), leads_object="contacts"):
            found.update(page.records["@lead"])
    assert found == wanted


def test_a_new_activity_comes_at_once(practice, connect):
    connector = connect(practice.url)
    lead = practice.state()["leads"][3]
    cursors = {
        name: pull(connector, name, (), leads_object="contacts")[-1].cursor for name in ("calls", "form_submissions")
    }
    now = practice.now()
    practice.edit(
        activities=[
            {
                "id": "new-call",
                "lead": lead["id"],
                "kind": "call",
                "at": now,
                "direction": "inbound",
                "outcome": "connected",
            },
            {"id": "new-form", "lead": lead["id"], "kind": "form_submission", "at": now, "subject": "Website form"},
        ]
    )
    for name, cursor in cursors.items():
        pages = pull(connector, name, (), leads_object="contacts", cursor=cursor)
        assert lead["native_id"] in {each for page in pages for each in page.records["@lead"]}, name


def test_the_portals_clock_counts_and_not_this_machines(practice, connect):
    connector = connect(practice.url)
    practice.call("PUT", "/_practice/clock", {"now": "2097-03-01T09:00:00Z"})
    assert "2097" in practice.date()
    cursor = pull(connector)[-1].cursor
    assert cursor == "2097-03-01T09:00:00Z"
    practice.call("PUT", "/_practice/clock", {"now": "2097-03-01T10:00:00Z"})
    changed = sorted(practice.contacts())[5]
    practice.call("PATCH", f"/crm/v3/objects/contacts/{changed}", {"properties": {"jobtitle": "Later"}})
    pages = pull(connector, cursor=cursor)
    assert ids(pages) == [changed]
    assert pages[-1].cursor == "2097-03-01T09:59:00Z"


def test_unknown_objects_and_properties_are_named(practice, connect):
    connector = connect(practice.url)
    with pytest.raises(UsageError, match="lifecycle_stage") as stopped:
        pull(connector, fields=("lifecycle_stage",))
    assert "lifecyclestage" in str(stopped.value)
    with pytest.raises(UsageError, match="lifecycle_stage"):
        pull(connector, fields=("lifecycle_stage",), cursor="2000-01-01T00:00:00Z")
    with pytest.raises(UsageError, match="contcats"):
        pull(connector, "contcats", ())


def test_a_long_property_list_is_read_whole(practice, connect):
    connector = connect(practice.url)
    names = tuple(field.name for field in connector.fields("contacts"))
    before = practice.requests()[-1]["seq"]
    full = pull(connector, fields=names)
    wide = pull(connector, fields=names, cursor="2000-01-01T00:00:00Z")
    held = practice.contacts("email", "jobtitle")
    for pages in (full, wide):
        assert sorted(ids(pages)) == sorted(held)
        row = pages[0].records.row(0, named=True)
        assert row["jobtitle"] == held[row["@id"]]["jobtitle"]
    seen = [each for each in practice.requests(before) if each["path"].startswith("/crm")]
    assert max(len(each["path"]) + len(each["query"]) for each in seen) < 8_000


def test_a_pull_through_a_storm_is_whole(practice, connect):
    calm = pull(connect(practice.url))
    practice.call("PUT", "/_practice/faults", {"profile": "stormy", "seed": 5})
    connector = connect(practice.url, attempts=12)
    for _ in range(8):
        stormy = pull(connector)
        assert sorted(ids(stormy)) == sorted(ids(calm))
    for name, fields in ACTIVITY_FIELDS.items():
        pull(connector, name, fields, leads_object="contacts")
    pull(connector, cursor="2000-01-01T00:00:00Z")
    report = practice.call("GET", "/_practice/faults")
    assert sum(rule["fired"] for rule in report) > 5


def test_the_pace_keeps_below_limits_that_would_be_hit(start_practice, connect):
    practice = start_practice("--leads", "1600", "--profile", "quota-poor")  # 100 calls in 10 s, 4 searches in 1 s

    def refused(**settings):
        before = len(practice.requests())
        connector = connect(practice.url, longest_wait_seconds=60, **settings)
        assert len(set(ids(pull(connector, cursor="2000-01-01T00:00:00Z")))) == 1_600
        for _ in range(110 if settings else 0):
            connector.org()
        return connector, [each["status"] for each in practice.requests()[before:]].count(429)

    connector, count = refused(calls_per_10_seconds=95, searches_per_second=3)
    assert count == 0
    assert connector.usage().calls_left == 400 - connector.usage().calls
    _, without_pace = refused()
    assert without_pace > 0
