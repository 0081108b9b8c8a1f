"""A pilot: which leads it changes, what it says of the others, and that they are as if there had been no run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from small_firm import POLICY, ROSTER, Firm

from crmsync.errors import UsageError
from crmsync.model import Plan, Rest
from crmsync.plan import changed_share, with_way_on
from crmsync.run.aims.chosen import Chosen
from suite.breadth import broadly

RANKED = POLICY.replace(
    "criteria:", "scores: {heat: {rules: [{when: {fact: heat, is: hot}, points: 9}]}}\npriority: heat\ncriteria:"
)


def pilot(firm: Firm, *, dry_run: bool = False, full: bool = False, **selected: Any) -> Plan:
    return firm.run(aim=Chosen(**selected), dry_run=dry_run, full=full)


def hot(firm: Firm, *names: str) -> None:
    for name in names or firm.crm.records:
        firm.crm.records[name]["Heat"] = "hot"


def moved(plan: Plan) -> dict[str, tuple[str | None, str | None]]:
    return {change.lead: (change.stage_after, change.owner_after) for change in plan.changes}


def turns(firm: Firm) -> Mapping[str, int]:
    stored = firm.store.journal.turns(firm.name).items()
    return {person: it.count for (_, person), it in stored if person and it.count}


def test_named_leads_change_and_no_others(firm: Firm) -> None:
    hot(firm)
    plan = pilot(firm, names=("b", "C@c.example"))
    assert moved(plan) == {"b": ("sql", "ann"), "c": ("sql", "abe")}
    assert plan.outcomes == {"b": "written", "c": "written"}
    assert firm.owners() == {"a": "bea", "b": "ann", "c": "abe"}
    assert turns(firm) == {"ann": 1, "abe": 1}, "the others take no turn"
    assert moved(firm.run()) == {"a": ("sql", "ann")}, "they stay due"
    assert firm.run().changes == ()


def test_a_named_lead_is_looked_at_though_it_is_not_due(firm: Firm) -> None:
    firm.run()
    assert pilot(firm, names=("a",)).counts["decided"] == 1


def test_a_lead_that_nobody_knows_is_a_mistake_but_where_others_run(firm: Firm) -> None:
    hot(firm)
    with pytest.raises(UsageError, match=r"stored leads of firm \d+: zed, nobody@x.example \(as an e-mail\)"):
        pilot(firm, names=("a", "zed", "nobody@x.example"))
    assert firm.owners()["a"] == "bea"
    assert firm.store.runs.last(firm.name) == (), "a slip of the caller's is no run that failed"
    plan = pilot(firm, names=("a", "zed"), alone=False)
    assert list(plan.outcomes) == ["a"]
    assert "not among the leads of this connection: zed" in plan.notes


def test_stages_and_criteria_select_by_what_is_decided(firm: Firm) -> None:
    hot(firm, "a")
    firm.did("b", "call")
    assert list(moved(pilot(firm, criteria=("called_by_bdr",), dry_run=True))) == ["b"]
    assert list(moved(pilot(firm, criteria=("called_by_bdr", "hot"), dry_run=True))) == ["a", "b"], "one is enough"
    assert list(moved(pilot(firm, criteria=("hot",), stages=("sql",), dry_run=True))) == ["a"], "all have to hold"
    plan = pilot(firm, stages=("mql",), dry_run=True)
    assert plan.changes == ()
    assert (plan.counts["decided"], plan.stages, plan.rest) == (1, {"mql": 1}, Rest(2, {"sql": 2}, 2))


@pytest.mark.parametrize(
    ("selected", "words"),
    [({"stages": ("sqll",)}, "no stage `sqll`"), ({"criteria": ("hott",)}, "no criterion `hott`")],
)
def test_a_name_that_the_policy_does_not_have(firm: Firm, selected: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refusal:
        pilot(firm, **selected)
    assert "did you mean" in str(refusal.value.hint)
    assert firm.crm.pulls == [], "before anything is read"


def test_a_criterion_like_none_is_told_where_all_stand(founded: Callable[..., Firm]) -> None:
    many = "".join(f"  spare_{number}: {{fact: heat, is: hot}}\n" for number in range(20))
    firm = founded(policy=POLICY.replace("criteria:\n", f"criteria:\n{many}"))
    with pytest.raises(UsageError) as refusal:
        pilot(firm, criteria=("zzz",))
    assert refusal.value.hint == "`crmsync policy describe` names all"


def test_only_fields_says_that_the_mapping_names_none(firm: Firm) -> None:
    hot(firm, "a")
    told = "the mapping names no fields for people"
    assert any(note.startswith(told) for note in pilot(firm, only="fields", dry_run=True).notes)
    assert not any(note.startswith(told) for note in pilot(firm, only="stage", dry_run=True).notes)


def test_the_first_changes_in_the_order_of_hand_offs(founded: Callable[..., Firm]) -> None:
    firm = founded(policy=RANKED)
    firm.did("a", "call")
    firm.did("b", "call")
    hot(firm, "b", "c")
    plan = pilot(firm, limit=2)
    assert moved(plan) == {"b": ("sql", "ann"), "c": ("sql", "abe")}, "the highest priority first"
    assert plan.rest == Rest(1, {"sql": 1}, 1)
    assert "a pilot: 1 lead that is left out would change as well, and stay due: 1 to sql, 1 to another owner" in (
        plan.notes
    )
    assert moved(pilot(firm, limit=5)) == {"a": ("sql", "ann")}
    assert "a pilot: nothing is left out" in pilot(firm, limit=5).notes


def test_pilots_one_after_the_other_end_like_one_run(founded: Callable[..., Firm]) -> None:
    one, another = founded(policy=RANKED), founded(policy=RANKED)
    for firm in (one, another):
        hot(firm)
    one.run()
    for _ in range(3):
        assert len(pilot(another, limit=1).changes) == 1
    assert another.run().changes == ()
    assert (one.owners(), turns(one)) == (another.owners(), turns(another))


def test_only_the_stage(firm: Firm) -> None:
    hot(firm, "a")
    plan = pilot(firm, only="stage")
    [change] = plan.changes
    assert (change.writes, change.beside["OwnerId"]) == ({"Status": ("mql", "sql")}, "bea")
    assert (change.routing, change.turn, change.creates, change.hand_off) == (None, None, (), None)
    assert plan.rest == Rest(1, {}, 1)
    assert turns(firm) == {}
    assert firm.crm.created == {}
    assert moved(firm.run()) == {"a": ("sql", "ann")}, "the owner is still to come"
    assert turns(firm) == {"ann": 1}
    assert firm.run().changes == ()


def test_only_the_owner_with_all_that_a_hand_off_brings(firm: Firm) -> None:
    hot(firm, "a")
    plan = pilot(firm, only="owner")
    [change] = plan.changes
    assert change.writes == {"OwnerId": ("bea", "ann"), "Bdr": (None, "bea")}
    assert (change.stage_changes, change.beside["Status"]) == (False, "mql")
    assert len(change.creates) == 1
    assert plan.rest == Rest(1, {"sql": 1}, 0)
    again = firm.run()
    assert moved(again) == {"a": ("sql", "ann")}
    assert again.changes[0].writes == {"Status": ("mql", "sql")}
    assert turns(firm) == {"ann": 1}
    assert firm.run().changes == ()


@pytest.mark.parametrize("only", broadly(["stage", "owner"]))
def test_a_part_is_no_part_of_what_is_still_open(firm: Firm, only: Any) -> None:
    """Whether its turn is used again is decided with all of it."""
    hot(firm, "a", "b")
    cut_off(firm)
    hot(firm, "c")
    plan = pilot(firm, only=only)
    assert list(moved(plan)) == ["c"]
    assert any("2 with a change of an earlier run" in note for note in plan.notes)
    before = turns(firm)
    firm.run()
    assert firm.run().changes == ()
    assert sum(turns(firm).values()) == 3
    assert sum(before.values()) == (2 if only == "stage" else 3)


def cut_off(firm: Firm) -> None:
    """A run whose changes of `a` and `b` are lost on their way."""
    firm.crm.lost_answers = {"a": False, "b": False}
    assert set(firm.run().outcomes.values()) == {"not_reached"}
    firm.crm.lost_answers = {}


def test_turns_that_wait_for_others_wait_on(firm: Firm) -> None:
    hot(firm, "a", "b")
    cut_off(firm)
    reserved = firm.store.journal.reserved_turns(firm.name)
    assert list(reserved) == ["a", "b"]
    hot(firm, "c")
    assert list(moved(pilot(firm, names=("c",)))) == ["c"]
    assert firm.store.journal.reserved_turns(firm.name) == reserved
    firm.run()
    assert turns(firm) == {"ann": 2, "abe": 1}


def test_a_new_policy_is_carried_out_for_the_pilot_and_stays_to_be_carried_out(founded: Callable[..., Firm]) -> None:
    firm = founded()
    hot(firm, "a", "b")
    firm.run()
    firm.texts = {"roster": ROSTER, "policy": POLICY.replace("{fact: heat, is: hot}", "{fact: heat, is: cold}")}
    assert list(moved(pilot(firm, names=("c",)))) == ["c"]
    plan = firm.run()
    assert any("the policy has changed: every lead is decided anew" in note for note in plan.notes)
    assert {lead: stage for lead, (stage, _) in moved(plan).items()} == {"a": "mql", "b": "mql"}


def test_the_way_on_names_the_selection(firm: Firm) -> None:
    aim = Chosen(("x@y.example",), ("sql",), ("hot",), 3, "owner")
    command = aim.command("c")
    assert command == "run c --lead … --stage sql --where hot --limit 3 --only owner"
    (told,) = with_way_on([changed_share("abcde", 6, limit_share=0.1, floor=0, allowed_changes=None)], command)
    assert told.way_on.endswith(f"crmsync {command} --allow-changes 5")
