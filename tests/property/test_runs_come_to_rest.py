"""A random policy with recycling, `since` and a running total, on both practice CRMs: what a run leaves is at rest.

One of many that `python tests/bench/fixed_points.py` tries, with fewer leads.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fixed_points import firm, random_policy

SEED = 6
LEADS = 30


@pytest.mark.parametrize("seed", [SEED])
def test_a_second_look_plans_nothing(seed: int, tmp_path: Path) -> None:
    with firm(tmp_path, seed, leads=LEADS) as here:
        rest = here.settles_under(*random_policy(seed), rounds=2)
    assert rest.still == []
    assert rest.moved >= LEADS, "else nothing was seen to come to rest"
