"""What writing costs in calls, for as many leads as fill some batches; `cost_of_writing` measures it for 10,000."""

from __future__ import annotations

from pathlib import Path

import pytest
from cost_of_writing import WAYS, measured
from rehearsal import CRMS

from suite.breadth import broadly

CHANGES = 450


@pytest.mark.breadth
@pytest.mark.parametrize("way", broadly(WAYS))
@pytest.mark.parametrize("crm", CRMS)
def test_calls_follow_the_batches(tmp_path: Path, crm: str, way: str) -> None:
    cost = measured(tmp_path, crm, way, CHANGES)
    assert cost.missed == []
    assert min(cost.writes, cost.reads, cost.own) >= 1, "something is not counted"


@pytest.mark.breadth
def test_steps_back_that_hubspot_takes_in_two_calls_are_few_batches(tmp_path: Path) -> None:
    cost = measured(tmp_path, "hubspot", "run", CHANGES, back_every=20)
    assert cost.back > 20
    assert cost.missed == []
