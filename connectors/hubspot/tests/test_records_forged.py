"""Records by id, owners and fields, against answers that a real portal gives seldom."""

from __future__ import annotations

from forged_reading import record, server, whole

from crmsync.contract import Currencies


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
