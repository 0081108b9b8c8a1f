"""A plan with what became of its changes."""

from __future__ import annotations

from datetime import date

from crmsync.model import Change, Plan, SetAside
from crmsync.run.apply import ApplyReport
from crmsync.run.planned import carried_out

GONE = Change("1", "mql", "sql", None, None, {"Status": ("mql", "sql")}, {}, ())
PLAN = Plan("crm", date(2026, 11, 30), (GONE,), (SetAside("1", "deleted in the CRM"),), (), {}, {}, "digest")


def test_a_lead_that_was_set_aside_stands_there_once() -> None:
    applied = ApplyReport(
        {"1": "refused"}, {"1": "no longer in the CRM"}, set_aside=(SetAside("1", "no longer there"),)
    )
    done = carried_out(PLAN, applied, calls=3)
    assert [(each.lead, each.reason) for each in done.set_aside] == [("1", "deleted in the CRM")]
    assert (done.counts["set_aside"], done.outcomes) == (1, {"1": "refused"})
