"""Of which hand-overs there is a report of capacity: no other may be chosen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from crmsync.operations.report.capacity import planned_for
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.route.choosing.strategy import Need


def test_those_that_begin_at_a_stage_and_go_to_people() -> None:
    some = [
        HandOver(name="to_ae", stage="sql"),
        HandOver(name="to_bdr", stage="lead"),
        HandOver(name="hot", stage="sql", when=("asked",)),
        HandOver(name="recycled", leaving=True),
        HandOver(name="to_queue", stage="mql"),
    ]
    ladder = [SimpleNamespace(stage=stage) for stage in ("lead", "mql", "sql")]
    people, queue = (SimpleNamespace(needs=needs) for needs in ({Need.PEOPLE}, set()))
    rules = {each.name: (queue if each.name == "to_queue" else people,) for each in some}
    policy: Any = SimpleNamespace(hand_overs=some, ladder=ladder)
    roster: Any = SimpleNamespace(rules=SimpleNamespace(of_hand_overs=rules))
    assert [each.name for each in planned_for(policy, roster)] == ["to_ae"]
