"""More than one hand-over, on both practice CRMs: from a raw queue to BDRs, to AEs, and to a queue of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rehearsal import CRMS, Rehearsal, answer_schema, rehearsal, write_world
from small_world import DISQUALIFYING, USERS, activity, lead
from test_hand_off import MAPPED, answer, attributes, owners, plans, tasks

from crmsync.clock import now

QUEUES = ({"id": "queue-2", "type": "queue", "name": "Nurture", "email": None, "roles": [], "active": True},)
HAND_OVERS: list[dict[str, Any]] = [
    {
        "name": "to_bdr",
        "stage": "mql",
        "from": ["nobody", {"queue": "Unassigned Queue"}],
        "task": {"subject": "Qualify"},
    },
    {
        "name": "to_ae",
        "stage": "sql",
        "from": ["nobody", "queue", {"role": "bdr"}],
        "task": {"subject": "Get in touch"},
        "returned": {"to": "giver", "at_most": 2},
    },
    {"name": "nurture", "leaving": True},
]
RULES = {
    "to_bdr": [{"pool": "bdrs"}],
    "to_ae": [{"pool": "receivers"}],
    "nurture": [{"strategy": "queue", "queue": "Nurture"}],
}
WON = {"salesforce": "Nurturing", "hubspot": "customer"}


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Rehearsal]:
    """Leads lie in a raw queue, but for `new`, which is nobody's; `won` has left crmsync's stages."""
    names = ("lead", "mql-1", "mql-2", "sql-1", "bad")
    leads = [lead(name, owner="queue-1") for name in names] + [lead("new", owner=None)]
    leads[4]["attributes"] = DISQUALIFYING
    leads.append(lead("won", owner="ae-1", stage=WON))
    evidence = [
        activity("mql-1", "form_submission"),
        activity("mql-2", "form_submission"),
        activity("sql-1", "consultation_request"),
        activity("won", "form_submission"),
    ]
    world = write_world(tmp_path / "world", [*USERS, *QUEUES], leads, evidence)
    with rehearsal(tmp_path / "here", "--import", str(world)) as here:
        for crm in CRMS:
            here.change(f"mappings/{crm}.yaml", lambda mapping, crm=crm: mapping.update(hand_off=MAPPED[crm]))
        here.change("policy.yaml", lambda policy: policy.update(hand_overs=HAND_OVERS))
        here.change("policy.yaml", lambda policy: policy.pop("hand_off", None))
        here.change("roster.yaml", lambda roster: roster.update(rules=RULES))
        yield here


def nothing_left(here: Rehearsal) -> None:
    again = here.json("run", "--full", "--dry-run")
    assert [(plan["changes"], plan["set_aside"]) for plan in again["plans"]] == [([], []), ([], [])]


@pytest.mark.breadth
def test_bdrs_at_mql_aes_at_sql_and_nobody_below(crms: Rehearsal) -> None:
    done = crms.json("run")
    assert [plan["counts"]["nobody_yet"] for plan in done["plans"]] == [2, 2]
    for crm in CRMS:
        held = owners(crms, crm)
        assert {held["mql-1"], held["mql-2"]} == {"bdr-1", "bdr-2"}
        assert held["sql-1"] in {"ae-1", "ae-2"}
        assert (held["bad"], held["lead"], held["new"]) == ("queue-2", "queue-1", None)
        assert [each["subject"] for each in tasks(crms, crm, "mql-1")] == ["Qualify (to bdr 1)"]
    nothing_left(crms)


@pytest.mark.breadth
def test_from_hand_to_hand_back_and_undone(crms: Rehearsal) -> None:
    crms.json("run")
    bdr = {crm: owners(crms, crm)["mql-1"] for crm in CRMS}
    for crm in CRMS:
        crms.edit(crm, activities=[activity("mql-1", "consultation_request", now().isoformat())])
    second = plans(crms)
    for crm in CRMS:
        change = second[crm]["mql-1"]
        assert change["hand_off"]["hand_over"] == change["routing"]["hand_over"] == "to_ae"
        assert change["hand_off"]["bdr"] == crms.native(crm, "users")[str(bdr[crm])]
        assert owners(crms, crm)["mql-1"] in {"ae-1", "ae-2"}
        assert {each["subject"] for each in tasks(crms, crm, "mql-1")} == {
            "Qualify (to bdr 1)",
            "Get in touch (to ae 1)",
        }
        answer(crms, crm, "mql-1", "returned", hand_off_return_reason="too small")
    plans(crms)
    assert {crm: owners(crms, crm)["mql-1"] for crm in CRMS} == bdr
    nothing_left(crms)
    for crm in CRMS:
        assert attributes(crms, crm, "mql-1")["bdr"] == crms.native(crm, "users")[str(bdr[crm])]
        report = crms.json("report", "hand-offs", crm)["connections"][0]
        told = {
            (each["hand_over"], each["state"]) for each in report["hand_offs"] if each["lead"] == native(crms, crm)
        }
        assert told == {("to_bdr", "handed_on"), ("to_ae", "returned")}
        latest = max(
            int(run["id"])
            for run in crms.json("runs", crm)["runs"]
            if run["kind"] == "run" and run["counts"]["changes"]
        )
        crms.json("undo", str(latest))
        assert owners(crms, crm)["mql-1"] in {"ae-1", "ae-2"}


@pytest.mark.breadth
def test_what_is_nobodys_yet_is_told_everywhere(crms: Rehearsal) -> None:
    crms.json("run")
    for status in crms.json("status")["connections"]:
        assert (status["nobody_yet"], status["set_aside"], status["attention"]) == (2, 0, [])
    for crm in CRMS:
        assert crms.json("report", "load", crm)["connections"][0]["nobody_yet"] == 2
        ids = crms.native(crm)
        told = {}
        for name in ("lead", "new", "mql-1", "sql-1", "bad"):
            story = crms.json("explain", crm, ids[name])
            told[name] = (story["hand_over"], story["nobody_yet"])
        assert told == {
            "lead": (None, True),
            "new": (None, True),
            "mql-1": ("to_bdr", False),
            "sql-1": ("to_ae", False),
            "bad": ("nurture", False),
        }
        assert "nobody has it yet" in crms.crmsync("explain", crm, ids["new"]).stdout
    assert "2 nobody's yet" in crms.crmsync("run", "--dry-run", "--full").stdout


@pytest.mark.breadth
def test_a_saved_plan_with_several_hand_overs_is_written_as_it_is(crms: Rehearsal) -> None:
    crms.json("run", "--dry-run", "--out", "plan.json")
    crms.json("apply", "plan.json")
    for crm in CRMS:
        assert owners(crms, crm)["sql-1"] in {"ae-1", "ae-2"}
    nothing_left(crms)


@pytest.mark.breadth
def test_a_leavers_leads_go_by_the_hand_over_that_counts(crms: Rehearsal) -> None:
    crms.json("run")
    for crm in CRMS:
        held = owners(crms, crm)
        leavers = [crms.native(crm, "users")[str(held[name])] for name in ("mql-1", "sql-1")]
        crms.json("redistribute", crm, *(part for user in leavers for part in ("--from", user)))
        after = owners(crms, crm)
        assert {held["mql-1"], after["mql-1"]} == {"bdr-1", "bdr-2"}
        assert {held["sql-1"], after["sql-1"]} == {"ae-1", "ae-2"}


def test_mistakes_between_policy_and_roster_are_told_at_their_places(crms: Rehearsal) -> None:
    crms.change(
        "roster.yaml", lambda roster: roster.update(rules={"hand_off": [{"pool": "receivers"}], "to_bdrr": []})
    )
    crms.change(
        "policy.yaml", lambda policy: policy["hand_overs"][0].update({"from": [{"queue": "Unasigned Queue"}]})
    )
    findings = crms.json("check", code=2)["findings"]
    told = {finding["message"] for finding in findings}
    assert "`to_bdrr` is not known here" in told
    assert "no rule says to whom the hand-over `to_ae` goes" in told
    assert "with `hand_overs` in the policy, `hand_off` says nothing" in told
    crms.change("roster.yaml", lambda roster: roster.update(rules=RULES))
    findings = crms.json("check", code=2)["findings"]
    [queue] = [each for each in findings if each["message"].startswith("salesforce has no active queue")]
    assert (queue["file"], queue["hint"]) == ("policy.yaml", "did you mean `Unassigned Queue`?")


def native(here: Rehearsal, crm: str) -> str:
    return here.native(crm)["mql-1"]


def listed(here: Rehearsal, crm: str, kind: str, name: str, *options: str) -> dict[str, Any]:
    """A list's leads by their import ids, and its title."""
    names = {native: lead for lead, native in here.native(crm).items()}
    told = here.json("report", kind, crm, *options)["connections"][0]["lists"][name]
    return {"title": told["title"], **{names[each["lead"]]: each for each in told["leads"]}}


@pytest.mark.breadth
def test_lists_of_leads_say_by_which_hand_over_or_are_of_one(crms: Rehearsal) -> None:
    crms.json("run")
    for crm in CRMS:
        everybody = listed(crms, crm, "worklist", "worklist")
        assert {name: each["hand_over"] for name, each in everybody.items() if name != "title"} == {
            "mql-1": "to_bdr",
            "mql-2": "to_bdr",
            "sql-1": "to_ae",
        }
        aes = listed(crms, crm, "worklist", "worklist", "--hand-over", "to_ae")
        assert {*aes} == {"title", "sql-1"}
        assert aes["title"].endswith("(hand-over: to ae)")
        assert {*listed(crms, crm, "worklist", "worklist", "--hand-over", "nurture")} == {"title", "bad"}
        won = ("near-miss", "won", "--won", WON[crm])
        assert listed(crms, crm, *won)["title"] == "Below the hand-over to bdr by evidence, yet won"
        assert {*listed(crms, crm, *won)} == {"title"}, "a BDR would have had it"
        assert {*listed(crms, crm, *won, "--hand-over", "to_ae")} == {"title", "won"}
    Draft202012Validator(answer_schema("report-worklist")).validate(crms.json("report", "worklist"))
    table = crms.crmsync("report", "worklist", "hubspot").stdout
    assert "hand-over: to_bdr" in table
    refused = crms.crmsync("report", "worklist", "--hand-over", "to_aes")
    assert (refused.returncode, "did you mean `to_ae`" in refused.stderr) == (2, True), refused.stderr
    assert crms.crmsync("report", "near-miss", "--hand-over", "nurture").returncode == 2
