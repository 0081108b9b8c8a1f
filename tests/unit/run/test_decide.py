"""Gathering, qualifying, routing, planning: which leads are decided, what they are told apart by, what is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from small_firm import POLICY, ROSTER, Firm

from crmsync.contract import Write
from crmsync.errors import CrmUnreachable
from crmsync.model import ACTIVITIES, LEADS
from crmsync.run.aims.everybody import Everybody
from crmsync.run.decide import decide_and_plan
from crmsync.run.decided import Decided
from crmsync.run.gather import gathered, nobody
from crmsync.values import replace

LEAST_LOADED = ROSTER + "rules: {hand_off: [{strategy: least_loaded, pool: receivers}]}\n"


def decided(firm: Firm, *, everything: bool = False) -> Decided:
    """The hops after a pull, as a usual run has them."""
    firm.pull()
    found = firm.found()
    course = replace(Everybody().course(found), everything=everything)
    return decide_and_plan(firm.prepared, firm.store, course, as_of=found.as_of, now=firm.now)


def test_who_did_it_counts_by_the_roster(firm: Firm) -> None:
    firm.did("a", "call", by="bea")
    firm.did("b", "call", by="ann")
    firm.did("c", "call", by="eve")
    stages = dict(decided(firm).frame.select("lead", "stage_after").iter_rows())
    assert stages == {"a": "sql", "b": "mql", "c": "mql"}
    (batch,) = gathered(firm.prepared, firm.store, firm.now.date(), everything=True)
    assert batch.activities["by_role"].to_list() == ["bdr", "ae", None]
    assert batch.activities["row"].is_sorted()


def test_only_due_leads_are_decided_or_all(firm: Firm) -> None:
    firm.run()
    assert decided(firm).frame.is_empty()
    firm.crm.records["b"]["Company"] = "Another"
    assert decided(firm).frame["lead"].to_list() == ["b"]
    assert decided(firm, everything=True).frame["lead"].to_list() == ["a", "b", "c"]


def test_nobody_due_is_a_frame_like_any_other(firm: Firm) -> None:
    firm.run()
    nothing, all_ = decided(firm), decided(firm, everything=True)
    assert nothing.frame.schema == all_.frame.schema
    assert nothing.to_store().schema == all_.to_store().schema
    batch = nobody(firm.prepared)
    assert set(LEADS) < set(batch.leads.columns)
    assert set(batch.activities.columns) == {"row", *ACTIVITIES, "by_role"}


def test_a_lead_whose_owner_a_person_set_is_looked_at_the_day_after_hands_are_off(
    founded: Callable[..., Firm],
) -> None:
    firm = founded(policy=POLICY.replace("hands_off_days: 2", "hands_off_days: 3"))
    firm.run()
    firm.crm.records["a"].update(Heat="hot", OwnerId="bob")
    found = decided(firm)
    assert [(item.lead, item.until) for item in found.assignments.held] == [("a", date(2026, 11, 19))]
    assert found.to_store().select("lead", "stage", "review_day").rows() == [("a", "sql", date(2026, 11, 20))]
    plan = firm.run()
    assert {change.lead: change.owner_after for change in plan.changes} == {"a": "bob"}, "the stage is written"
    firm.now += timedelta(days=3)
    assert firm.run().changes == ()
    firm.now += timedelta(days=1)
    assert firm.run().outcomes == {"a": "written"}, "and handed off when hands are on again"


def test_what_was_decided_is_stored_and_nothing_of_the_lead(firm: Firm) -> None:
    firm.crm.records["a"]["Heat"] = None
    columns = decided(firm).to_store()
    kept = columns.filter(lead="a").select("earned_stage", "verdict.hot", "verdict.called_by_bdr").rows()
    assert kept == [("mql", None, False)]
    assert not {"email", "fact.heat", "owner"} & set(columns.columns), "what a decision needs no more is not kept"


def test_reasons_are_told_for_leads_that_change(firm: Firm) -> None:
    firm.crm.records["b"]["Heat"] = "hot"
    found = decided(firm)
    (change,) = found.changes
    assert (change.lead, change.owner_after) == ("b", "ann")
    assert change.reasons[-1] == "next in the rotation of pool receivers"
    assert any("heat is hot" in reason for reason in change.reasons[:-1])
    assert found.turns_after["receivers", "ann"].count == 1


def test_open_leads_are_counted_in_the_whole_crm(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=LEAST_LOADED)
    for lead in ("a", "b"):
        firm.crm.records[lead].update(Status="sql", OwnerId="ann", Heat="hot")
    firm.run()
    firm.crm.records["c"]["Heat"] = "hot"
    assert [change.owner_after for change in decided(firm).changes] == ["abe"], "only `c` is due, and ann has two"
    other = founded(roster=LEAST_LOADED)
    other.crm.records["c"]["Heat"] = "hot"
    assert [change.owner_after for change in decided(other).changes] == ["ann"], "nobody has any: the roster's first"


def test_leads_of_one_person_that_are_not_due_count_too(firm: Firm) -> None:
    for lead in ("a", "b"):
        firm.crm.records[lead]["Heat"] = "hot"
    firm.run()
    assert firm.owners() == {"a": "ann", "b": "abe", "c": "bea"}
    firm.crm.records["c"].update(Heat="hot", Email="B@b.example")
    assert [(change.lead, change.owner_after) for change in decided(firm).changes] == [("c", "abe")]


def test_a_step_that_was_cut_off_between_clear_and_set_is_ended(firm: Firm) -> None:
    firm.crm.records["a"].update(Heat="hot")
    firm.run()
    firm.crm.records["a"].update(Heat="cold")

    def cleared_and_gone(_: Sequence[Write]) -> None:
        firm.crm.records["a"]["Status"] = None
        raise CrmUnreachable("gone away")

    firm.crm.before_push = cleared_and_gone
    assert firm.run().outcomes == {"a": "not_reached"}
    firm.crm.before_push = lambda _: None
    plan = firm.run()
    assert [(change.stage_before, change.stage_after) for change in plan.changes] == [(None, "mql")]
    assert firm.crm.records["a"]["Status"] == "mql"


def test_an_open_change_of_the_owner_alone_clears_no_stage(firm: Firm) -> None:
    firm.crm.records["a"].update(OwnerId=None)
    firm.crm.lost_answers = {"a": False}
    firm.run()
    firm.crm.records["a"]["Status"] = None
    found = decided(firm)
    assert found.frame.filter(lead="a")["clearing"].to_list() == [False]
    assert found.changes[0].writes.keys() == {"OwnerId"}


@pytest.mark.parametrize("empty", [None, ""])
def test_a_lead_without_a_stage_is_not_written_for_its_own_sake(firm: Firm, empty: str | None) -> None:
    firm.crm.records["a"]["Status"] = empty
    found = decided(firm)
    assert found.changes == ()
    assert found.frame.filter(lead="a").select("stage", "stage_after").rows() == [(None, "mql")]
