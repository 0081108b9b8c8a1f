"""The hand-off as a process, on both practice CRMs: task, answer, return, first touch, reminder, next receiver."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world
from sqlalchemy import text

from crmsync.store import Store
from crmsync.store.tables import hand_offs

MAPPED: Mapping[str, Mapping[str, Any]] = {
    "salesforce": {
        "bdr": "Bdr__c",
        "response": {"field": "Hand_Off_Response__c", "accepted": "accepted", "returned": "returned"},
        "return_reason": "Hand_Off_Return_Reason__c",
        "task": {
            "object": "Task",
            "subject": "Subject",
            "body": "Description",
            "owner": "OwnerId",
            "due": "ActivityDate",
            "set": {"Status": "Not Started", "Priority": "High"},
        },
    },
    "hubspot": {
        "bdr": "bdr",
        "response": {"field": "hand_off_response", "accepted": "accepted", "returned": "returned"},
        "return_reason": "hand_off_return_reason",
        "task": {
            "object": "tasks",
            "subject": "hs_task_subject",
            "body": "hs_task_body",
            "owner": "hubspot_owner_id",
            "due": {"field": "hs_timestamp", "type": "datetime"},
            "set": {"hs_task_status": "NOT_STARTED", "hs_task_priority": "HIGH"},
        },
    },
}
TASK = {"subject": "Call the buyer"}
SOON = 24
"""Hours of the roster's round-the-clock receivers."""


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as here:
        for crm in CRMS:
            here.change(f"mappings/{crm}.yaml", lambda mapping, crm=crm: mapping.update(hand_off=MAPPED[crm]))
        yield here


def process(here: Rehearsal, **rules: Any) -> None:
    """The policy's hand-off stays at its stage and becomes a process."""
    here.change("policy.yaml", lambda policy: policy.update(hand_off={"stage": "sql", **rules}))


def plans(here: Rehearsal, *arguments: str, code: int | Sequence[int] = 0) -> dict[str, dict[str, Any]]:
    """Connection → lead (import id) → change."""
    answer = here.json("run", *arguments, code=code)
    names = {crm: {native: lead for lead, native in here.native(crm).items()} for crm in CRMS}
    return {
        plan["connection"]: {names[plan["connection"]][change["lead"]]: change for change in plan["changes"]}
        for plan in answer["plans"]
    }


def owners(here: Rehearsal, crm: str) -> dict[str, str | None]:
    return {lead["id"]: lead["owner"] for lead in here.state(crm)["leads"]}


def tasks(here: Rehearsal, crm: str, lead: str) -> list[dict[str, Any]]:
    """Tasks on the lead, oldest first."""
    found = [each for each in here.state(crm)["activities"] if each["lead"] == lead and each["kind"] == "task"]
    return sorted(found, key=lambda each: each["native_id"])


def attributes(here: Rehearsal, crm: str, lead: str) -> dict[str, Any]:
    found: dict[str, Any] = here.lead(crm, lead)["attributes"]
    return found


def let_pass(here: Rehearsal, hours: float) -> None:
    """Everything was handed off so much earlier than it was."""
    with closing(Store(here.store)) as store, store._database.writing() as at:
        at.execute(hand_offs.update().values(handed_at=hand_offs.c.handed_at - int(hours * 3600 * 1_000_000)))


HANDED = {"sql-1", "sqo-1"}


def test_a_hand_off_records_who_handed_off_and_makes_one_task(crms: Rehearsal) -> None:
    process(crms, task=TASK)
    planned = plans(crms, "--dry-run")
    for crm in CRMS:
        assert not any(tasks(crms, crm, lead) for lead in HANDED)
    done = plans(crms)
    for crm in CRMS:
        bdr = crms.native(crm, "users")["bdr-1"]
        assert {lead for lead, change in done[crm].items() if change["creates"]} == HANDED
        for lead in HANDED:
            change = done[crm][lead]
            assert (change["outcome"], change["hand_off"]["move"], change["hand_off"]["bdr"]) == (
                "written",
                "handed",
                bdr,
            )
            assert {**planned[crm][lead], "outcome": "written", "may_be_written": False} == change, (
                "what was shown is what was written"
            )
            [task] = tasks(crms, crm, lead)
            assert task["subject"] == "Call the buyer (hand-off 1)"
            assert task["by"] == owners(crms, crm)[lead]
            assert attributes(crms, crm, lead)["bdr"] == bdr
    assert plans(crms, "--full") == {crm: {} for crm in CRMS}, "its own task is no evidence, and none is made twice"


@pytest.mark.breadth
def test_a_returned_lead_goes_back_and_is_handed_off_again_when_the_answer_is_taken_back(crms: Rehearsal) -> None:
    process(crms, task=TASK, returned={"to": "bdr"})
    plans(crms)
    first = {crm: owners(crms, crm)["sql-1"] for crm in CRMS}
    for crm in CRMS:
        answer(crms, crm, "sql-1", "returned", hand_off_return_reason="wrong region")
    back = plans(crms)
    for crm in CRMS:
        assert set(back[crm]) == {"sql-1"}
        change = back[crm]["sql-1"]
        assert change["hand_off"] == {
            "move": "returned",
            "attempt": 1,
            "bdr": crms.native(crm, "users")["bdr-1"],
            "reason": "wrong region",
            "answer": None,
        }
        assert owners(crms, crm)["sql-1"] == "bdr-1"
        assert attributes(crms, crm, "sql-1")["hand_off_response"] == "returned", "the answer stays the receiver's"
    assert plans(crms) == {crm: {} for crm in CRMS}, "it waits"
    assert plans(crms, "--full") == {crm: {} for crm in CRMS}
    for crm in CRMS:
        answer(crms, crm, "sql-1", None, by="bdr-1")
    again = plans(crms)
    for crm in CRMS:
        change = again[crm]["sql-1"]
        assert (change["hand_off"]["move"], change["hand_off"]["attempt"]) == ("handed", 2)
        assert [task["subject"] for task in tasks(crms, crm, "sql-1")] == [
            "Call the buyer (hand-off 1)",
            "Call the buyer (hand-off 2)",
        ]
        assert owners(crms, crm)["sql-1"] in {"ae-1", "ae-2"}
        told = json.loads(crms.crmsync("explain", crm, crms.native(crm)["sql-1"], "--format", "json").stdout)
        assert [(each["attempt"], each["state"], each["reason"]) for each in told["hand_offs"]] == [
            (1, "returned", "wrong region"),
            (2, "waiting", None),
        ]
        assert told["owner_move"]["owner"] == crms.native(crm, "users")[str(owners(crms, crm)["sql-1"])]
        assert told["owner_move"]["counter"]["after"] == told["owner_move"]["counter"]["before"] + 1
        assert {each["user"] for each in told["owner_move"]["passed_over"]} == {
            native for name, native in crms.native(crm, "users").items() if name in {"ae-1", "ae-2", "ae-gone"}
        } - {told["owner_move"]["owner"]}
        words = crms.crmsync("explain", crm, crms.native(crm)["sql-1"]).stdout
        assert "How the owner was found" in words
        assert "because: wrong region" in words
    assert {owners(crms, crm)["sql-1"] for crm in CRMS} == {owners(crms, "salesforce")["sql-1"]}
    assert first["salesforce"] == first["hubspot"]
    assert plans(crms) == {crm: {} for crm in CRMS}
    reports_tell_what_came_back(crms)


def reports_tell_what_came_back(here: Rehearsal) -> None:
    """The sales report, the scorecard and the list of hand-offs, each on both CRMs."""
    for report in here.json("report", "sales")["connections"]:
        told = report["all"]
        assert (told["returned"]["part"], told["returned"]["of"], told["returned"]["few"]) == (1, 1, True)
        assert told["reasons"] == [{"reason": "wrong region", "hand_offs": 1}]
        by = {each["name"]: each["groups"] for each in report["by"]}
        assert sum(group["handed"] for group in by["receiver"]) == told["handed"] > 1
        counted = counted_by_receiver(here, report["connection"])
        assert {
            group["name"]: (group["handed"], group["waiting"], group["accepted"]["part"], group["returned"]["part"])
            for group in by["receiver"]
        } == counted
        [listed] = here.json("report", "hand-offs", report["connection"])["connections"]
        assert {it["receiver"]: (it["handed"], it["waiting"], it["returned"]) for it in listed["receivers"]} == {
            who: (handed, waiting, returned) for who, (handed, waiting, _, returned) in counted.items()
        }
        assert {group["label"] for group in by["receiver"]} <= set(report_names(here))
    for report in here.json("report", "scorecard", "--by", "kind")["connections"]:
        for way in report["cards"][0]["ways"]:
            assert sum(line["handed"] for line in way["lines"]) == pytest.approx(report["handed"], abs=1e-4)
            reasons = [each for line in way["lines"] for each in line["reasons"]]
            assert {each["reason"] for each in reasons} == {"wrong region"}
            assert sum(each["credit"] for each in reasons) == pytest.approx(1, abs=1e-4)
    rows = list(csv.DictReader(io.StringIO(here.crmsync("report", "hand-offs", "--format", "csv").stdout)))
    listed = [each for one in here.json("report", "hand-offs")["connections"] for each in one["hand_offs"]]
    assert [(row["lead"], row["state"]) for row in rows] == [(each["lead"], each["state"]) for each in listed]
    page = here.crmsync("report", "hand-offs", "--format", "html").stdout
    assert "wrong region" in page and '<figure class="chart"' in page


def counted_by_receiver(here: Rehearsal, connection: str) -> dict[str, tuple[int, int, int, int]]:
    """Handed, waiting, accepted and returned: by a query of the store's rows, which no report shares."""
    query = text(
        "select receiver, count(*), "
        "sum(case when touched_at is null and accepted_at is null and returned_at is null and ended_at is null "
        "and queued_at is null then 1 else 0 end), "
        "sum(case when accepted_at is not null and returned_at is null then 1 else 0 end), "
        "sum(case when returned_at is not null then 1 else 0 end) "
        "from hand_offs join connections on connections.id = hand_offs.connection_id "
        "where connections.name = :name group by receiver"
    )
    with closing(Store(here.store)) as store, store._database.writing() as at:
        return {who: tuple(map(int, rest)) for who, *rest in at.execute(query, {"name": connection})}  # type: ignore[misc]


def report_names(here: Rehearsal) -> Iterator[str]:
    """What users are called."""
    for one in here.json("report", "load")["connections"]:
        yield from (person["name"] for person in one["people"])


def answer(here: Rehearsal, crm: str, lead: str, word: str | None, by: str | None = None, **more: Any) -> None:
    """The receiver (or `by`) answers in the mapped field."""
    by = by or owners(here, crm)[lead]
    here.edit(crm, by=by, leads=[{"id": lead, "attributes": {"hand_off_response": word, **more}}])


@pytest.mark.breadth
def test_a_returned_lead_goes_to_the_next_receiver_when_the_policy_says_so(crms: Rehearsal) -> None:
    process(crms, returned={"to": "next", "at_most": 1})
    crms.change("roster.yaml", lambda roster: roster.update(credit=["returned"]))
    plans(crms)
    first = {crm: owners(crms, crm)["sql-1"] for crm in CRMS}
    for crm in CRMS:
        answer(crms, crm, "sql-1", "returned")
    on = plans(crms)
    for crm in CRMS:
        change = on[crm]["sql-1"]
        assert (change["hand_off"]["move"], change["hand_off"]["attempt"]) == ("passed_on", 2)
        assert owners(crms, crm)["sql-1"] not in {first[crm], "bdr-1"}
        [passed] = [each for each in change["routing"]["passed_over"] if "gave it back" in each["why"]]
        assert passed["user"] == crms.native(crm, "users")[str(first[crm])]
        assert not attributes(crms, crm, "sql-1").get("hand_off_response"), "the next one has not answered yet"
        answer(crms, crm, "sql-1", "returned")
    stuck = crms.json("run")
    for plan in stuck["plans"]:
        assert plan["changes"] == []
        assert any("a person has to decide: 1" in note for note in plan["notes"])


@pytest.mark.breadth
def test_a_receiver_who_is_not_in_touch_is_reminded_once_and_then_loses_the_lead(crms: Rehearsal) -> None:
    in_time = {"within_hours": SOON, "remind_after_hours": SOON}
    process(crms, task=TASK, first_touch=in_time)
    plans(crms)
    first = {crm: owners(crms, crm) for crm in CRMS}
    let_pass(crms, 1.05 * SOON)
    for crm in CRMS:  # the one of sqo-1 calls; the one of sql-1 does not
        crms.edit(crm, activities=[touch("sqo-1", first[crm]["sqo-1"])])
    reminded = plans(crms)
    late = crms.json("report", "hand-offs", "--late")["connections"]
    for report in late:
        names = crms.native(report["connection"])
        states = {each["lead"]: each["state"] for each in report["hand_offs"]}
        assert states == {names["sql-1"]: "waiting", names["sqo-1"]: "in_touch"}, "the one who called was late too"
        assert [sum(each[name] for each in report["receivers"]) for name in ("handed", "waiting", "late")] == [
            2,
            1,
            2,
        ]
    for crm in CRMS:
        assert set(reminded[crm]) == {"sql-1"}
        change = reminded[crm]["sql-1"]
        assert (change["hand_off"]["move"], change["writes"], change["outcome"]) == ("reminded", {}, "written")
        assert [task["subject"] for task in tasks(crms, crm, "sql-1")][1:] == [
            "Reminder: Call the buyer (hand-off 1)"
        ]
    assert plans(crms) == {crm: {} for crm in CRMS}, "reminded once"
    let_pass(crms, 0.1 * SOON)
    process(crms, task=TASK, first_touch={**in_time, "reassign_after_hours": 1.1 * SOON})
    moved = plans(crms)
    for crm in CRMS:
        assert set(moved[crm]) == {"sql-1"}
        assert moved[crm]["sql-1"]["hand_off"]["move"] == "reassigned"
        assert owners(crms, crm)["sql-1"] not in {first[crm]["sql-1"], "bdr-1"}
        assert attributes(crms, crm, "sql-1")["bdr"] == crms.native(crm, "users")["bdr-1"], "who handed it off stays"


def touch(lead: str, by: str | None) -> dict[str, Any]:
    """A call by the receiver at this moment."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "id": f"{lead}-touch",
        "lead": lead,
        "kind": "call",
        "at": now,
        "direction": "outbound",
        "outcome": "connected",
        "by": by,
        "subject": "First call",
    }


@pytest.mark.breadth
def test_nothing_moves_an_owner_whom_a_person_set(crms: Rehearsal) -> None:
    process(crms, returned={"to": "next"}, first_touch={"within_hours": SOON, "reassign_after_hours": SOON})
    crms.change("policy.yaml", lambda policy: policy.setdefault("movement", {}).update(hands_off_days=30))
    plans(crms)
    for crm in CRMS:
        other = {"ae-1": "ae-2", "ae-2": "ae-1"}[str(owners(crms, crm)["sql-1"])]
        crms.edit(crm, by="bdr-2", leads=[{"id": "sql-1", "owner": other}])
        answer(crms, crm, "sql-1", "returned")
    for moved in ({"sqo-1"}, set()):  # from one receiver to the other, and then there is nobody
        let_pass(crms, 2 * SOON)
        assert {crm: set(its) for crm, its in plans(crms, code=(0, 4)).items()} == dict.fromkeys(CRMS, moved)
