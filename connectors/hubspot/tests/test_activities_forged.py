"""Activities whose contacts and associations a real portal answers seldom."""

from __future__ import annotations

import pytest
from forged_reading import record, server, whole

from crmsync.errors import CrmUnreachable, RunStopped


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


@pytest.mark.parametrize("torn", [{}, {"results": "x"}, {"results": [{"type": "call_to_contact"}]}, {"results": [7]}])
def test_torn_associations_of_the_list_are_asked_for_and_not_taken_for_none(forge, reply, connect, torn):
    forge.answer = server(
        reply,
        properties__calls={"results": [{"name": "hs_call_title", "type": "string", "options": []}]},
        calls__contacts__batch__read={"results": [{"from": {"id": "1"}, "to": [{"toObjectId": 10}]}]},
        calls={"results": [{**record(1, hs_call_title="a"), "associations": {"contacts": torn}}]},
    )
    rows, _, _ = whole(connect(forge.url), "calls", ("hs_call_title",), leads_object="contacts")
    assert [(row["@id"], row["@lead"]) for row in rows] == [("1", "10")]


@pytest.mark.parametrize("torn", [{}, {"to": None}, {"to": [{}]}, {"to": [{"toObjectId": 10}, 7]}])
def test_torn_associations_do_not_look_like_no_leads(forge, reply, connect, torn):
    """To believe them would be to take what happened from its leads."""
    forge.answer = server(
        reply,
        search={"total": 1, "results": [record(1, hs_call_title="a")]},
        calls__contacts__batch__read={"results": [{"from": {"id": "1"}, **torn}]},
        calls={"results": []},
    )
    with pytest.raises(CrmUnreachable, match="without their ids"):
        whole(connect(forge.url), "calls", ("hs_call_title",), leads_object="contacts", cursor="2026-11-21T11:00:00Z")


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
