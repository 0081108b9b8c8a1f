"""Form submissions as a real portal answers them seldom."""

from __future__ import annotations

import pytest
from forged_reading import record, server, submission, whole


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
        {**good, "conversionId": "s3", "values": None},
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
    assert connector.left_out() == ("6 form submissions without a date, an id or values are left out",)
