"""What a write has met, read from the histories of properties: forged ones, and the practice portal's."""

from __future__ import annotations

import pytest

from crmsync.contract import Replaced, Write

OLD, NEW = "2026-11-20T08:00:00.000Z", "2026-11-21T12:00:00.000Z"
"""Before and at the forged server's clock."""


def entry(value, at=NEW):
    return {"value": value, "timestamp": at, "sourceType": "X"}


class Portal:
    """One contact whose owner takes every value, and whose history is as given."""

    def __init__(self, forge, reply, history, held="ours"):
        self.history, self.held, self.reply = history, held, reply
        forge.answer = self.answer

    def answer(self, seen):
        if "properties" in seen.path:
            owner = {"name": "hubspot_owner_id", "label": "Owner", "type": "enumeration", "fieldType": "select"}
            return self.reply(200, {"results": [owner]})
        if "batch/read" in seen.path:
            record = {"id": "1", "properties": {"hubspot_owner_id": self.held}}
            if seen.json["propertiesWithHistory"]:
                record["propertiesWithHistory"] = {"hubspot_owner_id": self.history}
            return self.reply(200, {"results": [record]})
        return self.reply(200, {"results": [{"id": each["id"]} for each in seen.json["inputs"]]})


@pytest.mark.parametrize(
    ("history", "met"),
    [
        ([entry("ours"), entry("before", OLD)], {"hubspot_owner_id": "before"}),
        ([entry("ours"), entry("theirs"), entry("before", OLD)], {"hubspot_owner_id": "theirs"}),
        ([entry("ours")], {"hubspot_owner_id": None}),
        ([entry("ours"), entry(""), entry("before", OLD)], {"hubspot_owner_id": None}),
        ([entry("later"), entry("ours"), entry("before", OLD)], {"hubspot_owner_id": "before"}),
        ([entry("later"), entry("ours"), entry("theirs"), entry("before", OLD)], {"hubspot_owner_id": "theirs"}),
        # Ours of another day is not the write that was just sent.
        ([entry("theirs"), entry("ours", OLD), entry("before", OLD)], {}),
        ([entry("before", OLD)], {}),
        ([], {}),
        (None, {}),
        ([7], {}),
        ([{"value": "ours"}], {}),
        ([entry("ours", "soon")], {}),
        ([entry("ours"), entry("theirs", "soon")], {"hubspot_owner_id": None}),
    ],
)
def test_the_value_below_our_own_was_met(forge, reply, connect, history, met):
    Portal(forge, reply, history)
    connector = connect(forge.url)
    connector.read("contacts", ["1"], ["hubspot_owner_id"])
    (result,) = connector.push("contacts", [Write("1", {"hubspot_owner_id": "ours"}, {"hubspot_owner_id": "before"})])
    assert result.seen is not None
    assert result.seen.before == met
    assert result.seen.after == {"hubspot_owner_id": "ours"}


@pytest.mark.parametrize(
    ("history", "met"),
    [
        ([entry("theirs", "2026-11-21T12:00:00.500Z"), entry("before", OLD)], "before"),  # set after our write
        ([entry("theirs", "2026-11-21T11:59:59Z"), entry("before", OLD)], "theirs"),
        ([entry("theirs"), entry("before", OLD)], "theirs"),
        ([entry("", OLD), entry("before", OLD)], None),
        ([], None),
        (None, "untold"),
        ([entry("theirs", "soon"), entry("before", OLD)], None),
    ],
)
def test_what_was_expected_and_not_written_is_told_as_it_was_met(forge, reply, connect, history, met):
    """An owner that was right already: a person's edit in between must not be told as a write that did not stick."""
    portal = Portal(forge, reply, [entry("ours"), entry("before", OLD)])
    answer = portal.answer
    expected = {"hubspot_owner_id": "before", "hs_lead_status": "before"}

    def both(seen):
        if "batch/read" not in seen.path or not seen.json["propertiesWithHistory"]:
            return answer(seen)
        histories = {"hubspot_owner_id": portal.history, **({} if history is None else {"hs_lead_status": history})}
        return reply(
            200, {"results": [{"id": "1", "properties": dict.fromkeys(expected), "propertiesWithHistory": histories}]}
        )

    forge.answer = both
    connector = connect(forge.url)
    connector.read("contacts", ["1"], ["hubspot_owner_id"])
    (result,) = connector.push("contacts", [Write("1", {"hubspot_owner_id": "ours"}, expected)])
    assert result.seen is not None
    assert result.seen.before == {
        "hubspot_owner_id": "before",
        **({} if met == "untold" else {"hs_lead_status": met}),
    }


def test_a_portal_that_tells_no_histories_takes_writes_all_the_same(forge, reply, connect):
    portal = Portal(forge, reply, [])
    answer = portal.answer
    forge.answer = lambda seen: (
        reply(403, {"category": "MISSING_SCOPES"}) if "batch/read" in seen.path else answer(seen)
    )
    (result,) = connect(forge.url).push("contacts", [Write("1", {"hubspot_owner_id": "ours"}, {})])
    assert (result.outcome, result.seen) == ("accepted", None)


def test_a_step_back_sees_through_its_own_clearing(practice, connect):
    """Cleared and set by us; a person's stage in between the reading and the clearing is seen."""
    calm, overtaken = list(practice.contacts())[:2]
    for number in (calm, overtaken):
        for value in ("", "opportunity"):
            practice.call("PATCH", f"/crm/v3/objects/contacts/{number}", {"properties": {"lifecyclestage": value}})
    connector = connect(practice.url)
    connector.read("contacts", [calm, overtaken], ["lifecyclestage"])
    for value in ("", "customer"):
        practice.call("PATCH", f"/crm/v3/objects/contacts/{overtaken}", {"properties": {"lifecyclestage": value}})
    results = connector.push(
        "contacts",
        [Write(each, {"lifecyclestage": "lead"}, {"lifecyclestage": "opportunity"}) for each in (calm, overtaken)],
    )
    assert [each.outcome for each in results] == ["accepted"] * 2
    assert [each.seen.before for each in results] == [
        {"lifecyclestage": "opportunity"},
        {"lifecyclestage": "customer"},
    ]
    assert {each.seen.after["lifecyclestage"] for each in results} == {"lead"}


@pytest.mark.parametrize(
    ("newest", "by"),
    [
        ({"sourceType": "CRM_UI"}, Replaced("person", "CRM_UI")),
        ({"sourceType": "MOBILE_IOS"}, Replaced("person", "MOBILE_IOS")),
        ({"sourceType": "INTEGRATION", "updatedByUserId": 7}, Replaced("person", "INTEGRATION")),
        ({"sourceType": "INTEGRATION", "sourceId": "4"}, Replaced("program", "INTEGRATION")),
        ({"sourceType": "AUTOMATION_PLATFORM"}, Replaced("automation", "AUTOMATION_PLATFORM")),
        ({"sourceType": "Ann Lee of Acme"}, Replaced("program")),
        ({"sourceType": 5}, Replaced("program")),
        ({}, Replaced("program")),
    ],
)
def test_who_has_replaced_our_value_is_told(forge, reply, connect, newest, by):
    later = {"value": "later", "timestamp": NEW, **newest}
    history = [later, entry("ours"), entry("before", OLD)]
    Portal(forge, reply, history, held="later")
    [result] = connect(forge.url).push("contacts", [Write("1", {"hubspot_owner_id": "ours"}, {})])
    assert result.seen.replaced == {"hubspot_owner_id": by}


def test_nobody_has_replaced_a_value_that_stands(forge, reply, connect):
    Portal(forge, reply, [entry("ours"), entry("before", OLD)])
    [result] = connect(forge.url).push("contacts", [Write("1", {"hubspot_owner_id": "ours"}, {})])
    assert result.seen.replaced == {}


STAGES = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity")


@pytest.mark.parametrize(
    ("history", "met", "by"),
    [
        (["marketingqualifiedlead", "", "salesqualifiedlead"], "salesqualifiedlead", None),
        (["marketingqualifiedlead", "lead", "", "salesqualifiedlead"], "lead", None),
        (["opportunity", "marketingqualifiedlead", "", "salesqualifiedlead"], "salesqualifiedlead", "person"),
        (["", "marketingqualifiedlead", "", "salesqualifiedlead"], "salesqualifiedlead", "person"),
        (["opportunity", "", "salesqualifiedlead"], "salesqualifiedlead", "person"),
        # The same stage as ours, set in the same second before we emptied it, is not ours.
        (["opportunity", "", "salesqualifiedlead", "marketingqualifiedlead", "lead"], "salesqualifiedlead", "person"),
    ],
)
def test_a_stage_set_after_we_emptied_it_is_told_apart_from_ours(forge, reply, connect, history, met, by):
    """HubSpot takes no step back: where somebody went past ours in between, the emptying is all that is ours."""

    def answer(seen):
        if "properties" in seen.path:
            options = [
                {"label": each, "value": each, "displayOrder": place, "hidden": False}
                for place, each in enumerate(STAGES)
            ]
            stage = {"name": "lifecyclestage", "label": "Stage", "type": "enumeration", "fieldType": "radio"}
            return reply(200, {"results": [{**stage, "options": options}]})
        if "batch/read" in seen.path:
            entries = [
                {**entry(each), "sourceType": "CRM_UI" if not place else "X"} for place, each in enumerate(history)
            ]
            record = {"id": "1", "properties": {"lifecyclestage": history[0]}}
            if seen.json["propertiesWithHistory"]:
                record["propertiesWithHistory"] = {"lifecyclestage": entries}
            return reply(200, {"results": [record]})
        return reply(200, {"results": [{"id": each["id"]} for each in seen.json["inputs"]]})

    forge.answer = answer
    connector = connect(forge.url)
    connector.read("contacts", ["1"], ["lifecyclestage"])
    back = Write("1", {"lifecyclestage": "marketingqualifiedlead"}, {"lifecyclestage": "salesqualifiedlead"})
    [result] = connector.push("contacts", [back])
    assert result.seen.before == {"lifecyclestage": met}
    assert result.seen.replaced == ({"lifecyclestage": Replaced(by, "CRM_UI")} if by else {})
