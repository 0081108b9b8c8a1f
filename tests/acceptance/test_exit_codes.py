"""Exit codes: guards, several connections, records that are refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from rehearsal import CRMS, READ_BY_ID, Rehearsal, personal_data, told_in
from small_world import NATIVE
from spoiling import CHANGES, LEADS, check_words, check_works, replace, set_guards, set_options


def test_a_guard_is_breached_above_its_limit_only(here: Rehearsal) -> None:
    def asked(code: int, *arguments: str, **guards: Any) -> dict[str, Any]:
        set_guards(here, **guards)
        answer = here.json("run", "salesforce", "--dry-run", *arguments, code=code)
        plan: dict[str, Any] = answer["plans"][0]
        assert len(plan["changes"]) == CHANGES, "the plan is told, breached or not"
        assert any(guard["breached"] for guard in plan["guards"]) == (code == 3)
        return plan

    share = CHANGES / LEADS
    asked(0, changed_share=share, floor=0)
    plan = asked(3, changed_share=share - 0.001, floor=0)
    reading = {"name": "changed_share", "value": share, "limit": share - 0.001, "breached": True}
    assert plan["guards"][0].items() >= reading.items()
    asked(3, changed_share=0.0, floor=CHANGES)
    asked(0, changed_share=0.0, floor=CHANGES + 1)
    asked(0, "--allow-changes", str(CHANGES), changed_share=0.0, floor=0)
    asked(3, "--allow-changes", str(CHANGES - 1), changed_share=1.0, floor=50)
    asked(0, changed_share=0.0)  # the default floor: plans below 50 changes are never stopped


@pytest.mark.breadth
def test_a_breached_guard_names_the_way_on(here: Rehearsal, shared: Rehearsal) -> None:
    set_guards(here, changed_share=0.5, floor=0)
    for arguments in ([], ["--dry-run"]):
        done = here.crmsync("run", "salesforce", *arguments)
        assert done.returncode == 3
        head = done.stdout.split("records read")[0]
        assert f"Guard changed_share: {100 * CHANGES / LEADS:.0f} % of the leads, limit 50 %" in head
        assert f"crmsync run salesforce --allow-changes {CHANGES}" in head
        assert "lead → sqo" in done.stdout
    check_works(here, "salesforce", right=shared)


@pytest.mark.breadth
def test_codes_of_several_connections(here: Rehearsal) -> None:
    """2 before 1 before 3; every connection is tried."""
    set_options(here, attempts=1)
    set_guards(here, changed_share=0.5, floor=0)
    wrong = {"CRMSYNC_SALESFORCE_CLIENT_SECRET": "very-invalid-secret"}
    answer = here.json("run", "--dry-run", code=3)
    assert [plan["connection"] for plan in answer["plans"]] == list(CRMS)

    done = here.crmsync("run", "--dry-run", "--format", "json", env=wrong)
    assert done.returncode == 1
    check_words(done, here, "salesforce: ", "refused")
    answer = json.loads(done.stdout)
    assert [plan["connection"] for plan in answer["plans"]] == ["hubspot"]
    assert [(error["connection"], error["exit_code"]) for error in answer["errors"]] == [("salesforce", 1)]

    replace(here, "mappings/hubspot.yaml", "field: budget", "field: budgt")
    done = here.crmsync("run", "--dry-run", "--format", "json", env=wrong)
    assert done.returncode == 2
    check_words(done, here, "salesforce: ", "refused", "hubspot: ", "`budgt`")
    answer = json.loads(done.stdout)
    assert answer["plans"] == []
    assert {error["connection"]: error["exit_code"] for error in answer["errors"]} == {"salesforce": 1, "hubspot": 2}


VALIDATION_RULE = {
    "object": "Lead",
    "condition": "Status = 'Sales Qualified'",
    "message": "Sales Qualified needs an approval",
    "field": "Status",
}


def outcomes(plan: Mapping[str, Any]) -> dict[str, str]:
    """Native id → outcome."""
    return {change["lead"]: change["outcome"] for change in plan["changes"]}


@pytest.mark.breadth
def test_a_guard_stops_one_connection_and_a_rule_one_record_of_another(own: Rehearsal) -> None:
    """3 before 4: what a guard stops is not written, what is refused leaves the rest written; all comes later."""
    guards = {"changed_share": 0.5, "floor": 0}
    own.change("crmsync.yaml", lambda data: data["connections"]["hubspot"].update(guards=guards))
    own.control("salesforce", "switches", "PUT", {"validation_rules": [VALIDATION_RULE]})
    sql = own.native("salesforce")["sql-1"]
    done = own.crmsync("run", "--format", "json")
    assert done.returncode == 3
    plans = {plan["connection"]: plan for plan in json.loads(done.stdout)["plans"]}
    assert outcomes(plans["salesforce"]).pop(sql) == "refused"
    assert Counter(outcomes(plans["salesforce"]).values()) == {"written": CHANGES - 1, "refused": 1}
    (refused,) = (change for change in plans["salesforce"]["changes"] if change["lead"] == sql)
    assert "needs an approval" in refused["message"]
    assert sql not in {entry["id"] for entry in own.writes("salesforce")}
    assert set(outcomes(plans["hubspot"]).values()) == {"not_reached"}, "of a run that a guard has stopped"
    assert own.writes("hubspot") == []

    own.control("salesforce", "switches", "PUT", {"validation_rules": []})
    plans = {plan["connection"]: plan for plan in own.json("run", "--allow-changes", str(CHANGES))["plans"]}
    assert outcomes(plans["salesforce"]) == {sql: "written"}
    assert Counter(outcomes(plans["hubspot"]).values()) == {"written": CHANGES}
    for crm in CRMS:  # the turn of the refused hand-off was given back: two hand-offs, one for each AE
        owners = {lead["id"]: lead["owner"] for lead in own.state(crm)["leads"]}
        assert {owners["sql-1"], owners["sqo-1"]} == {"ae-1", "ae-2"}


@pytest.mark.breadth
def test_records_that_are_refused_are_told_and_written_later(own: Rehearsal) -> None:
    """An AE who leaves between the plan and its writes: exit 4; the next run gives their leads to somebody else."""
    own.json("run", "--dry-run")
    with own.meanwhile(READ_BY_ID, lambda crm: own.edit(crm, users=[{"id": "ae-1", "active": False}])):
        done = own.crmsync("run", "--format", "json")
    assert done.returncode == 4
    plans = {plan["connection"]: plan for plan in json.loads(done.stdout)["plans"]}
    for crm in CRMS:
        native = {id_: lead for lead, id_ in own.native(crm).items()}
        told = {native[lead]: outcome for lead, outcome in outcomes(plans[crm]).items()}
        assert Counter(told.values()) == {"written": CHANGES - 1, "refused": 1}
        (refused,) = (lead for lead, outcome in told.items() if outcome == "refused")
        assert refused in {"sql-1", "sqo-1"}
        assert own.lead(crm, refused)["owner"] == "bdr-1"
        assert own.lead(crm, refused)["stage"] == NATIVE[crm]["lead"], "half a change was written"
    assert told_in(done.stderr, personal_data(own.state("hubspot"))) == []
    for plan in own.json("run")["plans"]:
        assert list(outcomes(plan).values()) == ["written"] * 2
    for crm in CRMS:
        for lead in ("sql-1", "sqo-1", "done-sqo"):
            assert own.lead(crm, lead)["owner"] == "ae-2"
            assert own.lead(crm, lead)["stage"] == NATIVE[crm]["sql" if lead == "sql-1" else "sqo"]
