"""Outcomes of writes, forged where a portal gives them seldom."""

from __future__ import annotations

import json

import pytest

from crmsync.contract import Write

STAGES = ["subscriber", "lead", "94943285", "opportunity"]
DEFINITIONS = {
    "results": [
        {
            "name": "lifecyclestage",
            "type": "enumeration",
            "options": [{"value": value, "label": value, "displayOrder": n} for n, value in enumerate(STAGES)],
        },
        {"name": "hubspot_owner_id", "type": "enumeration"},
    ]
}


class Portal:
    """Contacts that take updates as HubSpot does: forward only, and each refusal in its own way."""

    def __init__(self, forge, reply, **stages):
        self.stages = {number.lstrip("c"): stage for number, stage in stages.items()}
        self.reply = reply
        self.batches = []
        self.bad_ids = set()
        self.refuse_as_a_whole = False
        self.refused_values = set()
        forge.answer = self.answer

    def answer(self, seen):
        if "properties" in seen.path:
            return self.reply(200, DEFINITIONS)
        if "batch/read" in seen.path:  # this portal tells no histories
            return self.reply(400, {"category": "VALIDATION_ERROR", "message": "no histories here"})
        inputs = seen.json["inputs"]
        self.batches.append({each["id"]: each["properties"] for each in inputs})
        refused = [
            each
            for each in inputs
            if each["id"] in self.bad_ids or set(each["properties"].values()) & self.refused_values
        ]
        if refused and self.refuse_as_a_whole:
            return self.reply(
                400, {"category": "VALIDATION_ERROR", "message": "Property values were not valid: " + self.problem()}
            )
        results, errors = [], []
        for each in inputs:
            if each in refused:
                errors.append(
                    {
                        "status": "error",
                        "category": "VALIDATION_ERROR",
                        "message": "Property values were not valid: " + self.problem(),
                        "context": {"objectWriteTraceId": [each["objectWriteTraceId"]]},
                    }
                )
            elif each["id"] not in self.stages:
                errors.append(
                    {
                        "status": "error",
                        "category": "OBJECT_NOT_FOUND",
                        "message": "gone",
                        "context": {"ids": [each["id"]]},
                    }
                )
            else:
                self.take(each)
                results.append({"id": each["id"], "properties": {"lifecyclestage": self.stages[each["id"]]}})
        return self.reply(
            207 if errors else 200, {"results": results[::-1], "errors": errors, "numErrors": len(errors)}
        )

    def take(self, each):
        new, old = each["properties"].get("lifecyclestage"), self.stages[each["id"]]
        if new is not None and (not new or not old or STAGES.index(new) >= STAGES.index(old)):
            self.stages[each["id"]] = new

    def problem(self):
        return json.dumps(
            [
                {
                    "isValid": False,
                    "message": "owner 4711471147 is no owner; ask jane@example.com",
                    "name": "hubspot_owner_id",
                }
            ]
        )


def stage(number, new, old, **more):
    return Write(number, {"lifecyclestage": new, **more}, {"lifecyclestage": old})


def test_one_batch_with_a_trace_for_every_row(forge, reply, connect):
    portal = Portal(forge, reply, c1="lead", c2="")
    results = connect(forge.url).push("contacts", [stage("1", "opportunity", "lead"), stage("2", "lead", None)])
    assert [(each.id, each.outcome) for each in results] == [("1", "accepted"), ("2", "accepted")]
    assert portal.stages == {"1": "opportunity", "2": "lead"}
    assert len(portal.batches) == 1
    (sent,) = [each.json["inputs"] for each in forge.seen if "batch/update" in each.path]
    assert len({each["objectWriteTraceId"] for each in sent}) == 2


def test_a_bad_row_is_refused_alone_in_hubspots_words(forge, reply, connect):
    portal = Portal(forge, reply, c1="lead", c2="lead", c3="lead")
    portal.bad_ids = {"2"}
    results = connect(forge.url).push(
        "contacts", [Write(n, {"hubspot_owner_id": "4711471147"}, {}) for n in ("1", "2", "3")]
    )
    assert [each.outcome for each in results] == ["accepted", "refused", "accepted"]
    assert "owner 4711471147 is no owner" in results[1].message
    assert "jane" not in results[1].message


def test_a_batch_refused_as_a_whole_is_halved_down_to_the_bad_row(forge, reply, connect):
    portal = Portal(forge, reply, **{f"c{n}": "lead" for n in range(1, 101)})
    portal.bad_ids = {"37"}
    portal.refuse_as_a_whole = True
    writes = [stage(str(n), "opportunity", "lead") for n in range(1, 101)]
    results = connect(forge.url).push("contacts", writes)
    assert [each.id for each in results if each.outcome != "accepted"] == ["37"]
    assert [each.id for each in results] == [write.id for write in writes]
    assert sum(stage == "opportunity" for stage in portal.stages.values()) == 99
    assert len(portal.batches) <= 15


def test_a_deleted_record_is_gone(forge, reply, connect):
    Portal(forge, reply, c1="lead")
    results = connect(forge.url).push(
        "contacts", [stage("1", "opportunity", "lead"), stage("2", "opportunity", "lead")]
    )
    assert [each.outcome for each in results] == ["accepted", "gone"]


def test_a_merged_record_is_gone_and_names_the_winner(forge, reply, knowing):
    forge.answer = lambda seen: reply(
        200,
        {
            "results": [
                {"id": "50", "properties": {}, "objectWriteTraceId": seen.json["inputs"][0]["objectWriteTraceId"]}
            ]
        },
    )
    (result,) = knowing("hubspot_owner_id").push("contacts", [Write("2", {"hubspot_owner_id": "1"}, {})])
    assert result.outcome == "gone"
    assert "50" in result.message


def test_a_step_back_is_cleared_in_one_request_and_set_in_the_next(forge, reply, connect):
    portal = Portal(forge, reply, c1="opportunity", c2="lead", c3="94943285")
    results = connect(forge.url).push(
        "contacts",
        [
            stage("1", "lead", "opportunity", hubspot_owner_id="7"),
            stage("2", "opportunity", "lead"),
            stage("3", "subscriber", "94943285"),
        ],
    )
    assert [each.outcome for each in results] == ["accepted"] * 3
    assert portal.stages == {"1": "lead", "2": "opportunity", "3": "subscriber"}
    assert portal.batches == [
        {"2": {"lifecyclestage": "opportunity"}},
        {"1": {"lifecyclestage": ""}, "3": {"lifecyclestage": ""}},
        {"1": {"lifecyclestage": "lead", "hubspot_owner_id": "7"}, "3": {"lifecyclestage": "subscriber"}},
    ]


def test_a_stage_whose_place_is_not_known_is_cleared_first(forge, reply, connect):
    portal = Portal(forge, reply, c1="lead")
    connect(forge.url).push("contacts", [stage("1", "lead", "deleted-stage")])
    assert len(portal.batches) == 2


@pytest.mark.parametrize(("new", "old"), [(None, "lead"), ("lead", None), ("lead", "lead"), ("unknown", "lead")])
def test_no_clear_where_none_is_needed(forge, reply, connect, new, old):
    portal = Portal(forge, reply, c1="")
    portal.bad_ids = {"1"}
    connect(forge.url).push("contacts", [stage("1", new, old)])
    assert len(portal.batches) == 1
    assert portal.batches[0]["1"]["lifecyclestage"] == (new or "")


def test_a_refused_set_puts_the_old_stage_back(forge, reply, connect):
    portal = Portal(forge, reply, c1="opportunity")
    portal.refused_values = {"999"}
    (result,) = connect(forge.url).push("contacts", [stage("1", "lead", "opportunity", hubspot_owner_id="999")])
    assert result.outcome == "refused"
    assert "put back" not in result.message
    assert portal.stages == {"1": "opportunity"}


def test_a_stage_that_cannot_be_put_back_is_told(forge, reply, connect):
    portal = Portal(forge, reply, c1="opportunity")
    portal.refused_values = {"999", "opportunity"}
    (result,) = connect(forge.url).push("contacts", [stage("1", "lead", "opportunity", hubspot_owner_id="999")])
    assert result.outcome == "refused"
    assert "could not be put back" in result.message


def test_a_refused_clear_sets_nothing(forge, reply, connect):
    portal = Portal(forge, reply, c1="opportunity")
    portal.bad_ids = {"1"}
    (result,) = connect(forge.url).push("contacts", [stage("1", "lead", "opportunity")])
    assert result.outcome == "refused"
    assert len(portal.batches) == 1


def test_a_clear_whose_answer_is_lost_is_finished(forge, reply, connect):
    portal = Portal(forge, reply, c1="opportunity")
    calm, lost = portal.answer, [True, True]

    def answer(seen):
        done = calm(seen)
        if "update" in seen.path and lost:
            lost.pop()
            return reply(200, {}, drop=True)
        return done

    forge.answer = answer
    (result,) = connect(forge.url).push("contacts", [stage("1", "lead", "opportunity")])
    assert (result.outcome, portal.stages) == ("accepted", {"1": "lead"})


def test_a_row_without_a_word_is_asked_about_again_then_uncertain(forge, reply, knowing):
    def answer(seen):
        told = [each for each in seen.json["inputs"] if each["id"] == "1"]
        return reply(207, {"results": [{"id": each["id"], "properties": {}} for each in told], "errors": []})

    forge.answer = answer
    results = knowing("hubspot_owner_id").push(
        "contacts", [Write(n, {"hubspot_owner_id": "1"}, {}) for n in ("1", "2", "3")]
    )
    assert [each.outcome for each in results] == ["accepted", "uncertain", "uncertain"]


def test_a_refusal_that_names_nobody_falls_to_the_only_one_left(forge, reply, knowing):
    forge.answer = lambda seen: reply(
        207,
        {"results": [{"id": "1", "properties": {}}], "errors": [{"category": "VALIDATION_ERROR", "message": "no"}]},
    )
    results = knowing("hubspot_owner_id").push(
        "contacts", [Write(n, {"hubspot_owner_id": "1"}, {}) for n in ("1", "2")]
    )
    assert [(each.outcome, each.message) for each in results] == [("accepted", ""), ("refused", "VALIDATION_ERROR")]


def test_two_writes_to_one_record_go_in_two_requests(forge, reply, connect):
    portal = Portal(forge, reply, c1="lead")
    results = connect(forge.url).push(
        "contacts", [Write("1", {"hubspot_owner_id": "1"}, {}), Write("1", {"hubspot_owner_id": "2"}, {})]
    )
    assert [each.outcome for each in results] == ["accepted", "accepted"]
    assert [batch["1"]["hubspot_owner_id"] for batch in portal.batches] == ["1", "2"]


def test_more_than_a_batch_is_a_mistake(forge, connect):
    with pytest.raises(ValueError, match="100"):
        connect(forge.url).push("contacts", [Write(str(n), {"a": "b"}, {}) for n in range(101)])


def test_nothing_to_write_makes_no_call(forge, connect):
    assert connect(forge.url).push("contacts", []) == []
    assert forge.seen == []
