"""Pulls of what has changed, cursors and clocks, against answers that a real portal gives seldom."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from forged_reading import DEFINITIONS, record, server, whole

from crmsync.contract import CrmClock
from crmsync.errors import FullReadNeeded, RunStopped, UsageError


def test_an_unknown_property_is_found_in_an_incremental_pull_too(forge, reply, connect):
    forge.answer = server(
        reply,
        properties__contacts={"results": DEFINITIONS},
        search={"total": 1, "results": [record(1, email=None)]},
    )
    with pytest.raises(UsageError, match="'emial'"):
        whole(connect(forge.url), "contacts", ("email", "emial"), cursor="2026-11-21T11:00:00Z")


@pytest.mark.parametrize(
    ("cursor", "words"),
    [
        ("0HubSpot", "none that this connector wrote"),
        ("2026-08-20T12:00:00Z", "93 days ago"),
        ("2027-08-20T12:00:00Z", "lies in the future by HubSpot's clock"),
    ],
)
@pytest.mark.parametrize(("name", "leads"), [("contacts", None), ("calls", "contacts")])
def test_a_cursor_that_cannot_be_continued_asks_for_a_full_read(forge, reply, connect, cursor, words, name, leads):
    forge.answer = lambda _: reply(200, {"results": []})
    with pytest.raises(FullReadNeeded, match=words):
        whole(connect(forge.url), name, (), cursor=cursor, leads_object=leads)


@pytest.mark.parametrize("date", ["soon", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_date_that_cannot_be_is_left_aside(forge, reply, connect, date):
    forge.answer = lambda _: reply(200, {"results": []}, headers={"Date": date})
    connector = connect(forge.url)
    whole(connector, "contacts", ())
    assert connector.clock().at is None
    assert connector.clock().unreadable == len(forge.seen)


def test_hubspots_clock_is_that_of_its_latest_answer_also_of_a_refusal(forge, reply, connect):
    headers = {"Date": "Sat, 21 Nov 2026 13:00:00 GMT"}
    forge.answer = lambda _: reply(401, {"status": "error", "category": "INVALID_AUTHENTICATION"}, headers=headers)
    connector = connect(forge.url)
    with pytest.raises(RunStopped):
        connector.org()
    assert connector.clock() == CrmClock(datetime(2026, 11, 21, 13, tzinfo=UTC))


def test_a_cursor_of_two_months_ago_is_continued(forge, reply, connect):
    forge.answer = lambda _: reply(200, {"results": []})
    whole(connect(forge.url), "contacts", (), cursor="2026-09-22T12:00:00Z")
    assert len(forge.seen) == 2


def test_changes_are_paged_by_id_with_an_overlap(forge, reply, connect):
    def search(seen):
        filters = seen.json["filterGroups"][0]["filters"]
        above = int(filters[1]["value"]) if len(filters) > 1 else 0
        found = [record(number, email=f"{number}@x", hs_merged_object_ids="") for number in range(1, 12_346)][above:][
            :200
        ]
        more = {"paging": {"next": {"after": "200"}}} if above + 200 < 12_345 else {}
        return {"total": 12_345 - above, "results": found, **more}

    forge.answer = server(reply, search=search, contacts={"results": []})
    rows, _, cursor = whole(connect(forge.url), "contacts", ("email",), cursor="2026-11-21T11:00:00Z")
    assert [row["@id"] for row in rows] == [str(number) for number in range(1, 12_346)]
    asked = [seen.json for seen in forge.seen if seen.path.endswith("search")]
    assert len(asked) == 62
    assert {json.dumps(each["filterGroups"][0]["filters"][0]) for each in asked} == {
        json.dumps({"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1795258500000"})
    }
    assert all("after" not in each and each["limit"] == 200 for each in asked)
    assert cursor == "2026-11-21T11:59:00Z"


def test_what_left_is_told_once(forge, reply, connect):
    archived = [
        {**record(8), "archivedAt": "2026-11-21T11:30:00.000Z"},
        {**record(9), "archivedAt": "2026-11-21T09:30:00.000Z"},
        {**record(5), "archivedAt": "2026-11-21T11:50:00.000Z"},
    ]
    forge.answer = server(
        reply,
        search={"total": 1, "results": [record(1, email="a@x", hs_merged_object_ids="5;6")]},
        contacts={"results": archived},
    )
    rows, gone, _ = whole(connect(forge.url), "contacts", ("email",), cursor="2026-11-21T11:00:00Z")
    assert rows == [{"@id": "1", "email": "a@x"}]
    assert gone == ("5", "8", "6")


def test_a_search_index_that_lags_brings_nothing_back(forge, reply, connect):
    found = [record(number, email=f"{number}@x", hs_merged_object_ids="") for number in (8, 9)]
    forge.answer = server(
        reply,
        search={"total": 2, "results": found},
        contacts={"results": [{**record(8), "archivedAt": "2026-11-21T11:30:00.000Z"}]},
    )
    rows, gone, _ = whole(connect(forge.url), "contacts", ("email",), cursor="2026-11-21T11:00:00Z")
    assert (rows, gone) == ([{"@id": "9", "email": "9@x"}], ("8",))
