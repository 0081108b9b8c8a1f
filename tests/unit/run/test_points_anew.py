"""Points that begin anew when a lead comes back, over days and runs: what a run itself writes changes no decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
from small_firm import MAPPING, Firm

from crmsync.qualify.engine.decide import decide
from crmsync.run.gather import gathered

POLICY = """
format: 1
name: Anew
facts:
  heat: {type: choice, values: [cold, hot]}
scores:
  interest: {rules: [{activities: {kind: webinar, since: recycled}, points: 30}]}
ladder:
  - {stage: lead}
  - {stage: mql, when: {score: interest, at_least: 60}}
disqualified:
  reasons: [{name: cold, when: {fact: heat, is: cold}}]
  recycle: {after_days: 10}
movement: {hands_off_days: 0}
"""
STAGES = MAPPING.replace("{mql: mql, sql: sql}", "{lead: lead, mql: mql, disqualified: out}")


def interest(firm: Firm, lead: str) -> int:
    """Points as of today."""
    day = firm.now.date()
    (batch,) = gathered(firm.prepared, firm.store, day, leads=[lead])
    low, high = decide(firm.prepared.compiled, batch, day).select("score.interest.low", "score.interest.high").row(0)
    assert low == high
    return int(low) // 1000


def on_a_day(firm: Firm, days: int) -> None:
    """A run so many days later; a second one would change nothing."""
    firm.now += timedelta(days=days)
    firm.run()
    assert firm.run(dry_run=True).changes == ()
    assert firm.run(dry_run=True, full=True).changes == ()


@pytest.mark.breadth
def test_three_webinars_before_and_one_after(firm: Firm) -> None:
    firm.texts = {**firm.texts, "policy": POLICY, "mapping": STAGES}
    firm.crm.records = {"a": {**firm.crm.records["a"], "Status": "lead", "Heat": "hot"}}
    for days in (1, 2, 3):
        firm.did("a", "webinar", at=firm.now - timedelta(days=days))
    on_a_day(firm, 0)
    assert (firm.crm.records["a"]["Status"], interest(firm, "a")) == ("mql", 90)
    firm.crm.records["a"]["Heat"] = "cold"
    on_a_day(firm, 1)
    assert (firm.crm.records["a"]["Status"], interest(firm, "a")) == ("out", 90), "not on the very day"
    on_a_day(firm, 1)
    assert interest(firm, "a") == 0, "while it stands there nothing counts"
    firm.crm.records["a"]["Heat"] = "hot"
    on_a_day(firm, 9)
    assert (firm.crm.records["a"]["Status"], interest(firm, "a")) == ("lead", 0)
    firm.now += timedelta(days=1)
    firm.did("a", "webinar")
    on_a_day(firm, 0)
    assert (firm.crm.records["a"]["Status"], interest(firm, "a")) == ("lead", 30)
    firm.now += timedelta(days=1)
    firm.did("a", "webinar")
    on_a_day(firm, 0)
    assert (firm.crm.records["a"]["Status"], interest(firm, "a")) == ("mql", 60)


STALE = """
format: 1
name: Stale
facts:
  heat: {type: choice, values: [cold, hot]}
criteria:
  hot: {fact: heat, is: hot}
  stale: {stood_in: sql, at_least_days: 90}
  news: {activities: {kind: meeting, since: {left: sql}}}
ladder:
  - {stage: lead}
  - {stage: mql, when: hot}
  - {stage: sql, when: {any: [{not: stale}, news]}}
movement: {hands_off_days: 0, backward: allowed}
"""


@pytest.mark.breadth
def test_ninety_days_as_sql_and_back_to_mql(firm: Firm) -> None:
    """On the ninetieth day and not before; it stays there until there is something new."""
    firm.texts = {**firm.texts, "policy": STALE, "mapping": MAPPING.replace("{mql:", "{lead: lead, mql:")}
    firm.crm.records = {"a": {**firm.crm.records["a"], "Status": "lead", "Heat": "hot"}}
    stages = []
    for days in (0, 1, 88, 1, 1, 30):
        on_a_day(firm, days)
        stages.append(firm.crm.records["a"]["Status"])
    assert stages == ["sql", "sql", "sql", "mql", "mql", "mql"]
    firm.did("a", "meeting")
    on_a_day(firm, 0)
    assert firm.crm.records["a"]["Status"] == "sql"
    on_a_day(firm, 1)
    assert firm.crm.records["a"]["Status"] == "sql", "its latest stay is a new one"
