"""Which way a lead would go now: rule by rule, as the next run would send it, and nothing counted for it."""

from __future__ import annotations

from collections.abc import Callable

from small_firm import POLICY, ROSTER, Firm

from crmsync.run.way_now import WayNow, way_now
from crmsync.tongue import ENGLISH

RULES = (
    ROSTER
    + """
rules:
  hand_off:
    - {when: called_by_bdr, pool: receivers, strategy: least_loaded}
    - {strategy: account_owner}
    - {pool: receivers}
    - {strategy: queue, queue: Desk}
"""
)


def way(firm: Firm, lead: str) -> WayNow:
    return way_now(firm.prepared, firm.store, lead, as_of=firm.now.date(), now=firm.now, tongue=ENGLISH)


def steps(found: WayNow) -> list[tuple[int | None, str]]:
    return [(step.rule, step.outcome) for step in found.tried]


def test_each_rule_is_told_until_one_gives_the_lead_and_the_run_does_the_same(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=RULES)
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run(dry_run=True)
    before = firm.store.journal.turns(firm.name)
    found = way(firm, "a")
    assert steps(found) == [(1, "skipped"), (2, "passed_on"), (3, "gave")]
    assert [step.words for step in found.tried] == [
        "called_by_bdr",
        "nobody who may take it owns an account or another lead of the same company",
        "next in the rotation of pool receivers",
    ]
    assert (found.hand_over, found.owner, found.pool) == ("hand_off", "ann", "receivers")
    assert firm.store.journal.turns(firm.name) == before, "nothing is counted"
    assert {change.lead: change.owner_after for change in firm.run().changes} == {"a": "ann"}


def test_a_lead_that_a_receiver_owns_is_looked_at_as_if_nobody_did(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=RULES)
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run()
    found = way(firm, "a")
    assert steps(found)[-1] == (3, "gave")
    assert found.owner == "abe", "the next turn"


def test_a_rule_that_lets_no_other_take_over_is_the_last(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=RULES.replace("account_owner}", "account_owner, overflow: false}"))
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run(dry_run=True)
    assert steps(way(firm, "a")) == [(1, "skipped"), (2, "waits")]
    assert way(firm, "a").owner is None


def test_below_the_hand_off_with_an_owner_no_rule_is_asked(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=RULES, policy=POLICY)
    firm.run(dry_run=True)
    assert way(firm, "b") == WayNow(())
