"""A saved plan carried out: what still holds is written, once, with one turn; what does not is told and left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from small_firm import ROSTER, Firm

from crmsync.errors import CrmUnreachable, UsageError
from crmsync.model import Plan
from crmsync.plan import WrittenPlan, read_plans, report_to_json
from crmsync.run.aims.saved_plan import SavedPlan
from crmsync.store import Hold, Store
from suite.breadth import broadly


@pytest.fixture
def hot(firm: Firm) -> Firm:
    """`a` and `b` are to be handed off."""
    firm.run(dry_run=True)
    for lead in ("a", "b"):
        firm.crm.records[lead]["Heat"] = "hot"
    return firm


def saved(firm: Firm) -> WrittenPlan:
    """What a dry run has put into a file, read back."""
    plan = firm.run(dry_run=True)
    [written] = read_plans(json.dumps(report_to_json([plan], [], dry_run=True, as_of=plan.as_of)), "plan.json")
    return written


def applied(firm: Firm, plan: WrittenPlan) -> Plan:
    return firm.run(aim=SavedPlan(plan, "plan.json"))


def turns(firm: Firm) -> dict[Any, int]:
    counted = firm.store.journal.turns(firm.name)
    return {key[1]: it.count for key, it in counted.items() if it.count}


def pushes(firm: Firm) -> int:
    return firm.crm.calls.count("push")


def test_it_is_written_once_with_one_turn_each(hot: Firm) -> None:
    plan = saved(hot)
    done = applied(hot, plan)
    assert done.outcomes == {"a": "written", "b": "written"}
    assert done.digest == plan.digest
    assert turns(hot) == {"ann": 1, "abe": 1}
    assert len(hot.crm.created) == 2
    before = pushes(hot)
    again = applied(hot, plan)
    assert again.outcomes == {"a": "unchanged", "b": "unchanged"}
    assert "has written it already" in again.messages["a"]
    assert (pushes(hot), turns(hot), len(hot.crm.created)) == (before, {"ann": 1, "abe": 1}, 2)


def test_what_was_taken_back_by_hand_since_is_not_written_again(hot: Firm) -> None:
    plan = saved(hot)
    applied(hot, plan)
    hot.crm.records["a"] |= {"Status": "mql", "OwnerId": "bea"}
    again = applied(hot, plan)
    assert again.outcomes == {"a": "conflict", "b": "unchanged"}
    assert again.messages["a"].endswith(
        "written it already, and the CRM holds another OwnerId and another Status by now"
    )
    assert hot.crm.records["a"]["OwnerId"] == "bea"


def test_a_plan_of_another_day_is_there_to_be_looked_at(hot: Firm) -> None:
    day = hot.now.date() + timedelta(days=3)
    plan = replace(saved(hot), as_of=day)
    with pytest.raises(UsageError, match=f"as of {day}, and was made on another day"):
        applied(hot, plan)
    assert pushes(hot) == 0


@pytest.mark.parametrize(
    ("moved", "words"),
    broadly(
        [
            ({"OwnerId": "bob"}, "OwnerId was bea when this was decided and is bob"),
            ({"Status": "sql"}, ""),
            ({"Status": None}, "Status was mql when this was decided and is empty"),
            ({"Heat": "cold"}, "facts have moved since: it is decided to stand at mql, not at sql"),
        ],
        core=2,
    ),
)
def test_a_lead_that_has_moved_since_is_a_conflict(hot: Firm, moved: Mapping[str, str | None], words: str) -> None:
    plan = saved(hot)
    hot.crm.records["a"] |= moved
    stood = dict(hot.crm.records["a"])
    done = applied(hot, plan)
    if words:
        assert (done.outcomes, hot.crm.records["a"]) == ({"a": "conflict", "b": "written"}, stood)
        assert words in done.messages["a"]
        assert sum(turns(hot).values()) == 1
    else:
        assert done.outcomes == {"a": "written", "b": "written"}, "half of it is there already"


def test_a_lead_that_is_gone_is_refused(hot: Firm) -> None:
    plan = saved(hot)
    del hot.crm.records["a"]
    done = applied(hot, plan)
    assert done.outcomes == {"a": "refused", "b": "written"}


def test_a_lead_that_is_held_since_is_left_alone(hot: Firm) -> None:
    plan = saved(hot)
    today = hot.now.date()
    hot.store.left_alone.hold(hot.name, Hold("a", today + timedelta(days=3), "legal", "ada", hot.now))
    done = applied(hot, plan)
    assert done.outcomes == {"a": "conflict", "b": "written"}
    assert done.messages["a"].startswith("left alone: ")


def test_what_was_cut_off_goes_on_with_the_same_turn(hot: Firm) -> None:
    """A CRM that fails midway: the turn that was counted is used, and no task is made twice."""
    plan = saved(hot)

    def fails(_: object) -> None:
        hot.crm.before_push = lambda _: None
        raise CrmUnreachable("gone")

    hot.crm.before_push = fails
    first = applied(hot, plan)
    assert set(first.outcomes.values()) == {"not_reached"}
    assert turns(hot) == {"ann": 1, "abe": 1}
    hot.crm.records["a"]["Status"] = None  # a stage that was cleared on the way
    assert applied(hot, plan).outcomes == {"a": "written", "b": "written"}
    assert (turns(hot), len(hot.crm.created)) == ({"ann": 1, "abe": 1}, 2)
    counted = hot.store.journal.turns(hot.name)
    assert {it.state["today"] for it in counted.values() if it.count} == {1}, "a lead of the day is counted twice"


def part(plan: WrittenPlan, *leads: str) -> WrittenPlan:
    """What the console carries out of it, as somebody has ticked it."""
    return replace(plan, changes=tuple(change for change in plan.changes if change.lead in leads))


def breached(plan: Plan) -> list[str]:
    return [guard.name for guard in plan.guards if guard.breached]


@pytest.mark.parametrize(
    ("guard", "fit"),
    broadly(
        [
            ({"floor": 2, "changed_share": 0.5}, 1),
            ({"per_receiver": {"number": 1}}, 2),
            ({"stage_changes": {"number": 1}}, 1),
            ({"owner_changes": {"number": 1}}, 1),
        ],
        core=2,
    ),
)
def test_parts_of_a_plan_may_not_change_together_what_the_whole_may_not(
    firm: Firm, guard: Mapping[str, Any], fit: int
) -> None:
    """Two receive in turn, so that the third lead is the first one's receiver's second."""
    firm.run(dry_run=True)
    for lead in "abc":
        firm.crm.records[lead]["Heat"] = "hot"
    plan = replace(saved(firm), guards=())
    firm.guards = guard
    found = [breached(applied(firm, part(plan, lead))) for lead in "abc"]
    assert found == [[]] * fit + [[next(reversed(guard))]] * (3 - fit)
    assert "that earlier parts of it have changed" in next(it.words for it in firm.last.guards if it.breached)
    assert [firm.crm.records[lead]["Status"] for lead in "abc"] == ["sql"] * fit + ["mql"] * (3 - fit)


def test_an_earlier_part_counts_no_lead_twice_and_stops_nothing_by_itself(hot: Firm) -> None:
    """What is let through names the whole; where nothing is left to write, nothing is stopped."""
    plan = replace(saved(hot), guards=())
    applied(hot, part(plan, "a"))
    hot.guards = {"stage_changes": {"number": 1}}
    assert breached(applied(hot, plan)) == ["stage_changes"]
    assert breached(hot.run(aim=SavedPlan(plan, "plan.json"), allowed_guards={"stage_changes": 2})) == []
    again = applied(hot, plan)
    assert (breached(again), again.outcomes) == ([], {"a": "unchanged", "b": "unchanged"})


def test_what_was_refused_or_left_alone_of_a_plan_counts_for_nothing(hot: Firm) -> None:
    plan = replace(saved(hot), guards=())
    hot.crm.records["a"]["OwnerId"] = "bob"
    assert applied(hot, part(plan, "a")).outcomes == {"a": "conflict"}
    hot.guards = {"stage_changes": {"number": 1}}
    assert applied(hot, part(plan, "b")).outcomes == {"b": "written"}


def test_another_roster_or_store_refuses_it(hot: Firm, tmp_path: Path) -> None:
    plan = saved(hot)
    with closing(Store(tmp_path / "other.db")) as store:
        other = Firm(store, hot.name, hot.texts, hot.crm)
        with pytest.raises(UsageError, match="made with another store"):
            applied(other, plan)
    hot.texts = {**hot.texts, "roster": ROSTER.replace("  - {user: abe, role: ae}\n", "")}
    with pytest.raises(UsageError, match="the roster, or who is active in the CRM, has changed"):
        applied(hot, plan)
    assert (pushes(hot), turns(hot)) == (0, {})
