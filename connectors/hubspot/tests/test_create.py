"""Making tasks over forged answers: what is read first, what is sent, and how results find their rows."""

from __future__ import annotations

import pytest

from crmsync.contract import Creation
from crmsync.errors import CrmUnreachable, UsageError

NAMES = ("hs_task_subject", "hs_timestamp", "hubspot_owner_id", "hs_task_priority")
DUE = "2026-12-01T09:00:00Z"


class Portal:
    """Contacts with tasks; answers creations backwards, as HubSpot promises no order."""

    def __init__(self, forge, reply, *contacts):
        self.contacts = set(contacts)
        self.tasks = {}
        self.reply = reply
        self.creations = []
        self.traces = True
        self.nameless = set()
        self.refused = set()
        self.leaving = set()
        self.whole = False
        self.lose = 0
        self.blind = 0
        forge.answer = self.answer

    def put(self, number, contacts, subject):
        self.tasks[number] = (
            list(contacts),
            {"hs_task_subject": subject, "hs_timestamp": "2026-12-01T09:00:00.000Z"},
        )

    def of(self, contact):
        return [properties["hs_task_subject"] for contacts, properties in self.tasks.values() if contact in contacts]

    def answer(self, seen):
        if "properties" in seen.path:
            return self.reply(200, {"results": [{"name": name, "type": "string"} for name in NAMES]})
        ids = [each.get("id") for each in seen.json["inputs"]]
        if seen.path.endswith("/contacts/batch/read") or seen.path.endswith("/0-136/batch/read"):
            return self.read(ids, {each: {} for each in self.contacts})
        if seen.path.endswith("/tasks/batch/read") and "associations" not in seen.path:
            return self.read(ids, {number: properties for number, (_, properties) in self.tasks.items()})
        if "associations" in seen.path:
            return self.associations(ids)
        assert seen.path.endswith("/tasks/batch/create")
        return self.create(seen.json["inputs"])

    def read(self, ids, held):
        found = [{"id": each, "properties": held[each]} for each in ids if each in held]
        missing = [each for each in ids if each not in held]
        errors = [{"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": missing}}] if missing else []
        return self.reply(207 if errors else 200, {"results": found, "errors": errors})

    def associations(self, ids):
        if self.creations and self.blind > 0:
            self.blind -= 1
            return self.reply(200, {"results": []})
        results = []
        for contact in ids:
            to = [
                {"toObjectId": int(n), "associationTypes": []}
                for n, (owners, _) in self.tasks.items()
                if contact in owners
            ]
            if to:
                results.append({"from": {"id": contact}, "to": to[::-1]})
        return self.reply(200, {"results": results})

    def create(self, inputs):
        self.creations.append(inputs)
        contact_of = {each["objectWriteTraceId"]: each["associations"][0]["to"]["id"] for each in inputs}
        self.contacts -= self.leaving
        bad = {trace for trace, contact in contact_of.items() if contact in self.refused | self.leaving}
        if bad and self.whole:
            return self.reply(400, {"category": "VALIDATION_ERROR", "message": "no, says ann@example.com"})
        results, errors = [], []
        for each in inputs:
            trace = each["objectWriteTraceId"]
            named = {"objectWriteTraceId": [trace]} if self.traces else {}
            if trace in bad:
                errors.append(
                    {"category": "VALIDATION_ERROR", "message": "no, says ann@example.com", "context": named}
                )
                continue
            number = str(900 + len(self.tasks))
            self.tasks[number] = ([contact_of[trace]], each["properties"])
            told = {"objectWriteTraceId": trace} if self.traces else {}
            told |= {} if trace in self.nameless else {"id": number}
            results.append({"properties": each["properties"], **told})
        if self.lose:
            self.lose -= 1
            return self.reply(201, drop=True)
        return self.reply(
            207 if errors else 201, {"results": results[::-1] if self.traces else results, "errors": errors}
        )


def task(contact, subject="Take over", **more):
    return Creation(contact, {"hs_task_subject": subject, "hs_timestamp": DUE, **more}, ("hs_task_subject",))


def create(connector, *creations, object_name="tasks", leads_object="contacts"):
    return connector.create(object_name, leads_object, creations)


def told(results):
    return [(each.lead, each.outcome, each.id) for each in results]


def test_what_is_there_is_found_through_associations_and_the_rest_made(forge, reply, connect):
    portal = Portal(forge, reply, "1", "2", "3")
    portal.put("70", ["1", "2"], "Something else")
    portal.put("71", ["2"], "Take over")
    results = create(connect(forge.url), task("1"), task("2"), task("3"), task("9"), task("3"))
    assert told(results) == [
        ("1", "made", "902"),
        ("2", "there", "71"),
        ("3", "made", "903"),
        ("9", "gone", None),
        ("3", "there", "903"),
    ]
    assert [portal.of(each) for each in "123"] == [
        ["Something else", "Take over"],
        ["Something else", "Take over"],
        ["Take over"],
    ]
    assert not [seen for seen in forge.seen if "search" in seen.path]
    (inputs,) = portal.creations
    assert inputs[0] == {
        "objectWriteTraceId": "row-0",
        "properties": {"hs_task_subject": "Take over", "hs_timestamp": DUE},
        "associations": [
            {
                "to": {"id": "1"},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}],
            }
        ],
    }


@pytest.mark.parametrize("torn", [None, [], "text"])
def test_beside_a_task_whose_properties_are_torn_none_is_made_that_it_may_be(forge, reply, connect, torn):
    portal = Portal(forge, reply, "1", "2")
    portal.put("70", ["1"], "Take over")
    whole = portal.read

    def read(ids, held):
        return whole(ids, {each: torn if each == "70" else properties for each, properties in held.items()})

    portal.read = read
    results = create(connect(forge.url), task("1"), task("2"))
    assert told(results) == [("1", "uncertain", None), ("2", "made", "901")]
    assert results[0].message == "what is there already could not be read"
    assert portal.of("1") == ["Take over"]


def test_a_time_is_known_in_whatever_way_it_is_written(forge, reply, connect):
    portal = Portal(forge, reply, "1")
    portal.put("70", ["1"], "Take over")
    both = Creation("1", {"hs_task_subject": "Take over", "hs_timestamp": DUE}, ("hs_task_subject", "hs_timestamp"))
    assert told(create(connect(forge.url), both)) == [("1", "there", "70")]


@pytest.mark.parametrize(
    ("object_name", "leads_object", "number"),
    [("tasks", "contacts", 204), ("0-27", "0-1", 204), ("tasks", "0-136", 647), ("calls", "contacts", 194)],
)
def test_the_association_goes_from_the_activity_to_its_lead(forge, reply, connect, object_name, leads_object, number):
    sent = []

    def answer(seen):
        if "properties" in seen.path:
            return reply(200, {"results": [{"name": name, "type": "string"} for name in NAMES]})
        if seen.path.endswith("create"):
            sent.append((seen.path, seen.json["inputs"][0]["associations"][0]["types"]))
            return reply(201, {"results": [{"id": "900", "properties": {}}]})
        if "associations" in seen.path:
            return reply(200, {"results": []})
        return reply(200, {"results": [{"id": "1", "properties": {}}]})

    forge.answer = answer
    results = create(connect(forge.url), task("1"), object_name=object_name, leads_object=leads_object)
    assert told(results) == [("1", "made", "900")]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]
    assert sent == [(f"/crm/v3/objects/{object_name}/batch/create", types)]


@pytest.mark.parametrize(
    ("object_name", "leads_object"),
    [("deals", "contacts"), ("tasks", "companies"), ("emails", "0-136"), ("contacts", "contacts")],
)
def test_other_objects_are_told_to_be_beyond_it(forge, connect, object_name, leads_object):
    with pytest.raises(UsageError, match=f"cannot make {object_name} that belong to {leads_object}"):
        create(connect(forge.url), task("1"), object_name=object_name, leads_object=leads_object)
    assert forge.seen == []


def test_form_submissions_cannot_be_made(forge, connect):
    with pytest.raises(UsageError, match="only be pulled"):
        create(connect(forge.url), task("1"), object_name="form_submissions")


def test_a_property_that_is_none_is_told_before_anything_is_sent(forge, reply, connect):
    portal = Portal(forge, reply, "1")
    with pytest.raises(UsageError, match="hs_task_subjekt"):
        create(connect(forge.url), task("1", hs_task_subjekt="x"))
    assert portal.creations == []


def test_a_refused_row_is_alone_in_hubspots_words(forge, reply, connect):
    portal = Portal(forge, reply, "1", "2", "3")
    portal.refused = {"2"}
    results = create(connect(forge.url), task("1"), task("2"), task("3"))
    assert [each.outcome for each in results] == ["made", "refused", "made"]
    assert results[1].message == "no, says [e-mail]"


def test_a_batch_refused_as_a_whole_is_halved_down_to_the_bad_row(forge, reply, connect):
    contacts = [str(n) for n in range(1, 101)]
    portal = Portal(forge, reply, *contacts)
    portal.refused, portal.whole = {"37"}, True
    results = create(connect(forge.url), *map(task, contacts))
    assert [each.lead for each in results] == contacts
    assert [each.lead for each in results if each.outcome != "made"] == ["37"]
    assert [portal.of(each) for each in contacts if each != "37"] == [["Take over"]] * 99
    assert len(portal.creations) < 16


def test_a_contact_that_left_between_reading_and_making_is_gone(forge, reply, connect):
    portal = Portal(forge, reply, "1", "2")
    portal.leaving = {"2"}
    assert told(create(connect(forge.url), task("1"), task("2"))) == [("1", "made", "900"), ("2", "gone", None)]


def test_results_without_a_trace_are_found_by_reading(forge, reply, connect):
    portal = Portal(forge, reply, "1", "2", "3")
    portal.traces = False
    assert told(create(connect(forge.url), task("1"), task("2"), task("3"))) == [
        ("1", "made", "900"),
        ("2", "made", "901"),
        ("3", "made", "902"),
    ]
    assert len(portal.creations) == 1


def test_a_result_without_an_id_is_found_by_reading(forge, reply, connect):
    portal = Portal(forge, reply, "1", "2")
    portal.nameless = {"row-0"}
    assert told(create(connect(forge.url), task("1"), task("2"))) == [("1", "made", "900"), ("2", "made", "901")]
    assert len(portal.creations) == 1


def test_a_refusal_without_a_trace_leaves_open_whose_it_is(forge, reply, connect):
    portal = Portal(forge, reply, "1", "2", "3")
    portal.traces, portal.refused = False, {"2"}
    results = create(connect(forge.url, attempts=2), task("1"), task("2"), task("3"))
    assert [each.outcome for each in results] == ["made", "uncertain", "made"]
    assert len(portal.creations) == 1


@pytest.mark.parametrize(("blind", "outcome"), [(0, "made"), (2, "made"), (99, "uncertain")])
def test_after_a_lost_answer_it_reads_again_and_never_sends_twice(forge, reply, connect, blind, outcome):
    portal = Portal(forge, reply, "1", "2")
    portal.lose, portal.blind = 1, blind
    results = create(connect(forge.url, attempts=4), task("1"), task("2"))
    assert [each.outcome for each in results] == [outcome] * 2
    assert len(portal.creations) == 1
    assert [portal.of(each) for each in "12"] == [["Take over"]] * 2


@pytest.mark.parametrize("status", [429, 423, 503])
def test_what_was_surely_not_taken_is_sent_again(forge, reply, connect, status):
    portal = Portal(forge, reply, "1")
    calm, busy = portal.answer, [True]

    def answer(seen):
        if seen.path.endswith("create") and busy:
            busy.pop()
            return reply(status, {"message": "busy"})
        return calm(seen)

    forge.answer = answer
    assert told(create(connect(forge.url), task("1"))) == [("1", "made", "900")]
    forge.answer = lambda seen: reply(status, {}) if seen.path.endswith("create") else calm(seen)
    with pytest.raises(CrmUnreachable):
        create(connect(forge.url, attempts=2), task("1", "Another"))


def test_many_tasks_of_one_contact_are_read_page_by_page(forge, reply, connect):
    portal = Portal(forge, reply, "1")
    for number in range(100, 350):
        portal.put(str(number), ["1"], f"Task {number}")
    calm, paths = portal.answer, []

    def answer(seen):
        paths.append(seen.path)
        if "associations" not in seen.path:
            return calm(seen)
        (wanted,) = seen.json["inputs"]
        start = int(wanted.get("after", 0))
        to = [{"toObjectId": str(number)} for number in range(100, 350)][start : start + 100]
        paging = {"paging": {"next": {"after": str(start + 100)}}} if start + 100 < 250 else {}
        return reply(200, {"results": [{"from": {"id": "1"}, "to": to, **paging}]})

    forge.answer = answer
    results = create(connect(forge.url), task("1", "Task 349"))
    assert told(results) == [("1", "there", "349")]
    assert sum("associations" in path for path in paths) == 3


def test_more_than_a_batch_is_a_mistake(forge, connect):
    with pytest.raises(ValueError, match="100"):
        create(connect(forge.url), *(task(str(n)) for n in range(101)))
