"""Giving the leads of people who leave to others: who is meant, which leads, and what each run leaves alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_firm import LEADS, POLICY, ROSTER, Firm

from crmsync.errors import UsageError
from crmsync.run.aims.everybody import Everybody
from crmsync.run.aims.leavers import Leavers
from crmsync.run.course import Course
from crmsync.values import replace

ENDED = """
format: 1
people:
  - {user: bea, role: bdr, ends: 2026-11-16, time_zone: Pacific/Auckland}
  - {user: bob, role: bdr}
  - {user: ann, role: ae}
  - {user: abe, role: ae}
rules: {new_lead: [{strategy: round_robin, pool: openers}]}
pools: {openers: {role: bdr}}
"""

PROCESS = POLICY.replace(
    "task: {subject: Call}}", "task: {subject: Call, returned_by: [declined]}, returned: {to: next, at_most: 3}}"
)


def handed_off(firm: Firm, *leads: str) -> None:
    for lead in leads:
        firm.crm.records[lead]["Heat"] = "hot"
    firm.run()


def course(firm: Firm, *people: str) -> Course:
    """What the run would do about these people's leads."""
    return Leavers(people).looked_up(firm.prepared, firm.store).course(firm.found())


# Whose leads


@pytest.mark.parametrize("written", ["ann", " ann ", "Ann@Firm.example", "eve"])
def test_people_are_named_by_id_e_mail_or_key(firm: Firm, written: str) -> None:
    aim = Leavers((written,)).looked_up(firm.prepared, firm.store)
    assert aim.users == {written.strip().lower().partition("@")[0]}


def test_one_who_is_known_by_nothing_but_their_leads_is_found(firm: Firm) -> None:
    firm.crm.records["a"]["OwnerId"] = "long-gone"
    firm.run()
    assert Leavers(("long-gone",)).looked_up(firm.prepared, firm.store).users == {"long-gone"}


@pytest.mark.parametrize(
    ("aim", "told"),
    [
        (Leavers(("nobody",)), "`nobody` is no user of firm"),
        (Leavers(("who@firm.example",)), "this e-mail address is no user of firm"),
        (Leavers(("desk",)), "`desk` is a queue of firm"),
        (Leavers(("Desk",)), "`Desk` is a queue of firm"),
        (Leavers(("ann",), ("sqll",)), "ladder has no stage `sqll`"),
    ],
)
def test_one_who_is_nobody_is_told(firm: Firm, aim: Leavers, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        aim.looked_up(firm.prepared, firm.store)


def test_each_aim_says_what_lets_its_plan_through() -> None:
    assert Everybody().command("east") == "run east"
    assert Leavers(("ann@firm.example",)).command("east") == "redistribute east --from …"


# Which leads


def test_their_leads_are_looked_at_and_nobody_elses(firm: Firm) -> None:
    handed_off(firm, "a", "b")
    found = course(firm, "ann")
    assert (found.leads, found.leavers) == (("a",), {"ann"})
    assert found.orders.keys() == {"a"}
    assert (found.everything, found.also, found.stages_stay, found.remembered) == (False, (), True, False)


def test_a_lead_that_an_earlier_run_still_moves_waits_for_the_next_run(firm: Firm) -> None:
    firm.crm.lost_answers = {"b": False}
    for lead in LEADS:
        firm.crm.records[lead]["OwnerId"] = "ann"
    handed_off(firm, "a", "b")
    found = course(firm, "ann")
    assert found.leads == ("a", "c")
    assert found.orders.keys() == {"a", "c"}, "no order for what another run decides"
    note = (
        "1 of their leads stays, with a change of an earlier run that is still open: "
        f"`crmsync run {firm.name}` settles it (b)"
    )
    assert note in firm.run("ann", dry_run=True).notes


def test_everybody_is_decided_when_files_have_changed_or_for_another_day(firm: Firm) -> None:
    assert Everybody().course(firm.found()).everything, "nothing was carried out so far"
    firm.run()
    assert not Everybody().course(firm.found()).everything
    assert Everybody().course(firm.found(everything=True)).everything
    assert Everybody().course(replace(firm.found(), on_another_day=True)).everything


# The run


def test_a_leavers_leads_go_to_others_and_stages_stay(firm: Firm) -> None:
    handed_off(firm, "a", "b", "c")
    assert firm.owners() == {"a": "ann", "b": "abe", "c": "ann"}
    firm.crm.records["a"]["Heat"] = "cold"
    plan = firm.run("ann")
    assert {change.lead: change.owner_after for change in plan.changes} == {"a": "abe", "c": "abe"}
    assert not any(change.stage_changes for change in plan.changes), "that `a` has cooled is another run's business"
    assert {lead: values["Status"] for lead, values in firm.crm.records.items()} == dict.fromkeys(LEADS, "sql")
    assert firm.run("ann").changes == ()


def test_a_leavers_hand_off_goes_on_to_one_who_has_not_had_the_lead(founded: Callable[..., Firm]) -> None:
    firm = founded(policy=PROCESS, roster=ROSTER + "  - {user: eve, role: ae}\n")
    handed_off(firm, "a", "b")
    firm.crm.created["Task-1"].update(Outcome="declined", Kind="task", At=firm.now.isoformat())
    firm.run()
    assert firm.owners() == {"a": "eve", "b": "abe", "c": "bea"}, "ann gave it back"
    (change,) = firm.run("eve", dry_run=True).changes
    assert change.routing is not None
    assert change.routing.reason.startswith("its receiver takes no leads any more; ")
    assert ("ann", "had this lead before") in change.routing.passed_over
    assert change.owner_after == "abe"


def test_what_changed_files_mean_is_left_to_the_next_run(firm: Firm) -> None:
    handed_off(firm, "a")
    firm.texts = {"policy": POLICY.replace("is: hot}", "in: [cold, hot]}")}
    plan = firm.run("ann")
    assert {change.lead for change in plan.changes} == {"a"}
    assert any("left to the next run" in note for note in plan.notes)
    assert {change.lead for change in firm.run().changes} == {"b", "c"}


def test_one_whose_leads_are_gone_and_who_stays_in_the_roster_is_told(firm: Firm) -> None:
    handed_off(firm, "a")
    plan = firm.run("ann")
    assert any(note.startswith("user ann goes on getting leads by the roster") for note in plan.notes)


def test_each_lead_is_left_on_its_stage(firm: Firm) -> None:
    firm.crm.records["a"].update(Status=None, OwnerId="ann", Heat="hot")
    firm.crm.records["b"].update(Status="odd", OwnerId="ann", Heat="hot")
    firm.crm.records["c"].update(Status="sql", OwnerId="ann")
    firm.pull(complete=True)
    plan = firm.run("ann", dry_run=True)
    assert [change.lead for change in plan.changes] == ["a", "c"]
    assert not any("Status" in change.writes for change in plan.changes)
    assert plan.stages == {"mql": 1, "sql": 1}, "an empty stage is the lowest, an unmanaged one none"


def test_leads_that_stay_are_told_with_the_reason(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=ROSTER + "rules: {new_lead: []}\n")
    firm.run()
    assert firm.run("bea").notes[0].startswith("3 of their leads stay, by the roster's rules")
    firm.crm.records["a"]["OwnerId"] = "ann"
    firm.run()
    reason = "with an owner whom a person or another program set within 2 days (a)"
    assert firm.run("ann").notes[0] == f"1 of their leads stays, {reason}"


def test_only_some_stages(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=ENDED)
    handed_off(firm, "a")
    assert {change.lead for change in firm.run("bea", stages=("mql",), dry_run=True).changes} == {"b", "c"}
    assert firm.run("bea", stages=("sql",), dry_run=True).changes == ()
