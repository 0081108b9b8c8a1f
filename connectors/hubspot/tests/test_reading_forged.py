"""Pulls and reads against answers that a real portal gives seldom."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crmsync.contract import CrmClock, Currencies, PullRequest
from crmsync.errors import CrmUnreachable, FullReadNeeded, RunStopped, UsageError

DEFINITIONS = [
    {"name": name, "label": name, "type": "string", "options": []} for name in ("email", "firstname", "company")
]


def record(number, **properties):
    told = {**dict.fromkeys(("email", "hs_additional_emails", "hs_merged_object_ids")), **properties}
    return {"id": str(number), "properties": told, "createdAt": "x", "updatedAt": "x", "archived": False}


def whole(connector, object_name, fields, **options):
    pages = list(connector.pull(PullRequest(object_name, fields, **options)))
    rows = [row for page in pages for row in page.records.drop("@changed", strict=False).iter_rows(named=True)]
    assert [page.cursor is not None for page in pages] == [False] * (len(pages) - 1) + [True]
    return rows, pages[-1].gone, pages[-1].cursor


def server(reply, **routes):
    """Answers by the end of the path; a route is a body, or a function of the request."""

    def answer(seen):
        for name, route in routes.items():
            if seen.path.rstrip("/").endswith("/" + name.replace("__", "/")):
                body = route(seen) if callable(route) else route
                return body if isinstance(body, reply) else reply(200, body)
        return reply(404, {"status": "error", "message": "resource not found"})

    return answer


def test_paging_follows_opaque_tokens_and_forgets_repeated_rows(forge, reply, connect):
    pages = {
        None: {"results": [record(1, email="a@x"), record(2, email="")], "paging": {"next": {"after": "tok=1&x"}}},
        "tok=1&x": {"results": [record(2, email=None), record(10, email="c@x")], "paging": None},
    }
    forge.answer = server(
        reply,
        properties__contacts={"results": DEFINITIONS},
        contacts=lambda seen: pages[seen.query.get("after", [None])[0]],
    )
    rows, gone, cursor = whole(connect(forge.url), "contacts", ("email",))
    assert rows == [{"@id": "1", "email": "a@x"}, {"@id": "2", "email": None}, {"@id": "10", "email": "c@x"}]
    assert gone == ()
    assert cursor == "2026-11-21T12:00:00Z"
    listing = forge.seen[1]
    assert listing.query["limit"] == ["100"]
    assert listing.query["archived"][0].lower() == "false"


def test_a_page_that_comes_again_ends_the_pull(forge, reply, connect):
    page = {"results": [record(1)], "paging": {"next": {"after": "2"}}}
    forge.answer = server(reply, properties__contacts={"results": DEFINITIONS}, contacts=page)
    with pytest.raises(CrmUnreachable, match="twice"):
        whole(connect(forge.url), "contacts", ("email",))


@pytest.mark.parametrize("torn", [{"properties": {"email": "a"}}, {"id": "1"}, 7, {"id": "1", "properties": 7}])
def test_a_page_without_one_whole_record_is_torn_and_not_empty(forge, reply, connect, torn):
    """To take it for empty would be to take every contact for gone."""
    page = {"results": [torn, torn]}
    forge.answer = server(reply, properties__contacts={"results": DEFINITIONS}, contacts=page)
    with pytest.raises(CrmUnreachable, match="without their ids or properties"):
        whole(connect(forge.url), "contacts", ("email",))


def test_an_unknown_property_is_named_with_those_like_it(forge, reply, connect):
    forge.answer = server(reply, properties__contacts={"results": DEFINITIONS})
    with pytest.raises(UsageError, match="'emial'") as stopped:
        whole(connect(forge.url), "contacts", ("email", "emial"))
    assert "did you mean email" in str(stopped.value)


def test_an_unknown_property_is_found_in_an_incremental_pull_too(forge, reply, connect):
    forge.answer = server(
        reply,
        properties__contacts={"results": DEFINITIONS},
        search={"total": 1, "results": [record(1, email=None)]},
    )
    with pytest.raises(UsageError, match="'emial'"):
        whole(connect(forge.url), "contacts", ("email", "emial"), cursor="2026-11-21T11:00:00Z")


def test_an_unknown_object_is_a_usage_error(forge, connect):
    connector = connect(forge.url)
    for action in (
        lambda: connector.fields("contcats"),
        lambda: whole(connector, "contcats", ()),
        lambda: whole(connector, "contcats", (), cursor="2026-11-21T11:00:00Z"),
    ):
        with pytest.raises(UsageError, match="contcats"):
            action()


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


def test_a_long_property_list_goes_by_batch_reads(forge, reply, connect):
    names = tuple(f"a_rather_long_property_name_{number:04}" for number in range(400))
    definitions = [{"name": name, "type": "string", "options": []} for name in names]
    values = {name: name[-4:] for name in names}
    listed = [record(number) for number in range(1, 101)]

    def read(seen):
        ids = [each["id"] for each in seen.json["inputs"]]
        return {"status": "COMPLETE", "results": [record(each, **values) for each in reversed(ids) if each != "7"]}

    forge.answer = server(
        reply,
        properties__contacts={"results": definitions},
        batch__read=read,
        search={"total": 100, "results": listed},
        contacts=lambda seen: {"results": [] if "true" in seen.target.lower() else listed},
    )
    for cursor in (None, "2026-11-21T11:00:00Z"):
        rows, _, _ = whole(connect(forge.url), "contacts", names, cursor=cursor)
        assert len(rows) == 99
        assert rows[0]["a_rather_long_property_name_0399"] == "0399"
    assert max(len(seen.target) for seen in forge.seen) < 8_000
    assert all(len(seen.body) < 3_000 for seen in forge.seen if seen.path.endswith("search"))


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


def test_progress_counts_records(forge, reply, connect):
    told = []
    forge.answer = server(
        reply,
        properties__contacts={"results": DEFINITIONS},
        search={"total": 2, "results": []},
        contacts={"results": [record(1), record(2)]},
    )
    whole(connect(forge.url), "contacts", ("email",), progress=lambda *numbers: told.append(numbers))
    assert told == [(2, 2)]


def test_an_activity_comes_once_for_every_contact(forge, reply, connect):
    def listed(*ids, more=False):
        paging = {"paging": {"next": {"after": "x"}}} if more else {}
        return {"contacts": {"results": [{"id": each, "type": "call_to_contact"} for each in ids], **paging}}

    def associated(seen):
        inputs = seen.json["inputs"]
        second = {"results": [{"from": {"id": "4"}, "to": [{"toObjectId": "33"}]}]}
        first = {
            "results": [
                {
                    "from": {"id": "4"},
                    "to": [{"toObjectId": 31}, {"toObjectId": 32}],
                    "paging": {"next": {"after": "33"}},
                }
            ]
        }
        return second if inputs[0].get("after") else first

    forge.answer = server(
        reply,
        properties__calls={"results": [{"name": "hs_call_title", "type": "string", "options": []}]},
        calls__contacts__batch__read=associated,
        calls={
            "results": [
                {**record(1, hs_call_title="a"), "associations": listed("10", "10", "11")},
                {**record(2, hs_call_title="b"), "associations": {}},
                record(3, hs_call_title="c"),
                {**record(4, hs_call_title="d"), "associations": listed("31", more=True)},
            ]
        },
    )
    rows, _, _ = whole(connect(forge.url), "calls", ("hs_call_title",), leads_object="contacts")
    assert [(row["@id"], row["@lead"]) for row in rows] == [
        ("1", "10"), ("1", "11"), ("4", "31"), ("4", "32"), ("4", "33"),
    ]  # fmt: skip


def test_changed_activities_are_joined_and_lonely_ones_leave(forge, reply, connect):
    def associated(seen):
        missing = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "no",
            "subCategory": "x.NO_ASSOCIATIONS_FOUND",
        }
        return reply(
            207, {"results": [{"from": {"id": "1"}, "to": [{"toObjectId": 10}]}], "errors": [missing], "numErrors": 1}
        )

    forge.answer = server(
        reply,
        search={"total": 2, "results": [record(1, hs_call_title="a"), record(2, hs_call_title="b")]},
        calls__contacts__batch__read=associated,
        calls={"results": [{**record(7), "archivedAt": "2026-11-21T11:30:00Z"}]},
    )
    rows, gone, _ = whole(
        connect(forge.url), "calls", ("hs_call_title",), leads_object="contacts", cursor="2026-11-21T11:00:00Z"
    )
    assert rows == [{"@id": "1", "@lead": "10", "hs_call_title": "a"}]
    assert gone == ("7", "2")
    searched = next(seen.json for seen in forge.seen if seen.path.endswith("search"))
    assert searched["filterGroups"][0]["filters"][0]["propertyName"] == "hs_lastmodifieddate"


@pytest.mark.parametrize(
    ("cursor", "minutes", "looked", "left"),
    [
        ("2026-11-21T11:30:00Z", 60, False, "2026-11-21T11:59:00Z 2026-11-21T11:30:00Z"),
        ("2026-11-21T11:30:00Z 2026-11-21T11:10:00Z", 60, False, "2026-11-21T11:59:00Z 2026-11-21T11:10:00Z"),
        ("2026-11-21T11:30:00Z 2026-11-21T11:00:00Z", 60, True, "2026-11-21T11:59:00Z"),
        ("2026-11-21T11:30:00Z", 0, True, "2026-11-21T11:59:00Z"),
    ],
)
def test_deleted_activities_are_looked_for_when_due_and_from_the_last_look_on(
    forge, reply, connect, cursor, minutes, looked, left
):
    """Deleted at 11:05, before the last read and after the last look into the recycle bin."""
    forge.answer = server(
        reply,
        search={"total": 0, "results": []},
        calls={"results": [{**record(7), "archivedAt": "2026-11-21T11:05:00Z"}]},
        details={"portalId": 1, "timeZone": "UTC"},
    )
    connector = connect(forge.url, unhurried_minutes=minutes)
    connector.org()  # tells HubSpot's time
    _, gone, after = whole(connector, "calls", ("hs_call_title",), leads_object="contacts", cursor=cursor)
    assert after == left
    assert any(seen.path.endswith("/calls") for seen in forge.seen) == looked
    assert gone == (("7",) if looked and cursor.endswith("11:00:00Z") else ())


@pytest.mark.parametrize(
    ("changed", "cursor", "minutes", "waits"),
    [
        ([], "2026-11-21T11:30:00Z", 60, True),
        ([], "2026-11-21T10:59:00Z", 60, False),
        ([], "2026-11-21T11:30:00Z", 0, False),
        ([record(20, email="a@x")], "2026-11-21T11:30:00Z", 60, False),
    ],
)
def test_while_no_contact_changes_form_submissions_wait_until_due(
    forge, reply, connect, changed, cursor, minutes, waits
):
    forge.answer = server(
        reply,
        search={"total": len(changed), "results": changed},
        contacts={"results": []},
        v3__forms={"results": [{"id": "f1", "name": "Demo"}]},
        forms__f1={"results": [submission("s1", 0, ("hs_object_id", "20"))]},
        batch__read={"results": [record(20)]},
    )
    connector = connect(forge.url, unhurried_minutes=minutes)
    whole(connector, "contacts", ("email",), cursor="2026-11-21T11:30:00Z")
    rows, _, after = whole(connector, "form_submissions", ("form",), leads_object="contacts", cursor=cursor)
    assert [row["@id"] for row in rows] == ([] if waits else ["s1"])
    assert after == (cursor if waits else "2026-11-21T11:59:00Z"), "what was left out is read from the same place"


def test_other_association_faults_do_not_look_like_no_leads(forge, reply, connect):
    forge.answer = server(
        reply,
        search={"total": 1, "results": [record(1, hs_call_title="a")]},
        calls__contacts__batch__read=lambda _: reply(
            207, {"results": [], "errors": [{"category": "INTERNAL", "message": "oops"}]}
        ),
        calls={"results": []},
    )
    with pytest.raises(RunStopped, match="INTERNAL"):
        whole(connect(forge.url), "calls", ("hs_call_title",), leads_object="contacts", cursor="2026-11-21T11:00:00Z")


def submission(key, minutes, *values):
    return {
        "conversionId": key,
        "submittedAt": 1795262400000 + minutes * 60_000,  # 2026-11-21T12:00:00Z
        "values": [{"name": name, "value": value, "objectTypeId": "0-1"} for name, value in values],
        "pageUrl": "https://www.example.com/demo",
    }


def test_submissions_join_by_hidden_id_else_by_address(forge, reply, connect):
    contacts = {
        "20": record(20, email="who@x.no"),
        "31": record(30, email="won@x.no", hs_merged_object_ids="31"),
        "jo@x.no": record(21, email="jo@x.no"),
        "also@x.no": record(22, email="a@x.no", hs_additional_emails="also@x.no;y@x"),
    }

    def read(seen):
        asked = [each["id"] for each in seen.json["inputs"]]
        assert {"@" in each for each in asked} == {seen.json.get("idProperty") == "email"}
        if "bad@" in asked:
            return reply(400, {"category": "VALIDATION_ERROR", "message": "bad@ is no address"})
        found = [contacts[each] for each in asked if each in contacts]
        return reply(207, {"results": found, "errors": [{"category": "OBJECT_NOT_FOUND"}]})

    forge.answer = server(
        reply,
        v3__forms={"results": [{"id": "f1", "name": "Demo"}, {"id": "f2", "name": ""}]},
        forms__f1={
            "results": [
                submission("a", 3, ("email", " Jo@X.no "), ("topic", "x"), ("topic", "y"), ("empty", "")),
                submission("b", 2, ("email", "who@x.no"), ("hs_object_id", "20")),
                submission("c", 1, ("email", "nobody@x.no")),
                submission("g", 1, ("email", "jo@x.no"), ("hs_object_id", "31")),
                submission("h", 1, ("email", "jo@x.no"), ("hs_object_id", "32")),
                submission("d", 0, ("firstname", "no address")),
                submission("a", 3, ("email", "jo@x.no")),
            ]
        },
        forms__f2={"results": [submission("e", 0, ("email", "also@x.no")), submission("f", 0, ("email", "bad@"))]},
        batch__read=read,
    )
    fields = ("submittedAt", "form", "formId", "pageUrl", "topic", "empty", "unknown")
    rows, gone, cursor = whole(connect(forge.url), "form_submissions", fields, leads_object="contacts")
    assert [(row["@id"], row["@lead"]) for row in rows] == [
        ("a", "21"), ("b", "20"), ("g", "30"), ("e", "22"),
    ]  # fmt: skip
    assert rows[0] == {
        "@id": "a", "@lead": "21", "submittedAt": "2026-11-21T12:03:00Z", "form": "Demo", "formId": "f1",
        "pageUrl": "https://www.example.com/demo", "topic": "x;y", "empty": None, "unknown": None,
    }  # fmt: skip
    assert (rows[3]["form"], gone, cursor) == ("f2", (), "2026-11-21T11:59:00Z")


def test_an_incremental_pull_of_submissions_stops_at_the_cursor(forge, reply, connect):
    def page(seen):
        at = int(seen.query.get("after", ["0"])[0])
        results = [submission(f"s{n}", -n, ("hs_object_id", "20")) for n in range(at, at + 50)]
        return {"results": results, "paging": {"next": {"after": str(at + 50)}}}

    forge.answer = server(
        reply,
        v3__forms={"results": [{"id": "f1", "name": "Demo"}]},
        forms__f1=page,
        batch__read={"results": [record(20)]},
    )
    rows, _, _ = whole(
        connect(forge.url, submissions_overlap_days=0),
        "form_submissions",
        ("form",),
        leads_object="contacts",
        cursor="2026-11-21T11:00:00Z",
    )
    assert [row["@id"] for row in rows] == [f"s{n}" for n in range(66)]
    assert [seen.path for seen in forge.seen].count(forge.seen[1].path) == 2


def test_read_tells_deleted_from_merged(forge, reply, connect):
    def read(seen):
        assert "9999" in [each["id"] for each in seen.json["inputs"]]
        return reply(
            207,
            {
                "results": [
                    record(3, email="c@x", hs_merged_object_ids=None),
                    record(50, email="w@x", hs_merged_object_ids="2;40"),
                ],
                "errors": [{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["9999"]}}],
            },
        )

    forge.answer = server(reply, batch__read=read)
    reading = connect(forge.url).read("contacts", ["3", "2", "9999", "abc", "3"], ["email"])
    assert reading.records.rows() == [("3", "c@x")]
    assert reading.records.columns == ["@id", "email"]
    assert reading.gone["2"] == "merged into 50"
    assert set(reading.gone) == {"2", "9999", "abc"}
    assert all("deleted" in reading.gone[each] for each in ("9999", "abc"))


def test_read_of_nothing_makes_no_call(forge, connect):
    connector = connect(forge.url)
    reading = connector.read("contacts", [], ["email"])
    assert reading.records.columns == ["@id", "email"]
    assert connector.usage().calls == 0


def test_read_reads_250_in_three_calls(forge, reply, connect):
    forge.answer = server(
        reply, batch__read=lambda seen: {"results": [record(each["id"], email="x") for each in seen.json["inputs"]]}
    )
    reading = connect(forge.url).read("contacts", [str(n) for n in range(1, 251)], ["email"])
    assert reading.records.height == 250
    assert len(forge.seen) == 3


def test_owners_and_fields(forge, reply, connect):
    people = {
        "false": [
            {"id": "11", "userId": 900, "email": "a@x", "type": "PERSON", "firstName": "Ann", "lastName": "Lee",
             "archived": False,
             "teams": [{"id": "1", "name": "East", "primary": False}, {"id": "2", "name": "West", "primary": True}]},
            {"id": "12", "email": None, "type": "QUEUE", "firstName": "", "lastName": None, "archived": False},
        ],
        "true": [{"id": "13", "userId": None, "email": "c@x", "type": "PERSON", "archived": True}],
    }  # fmt: skip
    stage = {
        "name": "lifecyclestage", "label": "Stage", "type": "enumeration", "externalOptions": True,
        "options": [{"value": "b", "label": "B", "displayOrder": 1, "hidden": True},
                    {"value": "a", "label": "A", "displayOrder": 0}],
        "modificationMetadata": {"readOnlyValue": False},
    }  # fmt: skip
    calculated = {"name": "c", "label": "", "type": "number", "calculated": True, "options": []}
    read_only = {"name": "r", "type": "number", "modificationMetadata": {"readOnlyValue": True}, "options": []}
    archived = {"name": "old", "type": "number", "archived": True, "options": []}
    forge.answer = server(
        reply,
        owners=lambda seen: {"results": people[seen.query["archived"][0].lower()]},
        properties__contacts={"results": [stage, calculated, read_only, archived]},
    )
    connector = connect(forge.url)
    users = {user.id: user for user in connector.users()}
    assert (users["11"].name, users["11"].team, users["11"].active, users["11"].kind) == (
        "Ann Lee",
        "West",
        True,
        "person",
    )
    assert users["11"].teams == ("East", "West")
    assert (users["12"].name, users["12"].kind) == ("owner 12", "queue")
    assert (users["13"].active, users["13"].name) == (False, "c@x")
    fields = {field.name: field for field in connector.fields("contacts")}
    assert list(fields) == ["lifecyclestage", "c", "r"]
    assert [(choice.value, choice.active) for choice in fields["lifecyclestage"].choices] == [
        ("a", True),
        ("b", False),
    ]
    assert fields["lifecyclestage"].writable
    assert fields["lifecyclestage"].open_choices
    assert not fields["c"].writable
    assert not fields["r"].writable
    assert {name: (field.kind, field.calculated) for name, field in fields.items()} == {
        "lifecyclestage": ("choice", False),
        "c": ("number", True),
        "r": ("number", False),
    }


def test_kinds_of_fields_and_the_currency_of_amounts(forge, reply, connect):
    def told(name, kind, **more):
        return {"name": name, "label": name, "type": kind, "options": [], **more}

    owner = told("hubspot_owner_id", "enumeration", externalOptions=True, referencedObjectType="OWNER")
    listed = told("many", "enumeration", fieldType="checkbox", options=[{"value": "a", "label": "A"}])
    amount = told("amount", "number", showCurrencySymbol=True)
    plain = [told(kind, kind) for kind in ("string", "phone_number", "number", "bool", "date", "datetime", "json")]
    forge.answer = server(
        reply,
        properties__deals={"results": [owner, listed, amount, told("deal_currency_code", "enumeration"), *plain]},
        properties__contacts={"results": [amount]},
        details={"portalId": 7, "companyCurrency": "EUR"},
    )
    connector = connect(forge.url)
    fields = {field.name: field for field in connector.fields("deals")}
    assert {name: field.kind for name, field in fields.items()} == {
        "hubspot_owner_id": "reference",
        "many": "choices",
        "amount": "money",
        "deal_currency_code": "choice",
        "string": "text",
        "phone_number": "text",
        "number": "number",
        "bool": "boolean",
        "date": "date",
        "datetime": "datetime",
        "json": "unknown",
    }
    assert {name for name, field in fields.items() if field.currency_field == "deal_currency_code"} == {"amount"}
    assert [field.currency_field for field in connector.fields("contacts")] == [None]
    assert connector.currencies() == Currencies("EUR", {"EUR": 1.0})


def test_owners_and_archived_records_are_read_to_the_last_page(forge, reply, connect):
    def page(seen):
        start = int(seen.query.get("after", ["1"])[0])
        if seen.query["archived"][0].lower() == "false":
            return {"results": []}
        more = {"paging": {"next": {"after": str(start + 100)}}} if start < 201 else {}
        numbers = range(start, start + 100)
        return {
            "results": [{**record(n), "type": "PERSON", "archivedAt": "2026-11-21T11:30:00Z"} for n in numbers],
            **more,
        }

    forge.answer = server(reply, owners=page, contacts=page, search={"total": 0, "results": []})
    connector = connect(forge.url)
    assert len(connector.users()) == 300
    _, gone, _ = whole(connector, "contacts", ("email",), cursor="2026-11-21T11:00:00Z")
    assert len(gone) == 300


def test_a_form_whose_submissions_are_refused_is_left_out_told_and_read_later(forge, reply, connect):
    """From when it was last read, however late; the others go on."""
    refused = [404]
    forms = [{"id": "f1", "name": "Demo"}, {"id": "f2", "name": "Old one of ann@x.no"}]

    def second(seen):
        if refused[0]:
            return reply(refused[0], {"status": "error", "message": "no such form"})
        return {"results": [submission("s2", -300, ("hs_object_id", "20"))]}

    forge.answer = server(
        reply,
        v3__forms={"results": forms},
        forms__f1={"results": [submission("s1", -1, ("hs_object_id", "20"))]},
        forms__f2=second,
        batch__read={"results": [record(20)]},
    )
    cursor = None
    for status in (404, 400, 410):
        refused[0] = status
        connector = connect(forge.url, submissions_overlap_days=0)
        rows, _, cursor = whole(connector, "form_submissions", ("form",), leads_object="contacts", cursor=cursor)
        assert [row["@id"] for row in rows] == ["s1"]
        (told,) = connector.left_out()
        assert told.startswith("the submissions of the form f2 (Old one of [e-mail]) cannot be read")
        assert f"({status})" in told
    refused[0] = 0
    connector = connect(forge.url, submissions_overlap_days=0)
    rows, _, cursor = whole(connector, "form_submissions", ("form",), leads_object="contacts", cursor=cursor)
    assert [row["@id"] for row in rows] == ["s1", "s2"], "s2 is older than the cursor of the others"
    assert connector.left_out() == ()
    assert cursor == "2026-11-21T11:59:00Z"


def test_a_form_that_falls_behind_later_is_read_from_there(forge, reply, connect):
    def second(seen):
        return reply(404, {"status": "error"}) if broken else {"results": []}

    forge.answer = server(
        reply, v3__forms={"results": [{"id": "f2", "name": "Old"}]}, forms__f2=second, batch__read={"results": []}
    )
    broken = True
    first = "2026-11-20T08:00:00Z"
    _, _, cursor = whole(connect(forge.url), "form_submissions", ("form",), leads_object="contacts", cursor=first)
    assert cursor == f"2026-11-21T11:59:00Z f2={first}"
    _, _, cursor = whole(connect(forge.url), "form_submissions", ("form",), leads_object="contacts", cursor=cursor)
    assert cursor == f"2026-11-21T11:59:00Z f2={first}"
    broken = False
    _, _, cursor = whole(connect(forge.url), "form_submissions", ("form",), leads_object="contacts", cursor=cursor)
    assert cursor == "2026-11-21T11:59:00Z"


def test_submissions_that_are_none_are_left_out_and_counted(forge, reply, connect):
    good = submission("s1", 0, ("hs_object_id", "20"))
    odd = {
        **good,
        "conversionId": "s2",
        "values": [{"name": "x", "value": ["a", "b"]}, {"value": "y"}, {"name": "z"}],
    }
    broken = [
        {**good, "submittedAt": None},
        {**good, "submittedAt": 10**30},
        {**good, "submittedAt": "soon"},
        {**good, "conversionId": None},
        {"values": []},
    ]
    forge.answer = server(
        reply,
        v3__forms={"results": [{"id": "f1", "name": "Demo"}]},
        forms__f1={"results": [good, odd, *broken]},
        batch__read={"results": [record(20)]},
    )
    connector = connect(forge.url)
    rows, _, _ = whole(connector, "form_submissions", ("form",), leads_object="contacts")
    assert [row["@id"] for row in rows] == ["s1"]
    assert connector.left_out() == ("5 form submissions without a date or an id are left out",)


def endless(**more):
    count = [0]

    def page(seen):
        count[0] += 1
        following = {"paging": {"next": {"after": str(count[0])}}}
        return {**{name: value(count[0]) for name, value in more.items()}, **following}

    return page


@pytest.mark.parametrize("news", [False, True])
@pytest.mark.parametrize("what", ["contacts", "archived", "owners", "submissions"])
def test_pages_without_end_are_left(forge, reply, connect, monkeypatch, what, news):
    """Always another cursor: to the same records, or to ever new ones."""
    monkeypatch.setattr("crmsync.sdk.paging.MOST_PAGES", 80)

    def results(number):
        number = number if news else 1
        return [{**submission(f"s{number}", -1), **record(number), "archivedAt": "2026-11-21T11:30:00Z"}]

    forge.answer = server(
        reply,
        properties__contacts={"results": DEFINITIONS},
        search={"results": []},
        v3__forms={"results": [{"id": "f1", "name": "Demo"}]},
        batch__read={"results": []},
        **{
            {"contacts": "contacts", "archived": "contacts", "owners": "owners", "submissions": "forms__f1"}[what]: (
                endless(results=results)
            )
        },
    )
    connector = connect(forge.url)
    with pytest.raises(CrmUnreachable, match="reading on would never end"):
        if what == "owners":
            connector.users()
        elif what == "submissions":
            whole(connector, "form_submissions", ("form",), leads_object="contacts")
        else:
            whole(connector, "contacts", ("email",), cursor="2026-11-21T11:00:00Z" if what == "archived" else None)
    assert len(forge.seen) < 90


def test_associations_without_end_are_left(forge, reply, connect):
    count = [0]

    def page(seen):
        count[0] += 1
        to = {"from": {"id": "1"}, "to": [{"toObjectId": 7}], "paging": {"next": {"after": str(count[0])}}}
        return {"results": [to]}

    forge.answer = server(
        reply,
        search={"total": 1, "results": [record(1, hs_call_title="a")]},
        calls__contacts__batch__read=page,
        calls={"results": []},
    )
    with pytest.raises(CrmUnreachable, match="reading on would never end"):
        whole(connect(forge.url), "calls", ("hs_call_title",), leads_object="contacts", cursor="2026-11-21T11:00:00Z")
    assert count[0] < 60
