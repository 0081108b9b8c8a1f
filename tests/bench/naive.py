"""The engine against the naive interpreter at full size: `python tests/bench/naive.py [POLICIES] [LEADS] [SEED]`.

Random policies with every construct, on random leads: every verdict, score, band, stage and reason is compared.
Prints what differs. Exit code: 0, or 1 where something does.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`
sys.path.insert(0, str(Path(__file__).parents[1] / "property" / "qualify"))

from test_naive_interpreter import compared, world

SHOWN = 20


def main() -> int:
    """A line for each of the first differences, and one for all."""
    policies, leads, first = (int(each) for each in (*sys.argv[1:], *("200", "500", "0")[len(sys.argv) - 1 :]))
    begun, values, differing = time.process_time(), 0, Counter[int]()
    for seed in range(first, first + policies):
        for column, lead, naive, engine in compared(seed, leads):
            values += 1
            if naive != engine:
                differing[seed] += 1
                if differing.total() <= SHOWN:
                    print(f"seed {seed}, lead {lead['row']}: {column} is {engine}, naively {naive}")
        world.cache_clear()
    told = f"{policies} policies, {policies * leads:,} decisions, {values:,} values"
    spent = time.process_time() - begun
    print(f"{told}: {differing.total():,} differ, under {len(differing)} policies; {spent:.0f} CPU s")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
