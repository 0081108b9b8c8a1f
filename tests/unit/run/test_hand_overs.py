"""More than one hand-over, run after run: who gets a lead when, what is nobody's yet, what each process watches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from small_firm import Firm

from crmsync.run.aims.undoing import Undoing

AN_HOUR = timedelta(hours=1)
QUEUES = ("marketing", "nurture")
MAPPING = """
format: 1
connector: salesforce
lead: {object: Lead, email: Email, company: Company, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: new, mql: mql, sql: sql, disqualified: lost}}
facts:
  heat: {field: Heat, type: choice, values: [cold, warm, hot, lost]}
  buys: {field: Buys, type: choice, values: [no, yes]}
activities:
  - object: Task
    at: [At]
    by: OwnerId
    kind: [{from: Kind}]
    outcome: [{from: Outcome}]
hand_off:
  bdr: Bdr
  response: {field: Answer, accepted: yes, returned: no}
  return_reason: Why
  task: {object: Task, subject: Subject, owner: OwnerId}
"""
POLICY = """
format: 1
name: Several
facts:
  heat: {type: choice, values: [cold, warm, hot, lost]}
  buys: {type: choice, values: ["no", "yes"]}
criteria:
  warm: {fact: heat, in: [warm, hot]}
  hot: {fact: heat, is: hot}
  buys: {fact: buys, is: "yes"}
ladder:
  - {stage: lead}
  - {stage: mql, when: warm}
  - {stage: sql, when: hot}
disqualified:
  reasons: [{name: no_budget, when: {fact: heat, is: lost}}]
  recycle: {after_days: 1}
movement: {backward: allowed}
hand_overs:
  - name: to_bdr
    stage: mql
    from: [nobody, {queue: Marketing}]
    task: {subject: Qualify}
    first_touch: {within_hours: 8, reassign_after_hours: 8, kinds: [call]}
  - name: to_ae
    stage: sql
    task: {subject: Get in touch}
    first_touch: {within_hours: 2, remind_after_hours: 2, kinds: [call]}
    returned: {to: giver, at_most: 2}
  - {name: to_account_manager, when: buys}
  - {name: nurture, leaving: [no_budget]}
"""
ROSTER = """
format: 1
people:
  - {user: bea, role: bdr}
  - {user: bob, role: bdr}
  - {user: ann, role: ae}
  - {user: abe, role: ae}
  - {user: eve, role: am}
pools:
  managers: {role: am}
rules:
  to_bdr: [{pool: bdrs}]
  to_ae: [{pool: receivers}]
  to_account_manager: [{pool: managers}]
  nurture: [{strategy: queue, queue: Nurture}]
"""


@pytest.fixture
def several(founded: Callable[..., Firm]) -> Callable[..., Firm]:
    """Makes a firm with these hand-overs, whose leads lie in the queue Marketing."""

    def made(owner: str | None = "marketing", **texts: str) -> Firm:
        firm = founded(**{"policy": POLICY, "roster": ROSTER, "mapping": MAPPING, **texts})
        firm.crm.queues = QUEUES
        for values in firm.crm.records.values():
            values.update(Status="new", OwnerId=owner, Buys="no", Answer=None, Why=None)
        return firm

    return made


def set_(firm: Firm, lead: str, **values: Any) -> None:
    firm.crm.records[lead].update(values)


def stands(firm: Firm) -> None:
    """The same facts plan nothing: neither a next run nor one of everything."""
    assert firm.run(dry_run=True).changes == ()
    again = firm.run(dry_run=True, full=True)
    assert (again.changes, again.set_aside) == ((), ())


def test_bdrs_take_turns_at_mql_from_a_raw_queue(several: Callable[..., Firm]) -> None:
    firm = several()
    for lead in ("a", "b"):
        set_(firm, lead, Heat="warm")
    plan = firm.run()
    assert firm.owners() == {"a": "bea", "b": "bob", "c": "marketing"}
    assert (plan.exit_code, plan.counts["nobody_yet"]) == (0, 1)
    stands(firm)


def test_unowned_leads_below_the_first_hand_over_are_nobodys_yet(several: Callable[..., Firm]) -> None:
    firm = several(owner=None)
    set_(firm, "a", Heat="warm")
    plan = firm.run()
    assert firm.owners() == {"a": "bea", "b": None, "c": None}
    assert (plan.exit_code, plan.set_aside, plan.counts["nobody_yet"]) == (0, (), 2)
    stands(firm)


def test_a_lead_goes_from_hand_to_hand(several: Callable[..., Firm]) -> None:
    firm = several()
    owners = []
    for values in ({"Heat": "warm"}, {"Heat": "hot"}, {"Buys": "yes"}):
        set_(firm, "a", **values)
        firm.run()
        stands(firm)
        owners.append(firm.owners()["a"])
    assert owners == ["bea", "ann", "eve"]
    told = [
        (it.hand_over, it.attempt, it.bdr, it.receiver, it.ended_by) for it in firm.store.hand_offs.read(firm.name)
    ]
    assert told == [("to_bdr", 1, None, "bea", "handed_on"), ("to_ae", 1, "bea", "ann", "handed_on")]
    subjects = sorted(str(task["Subject"]) for task in firm.crm.created.values())
    assert subjects == ["Get in touch (to ae 1)", "Qualify (to bdr 1)"]


def test_a_lead_that_is_hot_at_once_skips_the_bdrs(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="hot")
    firm.run()
    assert firm.owners()["a"] == "ann"
    stands(firm)


def test_whom_the_hand_over_does_not_take_leads_from_keeps_them(several: Callable[..., Firm]) -> None:
    firm = several(
        owner="eve",
        roster=ROSTER.replace("  - {user: eve, role: am}\n", "  - {user: eve, role: boss}\n").replace(
            "role: am", "role: boss"
        ),
    )
    set_(firm, "a", Heat="warm", OwnerId="eve")
    plan = firm.run()
    assert (firm.owners()["a"], plan.exit_code) == ("eve", 0)


def test_returned_leads_wait_with_who_gave_them_and_count_for_their_hand_over(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="warm")
    firm.run()
    set_(firm, "a", Heat="hot")
    firm.run()
    set_(firm, "a", Answer="no", Why="wrong region")
    firm.run()
    assert firm.owners()["a"] == "bea"
    stands(firm)
    set_(firm, "a", Answer=None)
    firm.run()
    assert firm.owners()["a"] in {"ann", "abe"}
    numbers = [(it.hand_over, it.attempt) for it in firm.store.hand_offs.read(firm.name)]
    assert numbers == [("to_bdr", 1), ("to_ae", 1), ("to_ae", 2)]
    stands(firm)


@pytest.mark.breadth
def test_each_hand_over_has_its_own_clock(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="warm")
    set_(firm, "b", Heat="hot")
    firm.run()
    firm.now += 3 * AN_HOUR
    plan = firm.run()
    [change] = plan.changes
    assert (change.lead, change.hand_off and change.hand_off.move) == ("b", "reminded")
    firm.now += 6 * AN_HOUR
    plan = firm.run()
    [change] = plan.changes
    assert change.hand_off is not None
    assert (change.lead, change.hand_off.move, change.hand_off.hand_over, change.owner_after) == (
        "a",
        "reassigned",
        "to_bdr",
        "bob",
    )
    stands(firm)


@pytest.mark.breadth
def test_a_process_is_over_once_a_later_hand_over_counts_whoever_owns_the_lead(several: Callable[..., Firm]) -> None:
    firm = several(policy=POLICY.replace("    stage: sql\n", "    stage: sql\n    from: nobody\n"))
    set_(firm, "a", Heat="warm")
    firm.run()
    set_(firm, "a", Heat="hot")
    firm.run()
    assert firm.owners()["a"] == "bea"
    [record] = firm.store.hand_offs.read(firm.name)
    assert record.ended_by == "handed_on"
    firm.now += 10 * AN_HOUR
    stands(firm)


def test_a_disqualified_lead_goes_to_the_queue_of_its_reason_and_stays_there(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="warm")
    firm.run()
    set_(firm, "a", Heat="lost")
    plan = firm.run()
    assert (firm.owners()["a"], plan.exit_code) == ("nurture", 0)
    stands(firm)
    set_(firm, "a", Heat="warm")
    firm.now += timedelta(days=3)
    firm.run()
    assert firm.crm.records["a"]["Status"] == "mql"
    assert firm.owners()["a"] == "nurture", "to_bdr takes no leads from there"
    stands(firm)


def test_leads_of_one_who_leaves_go_by_the_hand_over_that_counts(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="warm")
    set_(firm, "b", Heat="hot")
    firm.run()
    assert firm.owners() == {"a": "bea", "b": "ann", "c": "marketing"}
    firm.run("bea", "ann")
    assert firm.owners() == {"a": "bob", "b": "abe", "c": "marketing"}
    told = [(it.hand_over, it.attempt, it.receiver) for it in firm.store.hand_offs.read(firm.name) if not it.ended_at]
    assert told == [("to_bdr", 2, "bob"), ("to_ae", 2, "abe")]


@pytest.mark.breadth
def test_one_who_takes_no_leads_any_more_is_nobody(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="warm")
    firm.run()
    firm.crm.inactive.add("bea")
    firm.run(full=True)
    assert firm.owners()["a"] == "bob"
    stands(firm)


@pytest.mark.breadth
def test_a_lead_that_falls_back_stays_with_the_receiver_of_the_later_hand_over(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="hot")
    firm.run()
    set_(firm, "a", Heat="warm")
    firm.run()
    assert (firm.crm.records["a"]["Status"], firm.owners()["a"]) == ("mql", "ann")
    stands(firm)


def test_a_rule_may_say_that_nobody_has_a_lead_yet(several: Callable[..., Firm]) -> None:
    roster = ROSTER.replace("to_bdr: [", "to_bdr: [{when: buys, pool: bdrs}, {strategy: nobody}, ")
    firm = several(roster=roster)
    for lead in ("a", "b"):
        set_(firm, lead, Heat="warm")
    set_(firm, "a", Buys="yes", OwnerId="marketing")
    plan = firm.run()
    assert firm.owners() == {"a": "eve", "b": "marketing", "c": "marketing"}
    assert (plan.exit_code, plan.counts["nobody_yet"]) == (0, 2)
    stands(firm)


def test_nobody_is_as_it_should_be_with_one_hand_off_too(founded: Callable[..., Firm]) -> None:
    roster = """
format: 1
people: [{user: ann, role: ae}, {user: bea, role: bdr}]
rules: {new_lead: [{when: hot, pool: bdrs}], otherwise: nobody}
"""
    firm = founded(roster=roster)
    set_(firm, "a", OwnerId=None)
    plan = firm.run()
    assert (firm.owners()["a"], plan.exit_code, plan.counts["nobody_yet"]) == (None, 0, 1)
    stands(firm)


@pytest.mark.breadth
def test_an_undone_hand_over_gives_the_former_process_back(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="warm")
    firm.run()
    set_(firm, "a", Heat="hot")
    handed = firm.run().run_id
    assert handed is not None
    firm.run(aim=Undoing(handed))
    assert firm.owners()["a"] == "bea"
    told = [(it.hand_over, it.ended_by) for it in firm.store.hand_offs.read(firm.name)]
    assert told == [("to_bdr", None), ("to_ae", "undone")]
    undoing = firm.last.run_id
    assert undoing is not None
    firm.run(aim=Undoing(undoing))
    told = [(it.hand_over, it.ended_by) for it in firm.store.hand_offs.read(firm.name)]
    assert (firm.owners()["a"], told) == ("ann", [("to_bdr", "handed_on"), ("to_ae", None)])


def test_what_the_policy_has_no_more_is_watched_no_more(several: Callable[..., Firm]) -> None:
    firm = several()
    set_(firm, "a", Heat="warm")
    firm.run()
    firm.texts = {
        **firm.texts,
        "policy": POLICY.replace("    task: {subject: Qualify}\n", "").replace(
            "    first_touch: {within_hours: 8, reassign_after_hours: 8, kinds: [call]}\n", ""
        ),
    }
    firm.run()
    [record] = firm.store.hand_offs.read(firm.name)
    assert (record.ended_by, firm.owners()["a"]) == ("switched_off", "bea")
