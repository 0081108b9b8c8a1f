"""Pulls over forged answers: queries, watermarks, dead cursors, endless paging."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from crmsync.contract import CrmClock, PullRequest
from crmsync.errors import CrmUnreachable, FullReadNeeded, UsageError
from crmsync_salesforce.connection import SalesforceConnector

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v62.0"
NEXT = "/services/data/v62.0/query/0r8xx-2000"
Open = Callable[..., SalesforceConnector]


def page(*ids: str, total: int | None = None, more: str | None = None, **fields: Any) -> dict[str, Any]:
    records = [{"attributes": {"type": "Lead"}, "Id": id_, "IsConverted": False, **fields} for id_ in ids]
    body: dict[str, Any] = {"records": records, "done": more is None, "totalSize": total or len(ids)}
    return {**body, "nextRecordsUrl": more} if more else body


def soql(crm: responses.RequestsMock) -> list[str]:
    """The queries sent, in order, with the resource they were sent to."""
    urls = [urlsplit(call.request.url) for call in crm.calls]
    return [
        f"{url.path.rstrip('/').rsplit('/', 1)[1]}: {parse_qs(url.query)['q'][0]}"
        for url in urls
        if "q=" in url.query
    ]


def test_a_full_pull_asks_for_standing_leads_by_id(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.get(f"{DATA}/query/", json=page("00Q000000000001", Status="Open", Owner=None))
    list(open_connector().pull(PullRequest("Lead", ("status", "Owner.Name", "id"))))
    assert soql(lead) == [
        "query: SELECT Id, IsConverted, status, Owner.Name FROM Lead WHERE IsConverted = false ORDER BY Id"
    ]


def test_an_incremental_pull_reads_back_behind_its_watermark_deleted_ones_too(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    lead.get(f"{DATA}/queryAll/", json=page())
    request = PullRequest("Lead", ("Status",), cursor="2026-11-21T11:58:00Z")
    (only,) = open_connector(overlap_seconds=600).pull(request)
    assert soql(lead) == [
        "queryAll: SELECT Id, IsConverted, IsDeleted, Status, SystemModstamp FROM Lead"
        " WHERE SystemModstamp >= 2026-11-21T11:48:00Z ORDER BY Id"
    ]
    assert only.cursor == "2026-11-21T11:58:00Z"
    assert only.records.columns == ["@id", "@changed", "Status"]


def test_deleted_merged_and_converted_leads_are_gone(lead: responses.RequestsMock, open_connector: Open) -> None:
    body = page("00Q000000000001", "00Q000000000002", "00Q000000000003", IsDeleted=False)
    body["records"][0]["IsDeleted"] = True
    body["records"][1]["IsConverted"] = True
    lead.get(f"{DATA}/queryAll/", json=body)
    (only,) = open_connector().pull(PullRequest("Lead", (), cursor="2026-11-21T11:58:00Z"))
    assert only.gone == ("00Q000000000001", "00Q000000000002")
    assert only.records["@id"].to_list() == ["00Q000000000003"]


@pytest.mark.parametrize(
    ("covered", "cursor"),
    [
        ("2026-11-21T11:30:00.000+0000", "2026-11-21T11:30:00Z"),  # a transaction runs since then
        ("2026-11-21T12:30:00.000+0000", "2026-11-21T12:00:30Z"),  # never later than Salesforce's clock
    ],
)
def test_the_watermark_is_what_get_updated_covers_taken_before_the_first_page(
    lead: responses.RequestsMock, open_connector: Open, covered: str, cursor: str
) -> None:
    lead.replace(responses.GET, f"{DATA}/sobjects/Lead/updated/", json={"ids": [], "latestDateCovered": covered})
    lead.get(
        f"{DATA}/query/",
        json=page("00Q000000000001", total=2, more=NEXT),
        headers={"Date": "Sat, 21 Nov 2026 13:00:00 GMT"},
    )
    lead.get(f"{HOST}{NEXT}", json=page("00Q000000000002", total=2))
    pages = list(open_connector().pull(PullRequest("Lead", ())))
    assert [each.cursor for each in pages] == [None, cursor]
    paths = [urlsplit(call.request.url).path.rsplit("v62.0/")[-1] for call in lead.calls]
    assert paths[1:] == ["sobjects/Lead/describe", "sobjects/Lead/updated/", "query/", "query/0r8xx-2000"]
    window = parse_qs(urlsplit(lead.calls[2].request.url).query)
    assert window == {"start": ["2026-11-21T11:30:30Z"], "end": ["2026-11-21T12:00:30Z"]}


def test_more_changes_than_get_updated_lists_leave_an_early_watermark(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    """More than 600,000 in the window, after a load of data: a place before all of them misses nothing."""
    told = [{"errorCode": "EXCEEDED_ID_LIMIT", "message": "too many ids"}]
    lead.replace(responses.GET, f"{DATA}/sobjects/Lead/updated/", status=400, json=told)
    lead.get(f"{DATA}/query/", json=page("00Q000000000001"))
    (only,) = open_connector().pull(PullRequest("Lead", ()))
    assert only.cursor == "2026-11-21T11:30:30Z"


@pytest.mark.parametrize("covered", ["yesterday", "2026-11-21T11:58:00", ""])
def test_a_torn_watermark_is_asked_for_again(
    lead: responses.RequestsMock, open_connector: Open, covered: str
) -> None:
    body = {"ids": [], "latestDateCovered": covered}
    lead.replace(responses.GET, f"{DATA}/sobjects/Lead/updated/", json=body)
    with pytest.raises(CrmUnreachable, match="torn"):
        list(open_connector(attempts=2).pull(PullRequest("Lead", ())))


@pytest.mark.parametrize(
    ("headers", "replicateable"),
    [({}, True), ({"Date": "soon"}, False), ({"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}, False)],
)
def test_answers_without_a_date_give_no_watermark(
    token: responses.RequestsMock, open_connector: Open, headers: dict[str, str], replicateable: bool
) -> None:
    described = {"name": "Lead", "replicateable": replicateable, "fields": [{"name": "Id", "type": "id"}]}
    token.get(f"{DATA}/sobjects/Lead/describe", json=described, headers=headers)
    with pytest.raises(CrmUnreachable, match="Date"):
        list(open_connector().pull(PullRequest("Lead", ())))


@pytest.mark.parametrize("date", ["soon", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_date_that_cannot_be_is_left_aside(token: responses.RequestsMock, open_connector: Open, date: str) -> None:
    """getUpdated says itself how far it sees, so that a pull can go on."""
    described = {"name": "Lead", "replicateable": True, "fields": [{"name": "Id", "type": "id"}]}
    token.get(f"{DATA}/sobjects/Lead/describe", json=described, headers={"Date": date})
    covered = {"ids": [], "latestDateCovered": "2026-11-21T11:58:00.000+0000"}
    token.get(f"{DATA}/sobjects/Lead/updated/", json=covered, headers={"Date": date})
    token.get(f"{DATA}/query/", json=page("00Q000000000001"), headers={"Date": date})
    connector = open_connector()
    (only,) = connector.pull(PullRequest("Lead", ()))
    assert only.cursor == "2026-11-21T11:58:00Z"
    assert (connector.clock().at, connector.clock().unreadable) == (None, 3)


def test_salesforces_clock_is_that_of_its_latest_answer(lead: responses.RequestsMock, open_connector: Open) -> None:
    connector = open_connector()
    assert connector.clock().at is None
    lead.get(f"{DATA}/query/", json=page("00Q000000000001"), headers={"Date": "Sat, 21 Nov 2026 13:00:00 GMT"})
    list(connector.pull(PullRequest("Lead", ())))
    assert connector.clock() == CrmClock(datetime(2026, 11, 21, 13, tzinfo=UTC))


def test_a_place_in_the_future_is_read_whole(lead: responses.RequestsMock, open_connector: Open) -> None:
    """Nothing that changes before that day would ever be read."""
    with pytest.raises(FullReadNeeded, match="lies in the future by Salesforce's clock"):
        list(open_connector().pull(PullRequest("Lead", (), cursor="2027-11-21T11:58:00Z")))


def test_progress_is_told(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.get(f"{DATA}/query/", json=page("00Q000000000001", "00Q000000000002", total=3, more=NEXT))
    lead.get(f"{HOST}{NEXT}", json=page("00Q000000000003", total=3))
    told: list[tuple[int, int | None]] = []
    list(open_connector().pull(PullRequest("Lead", (), progress=lambda *numbers: told.append(numbers))))
    assert told == [(2, 3), (3, 3)]


def test_a_dead_cursor_is_replaced_from_the_last_id_on(lead: responses.RequestsMock, open_connector: Open) -> None:
    then, again = f"{NEXT[:-4]}4000", f"{NEXT[:-4]}6000"
    dead = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]
    lead.get(f"{DATA}/query/", json=page("00Q000000000001", total=4, more=NEXT))
    lead.get(f"{HOST}{NEXT}", json=page("00Q000000000002", total=4, more=then))
    lead.get(f"{HOST}{then}", status=400, json=dead)
    lead.get(f"{DATA}/query/", json=page("00Q000000000003", total=2, more=again))
    lead.get(f"{HOST}{again}", json=page("00Q000000000004", total=2))
    pages = list(open_connector().pull(PullRequest("Lead", ())))
    assert [id_ for each in pages for id_ in each.records["@id"]] == [
        "00Q000000000001",
        "00Q000000000002",
        "00Q000000000003",
        "00Q000000000004",
    ]
    assert soql(lead)[1].endswith("WHERE IsConverted = false AND Id > '00Q000000000002' ORDER BY Id")


def test_paging_that_comes_round_stops(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.get(f"{DATA}/query/", json=page("00Q000000000001", total=9, more=NEXT))
    lead.get(f"{HOST}{NEXT}", json=page("00Q000000000002", total=9, more=NEXT))
    with pytest.raises(CrmUnreachable, match="twice"):
        list(open_connector().pull(PullRequest("Lead", ())))


def test_values_become_native_text(lead: responses.RequestsMock, open_connector: Open) -> None:
    fields = {
        "Status": "",
        "CreatedDate": "2026-01-31T09:30:00.000+0000",
        "AnnualRevenue": 250000.0,
        "NumberOfEmployees": 12,
        "DoNotCall": True,
        "Company": "2026-01-31T09:30:00.000+0000",
        "Owner": {"Name": "Ann", "CreatedDate": "2026-01-31T09:30:00.000+0000", "Manager": None},
    }
    lead.get(f"{DATA}/query/", json=page("00Q000000000001", **fields))
    asked = ("Status", "createddate", "AnnualRevenue", "NumberOfEmployees", "DoNotCall", "Company")
    asked += ("owner.NAME", "Owner.Manager.Name", "Owner.CreatedDate")
    (only,) = open_connector().pull(PullRequest("Lead", asked))
    assert only.records.row(0, named=True) == {
        "@id": "00Q000000000001",
        "Status": None,
        "createddate": "2026-01-31T09:30:00Z",
        "AnnualRevenue": "250000",
        "NumberOfEmployees": "12",
        "DoNotCall": "true",
        "Company": "2026-01-31T09:30:00.000+0000",
        "owner.NAME": "Ann",
        "Owner.Manager.Name": None,
        "Owner.CreatedDate": "2026-01-31T09:30:00Z",
    }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Compny", r"no field 'Compny' \(close: Company\)"),
        ("Ownr.Name", "no field 'Ownr.Name'"),
        ("Status FROM Lead --", "no field 'Status FROM Lead --'"),
    ],
)
def test_a_missing_field_is_named_before_anything_is_read(
    lead: responses.RequestsMock, open_connector: Open, asked: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        list(open_connector().pull(PullRequest("Lead", ("Status", asked))))
    assert soql(lead) == []


def test_a_missing_field_of_a_parent_is_named(lead: responses.RequestsMock, open_connector: Open) -> None:
    refused = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Nope' on entity 'Name'."}]
    lead.get(f"{DATA}/query/", status=400, json=refused)
    with pytest.raises(UsageError, match=r"no field 'Owner\.Nope'"):
        list(open_connector().pull(PullRequest("Lead", ("Status", "Owner.Nope"))))


def test_a_query_that_fits_into_no_address_is_told(lead: responses.RequestsMock, open_connector: Open) -> None:
    with pytest.raises(UsageError, match="too many fields"):
        list(open_connector().pull(PullRequest("Lead", tuple(f"Owner.Field_Number_{n}__c" for n in range(700)))))


@pytest.mark.parametrize(
    ("cursor", "words"),
    [
        ("12345", "none that this connector wrote"),
        (
            "2026-09-22T12:00:00Z",
            "the last read of Lead was 60 days ago, and Salesforce forgets deleted records after 15",
        ),
        ("2026-11-07T12:00:00Z", "14 days ago"),
    ],
)
def test_a_cursor_that_cannot_be_continued_asks_for_a_full_read(
    lead: responses.RequestsMock, open_connector: Open, cursor: str, words: str
) -> None:
    with pytest.raises(FullReadNeeded, match=words):
        list(open_connector().pull(PullRequest("Lead", (), cursor=cursor)))


def test_a_cursor_of_thirteen_days_ago_is_continued(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.get(f"{DATA}/queryAll/", json={"records": [], "done": True, "totalSize": 0})
    (page,) = open_connector().pull(PullRequest("Lead", (), cursor="2026-11-08T12:00:00Z"))
    assert page.records.is_empty()


def test_leads_have_no_leads(lead: responses.RequestsMock, open_connector: Open) -> None:
    with pytest.raises(UsageError, match="WhoId"):
        list(open_connector().pull(PullRequest("Lead", (), leads_object="Lead")))


@pytest.mark.parametrize(
    ("archived", "full", "changed"),
    [
        (
            True,
            "queryAll: SELECT Id, WhoId, Who.Type, Subject FROM Task WHERE Who.Type = 'Lead' AND IsDeleted = false",
            "",
        ),
        (
            False,
            "query: SELECT Id, WhoId, Who.Type, Subject FROM Task WHERE Who.Type = 'Lead'",
            " AND (IsArchived = false OR IsDeleted = true)",
        ),
    ],
)
def test_archived_activities_come_in_both_kinds_of_pulls_or_in_none(
    token: responses.RequestsMock, open_connector: Open, archived: bool, full: str, changed: str
) -> None:
    names = ("Id", "IsDeleted", "IsArchived", "SystemModstamp", "WhoId", "Subject")
    fields = [{"name": name, "type": "string", "relationshipName": "Who"} for name in names]
    date = {"Date": "Sat, 21 Nov 2026 12:00:30 GMT"}
    token.get(f"{DATA}/sobjects/Task/describe", json={"name": "Task", "fields": fields}, headers=date)
    for resource in ("query", "queryAll"):
        token.get(f"{DATA}/{resource}/", json={"records": [], "done": True, "totalSize": 0})
    connector = open_connector(archived_activities=archived)
    (only,) = connector.pull(PullRequest("Task", ("Subject",), leads_object="Lead"))
    assert only.cursor == "2026-11-21T12:00:30Z", "an object without getUpdated goes by Salesforce's clock"
    list(connector.pull(PullRequest("Task", ("Subject",), leads_object="Lead", cursor="2026-11-21T12:00:00Z")))
    assert soql(token) == [
        f"{full} ORDER BY Id",
        "queryAll: SELECT Id, WhoId, Who.Type, IsDeleted, Subject, SystemModstamp FROM Task"
        f" WHERE SystemModstamp >= 2026-11-21T11:50:00Z{changed} ORDER BY Id",
    ]


def test_activities_that_left_their_lead_are_gone(token: responses.RequestsMock, open_connector: Open) -> None:
    names = ("Id", "IsDeleted", "SystemModstamp", "WhoId")
    fields = [{"name": name, "type": "string", "relationshipName": "Who"} for name in names]
    date = {"Date": "Sat, 21 Nov 2026 12:00:30 GMT"}
    token.get(f"{DATA}/sobjects/Task/describe", json={"name": "Task", "fields": fields}, headers=date)
    records = [
        {"Id": "00T000000000001", "IsDeleted": False, "WhoId": "00Q000000000001", "Who": {"Type": "Lead"}},
        {"Id": "00T000000000002", "IsDeleted": False, "WhoId": "003000000000001", "Who": {"Type": "Contact"}},
        {"Id": "00T000000000003", "IsDeleted": False, "WhoId": None, "Who": None},
        {"Id": "00T000000000004", "IsDeleted": True, "WhoId": "00Q000000000001", "Who": {"Type": "Lead"}},
    ]
    token.get(f"{DATA}/queryAll/", json={"records": records, "done": True, "totalSize": 4})
    request = PullRequest("Task", (), leads_object="Lead", cursor="2026-11-21T12:00:00Z")
    (only,) = open_connector().pull(request)
    assert only.records.drop("@changed").rows(named=True) == [{"@id": "00T000000000001", "@lead": "00Q000000000001"}]
    assert only.gone == ("00T000000000002", "00T000000000003", "00T000000000004")


@pytest.mark.parametrize("pages", [[(2, 60, True)], [(2, 5, False), (2, 5, True)]])
def test_a_result_that_ends_before_its_count_is_no_whole_one(
    lead: responses.RequestsMock, open_connector: Open, pages: list[tuple[int, int, bool]]
) -> None:
    """To believe it would be to take the rest for gone."""
    begun = 0
    for number, (count, total, done) in enumerate(pages):
        ids = [f"00Q{begun + place:015d}" for place in range(count)]
        begun += count
        answer = page(*ids, total=total, more=None if done else "/services/data/v62.0/query/01g-2")
        lead.get(f"{DATA}/query/" if number == 0 else f"{DATA}/query/01g-2", json=answer)
    with pytest.raises(CrmUnreachable, match=f"ends after {begun} of {pages[0][1]} records"):
        list(open_connector().pull(PullRequest("Lead", ("Status",))))


@pytest.mark.parametrize(
    ("counted", "behind", "found"),
    [
        (4, 0, 4),  # one was deleted after the beginning
        (4, 1, 5),  # nothing was deleted: the cursor ended too early
        (5, 0, None),  # one was lost before the last
    ],
)
def test_records_deleted_while_a_result_is_read_are_no_fault(
    lead: responses.RequestsMock, open_connector: Open, counted: int, behind: int, found: int | None
) -> None:
    """They were counted at its beginning, and their page leaves them out."""
    ids = [f"00Q{place:015d}" for place in range(5)]

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        asked = parse_qs(urlsplit(request.url).query)["q"][0]
        if asked.startswith("SELECT COUNT()"):
            assert asked == f"SELECT COUNT() FROM Lead WHERE IsConverted = false AND Id <= '{ids[3]}'"
            return 200, {}, json.dumps({"records": [], "done": True, "totalSize": counted})
        if f"Id > '{ids[3]}'" in asked:
            return 200, {}, json.dumps(page(*ids[4 : 4 + behind]))
        return 200, {}, json.dumps(page(*ids[:2], total=5, more=NEXT))

    lead.add_callback("GET", f"{DATA}/query/", answer, content_type="application/json")
    lead.get(f"{HOST}{NEXT}", json=page(*ids[2:4], total=5))
    pull = open_connector().pull(PullRequest("Lead", ()))
    if found is None:
        with pytest.raises(CrmUnreachable, match="ends after 4 of 5 records"):
            list(pull)
        return
    pages = list(pull)
    assert [number for each in pages for number in each.records["@id"]] == ids[:found]
    assert [each.cursor is not None for each in pages] == [False, True]


@pytest.mark.parametrize("counted", [3, 4])
def test_users_that_vanish_while_they_are_read_are_no_fault(
    token: responses.RequestsMock, open_connector: Open, counted: int
) -> None:
    """The same for what is read besides leads: counted again, and believed if no more are there."""
    rows = [{"Id": f"005{place:015d}", "IsActive": True} for place in range(3)]
    rows = [{**each, **dict.fromkeys(("Name", "Email", "UserRoleId", "UserRole", "Department"))} for each in rows]
    rows = [{**each, "TimeZoneSidKey": None} for each in rows]

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        asked = parse_qs(urlsplit(request.url).query)["q"][0]
        if asked == "SELECT COUNT() FROM User":
            return 200, {}, json.dumps({"records": [], "done": True, "totalSize": counted})
        if "FROM User " in asked:
            body = {"records": rows[:2], "done": False, "totalSize": 4, "nextRecordsUrl": NEXT}
            return 200, {}, json.dumps(body)
        return 200, {}, json.dumps({"records": [], "done": True, "totalSize": 0})

    token.add_callback("GET", f"{DATA}/query/", answer, content_type="application/json")
    token.get(f"{HOST}{NEXT}", json={"records": rows[2:], "done": True, "totalSize": 4})
    if counted == 4:
        with pytest.raises(CrmUnreachable, match="ends after 3 of 4 records"):
            open_connector().users()
        return
    assert [user.id for user in open_connector().users()] == [each["Id"] for each in rows]


MEMBER_FIELDS = [
    {"name": name, "type": "string", "relationshipName": name.removesuffix("Id") if name != "Id" else None}
    for name in ("Id", "IsDeleted", "SystemModstamp", "CampaignId", "LeadId", "ContactId", "Status")
]


@pytest.mark.parametrize(
    ("leads", "selected", "asked"),
    [
        ("Lead", "LeadId, Lead.IsConverted", "LeadId != null AND Lead.IsConverted = false"),
        ("Contact", "ContactId", "ContactId != null"),
    ],
)
def test_campaign_members_belong_to_leads_by_their_lookup(
    token: responses.RequestsMock, open_connector: Open, leads: str, selected: str, asked: str
) -> None:
    date = {"Date": "Sat, 21 Nov 2026 12:00:30 GMT"}
    described = {"name": "CampaignMember", "fields": MEMBER_FIELDS}
    token.get(f"{DATA}/sobjects/CampaignMember/describe", json=described, headers=date)
    for resource in ("query", "queryAll"):
        token.get(f"{DATA}/{resource}/", json={"records": [], "done": True, "totalSize": 0})
    connector = open_connector()
    assert "CampaignMember" in connector.capabilities.activity_objects
    for cursor in (None, "2026-11-21T12:00:00Z"):
        list(connector.pull(PullRequest("CampaignMember", ("Campaign.Type",), leads_object=leads, cursor=cursor)))
    assert soql(token) == [
        f"query: SELECT Id, {selected}, Campaign.Type FROM CampaignMember WHERE {asked} ORDER BY Id",
        f"queryAll: SELECT Id, {selected}, IsDeleted, Campaign.Type, SystemModstamp FROM CampaignMember"
        " WHERE SystemModstamp >= 2026-11-21T11:50:00Z ORDER BY Id",
    ]


def test_members_that_are_no_standing_leads_are_gone(token: responses.RequestsMock, open_connector: Open) -> None:
    date = {"Date": "Sat, 21 Nov 2026 12:00:30 GMT"}
    described = {"name": "CampaignMember", "fields": MEMBER_FIELDS}
    token.get(f"{DATA}/sobjects/CampaignMember/describe", json=described, headers=date)
    lead, *members = (f"00{kind}5g000000000{number}AAA" for number, kind in enumerate("Qvvvv"))
    standing, converted = {"IsConverted": False}, {"IsConverted": True}
    told = [(False, lead, standing), (False, lead, converted), (False, None, None), (True, lead, standing)]
    records = [
        {"Id": member, "IsDeleted": deleted, "LeadId": of, "Lead": parent, "Status": "Sent"}
        for member, (deleted, of, parent) in zip(members, told, strict=True)
    ]
    token.get(f"{DATA}/queryAll/", json={"records": records, "done": True, "totalSize": 4})
    request = PullRequest("CampaignMember", ("Status",), leads_object="Lead", cursor="2026-11-21T12:00:00Z")
    (only,) = open_connector().pull(request)
    assert only.records.drop("@changed").rows(named=True) == [{"@id": members[0], "@lead": lead, "Status": "Sent"}]
    assert only.gone == tuple(members[1:])


def test_an_unknown_field_of_a_members_campaign_is_named(token: responses.RequestsMock, open_connector: Open) -> None:
    date = {"Date": "Sat, 21 Nov 2026 12:00:30 GMT"}
    described = {"name": "CampaignMember", "fields": MEMBER_FIELDS}
    token.get(f"{DATA}/sobjects/CampaignMember/describe", json=described, headers=date)
    wrong = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Typ' on entity 'Campaign'"}]
    token.get(f"{DATA}/query/", status=400, json=wrong)
    with pytest.raises(UsageError) as told:
        list(open_connector().pull(PullRequest("CampaignMember", ("Campaign.Typ",), leads_object="Lead")))
    assert "Campaign.Typ" in told.value.message
    assert "IsConverted" not in told.value.message


@pytest.mark.parametrize(
    ("stamps", "asked"),
    [
        ({"SystemModstamp": True, "LastModifiedDate": True}, "SystemModstamp"),
        ({"SystemModstamp": False, "LastModifiedDate": True}, "LastModifiedDate"),
        ({"SystemModstamp": False}, None),
        ({}, None),
    ],
)
def test_changes_are_asked_for_by_a_stamp_that_can_be_asked_by(
    token: responses.RequestsMock, open_connector: Open, stamps: dict[str, bool], asked: str | None
) -> None:
    """Some objects describe stamps that no query may filter by."""
    fields = [{"name": "Id", "type": "id"}, {"name": "Name", "type": "string"}]
    fields += [{"name": name, "type": "datetime", "filterable": can} for name, can in stamps.items()]
    described = {"name": "Visit__c", "replicateable": False, "fields": fields}
    token.get(f"{DATA}/sobjects/Visit__c/describe", json=described, headers={"Date": "Sat, 21 Nov 2026 12:00:30 GMT"})
    token.get(f"{DATA}/queryAll/", json=page())
    request = PullRequest("Visit__c", ("Name",), cursor="2026-11-21T11:58:00Z")
    if asked is None:
        with pytest.raises(FullReadNeeded, match="no time stamp"):
            list(open_connector().pull(request))
        return
    list(open_connector().pull(request))
    assert f"WHERE {asked} >= " in soql(token)[0]
