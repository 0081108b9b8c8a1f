"""`make kill`, or `python tests/acceptance/kill_everywhere.py [--points N] [--crm CRM]`: killed at many points.

N points (200) evenly over all steps of the situations of `kill_situations`, on both practice CRMs, one CRM on each
core. Exit code: 0 all ended as the calm commands, 1 something did not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`

from kill_situations import situations
from killing import CRMS, Wrong, in_words, killed, points_all_over


def killed_everywhere(crm: str, points: int) -> Wrong:
    """What is wrong after kills at this many points on one CRM."""
    wrong: Wrong = {}
    with tempfile.TemporaryDirectory() as folder:
        frozen = situations(crm, Path(folder))
        share, rest = divmod(points, len(frozen))
        for place, situation in enumerate(frozen.values()):
            steps, began = len(situation.steps), time.monotonic()
            found = killed(situation, Path(folder) / "points", points_all_over(situation, share + (place < rest)))
            wrong |= found
            told = f"{crm}, {situation.name}: {steps} steps, {situation.batches} batches"
            print(f"{told}, {len(found)} wrong, {time.monotonic() - began:.0f} s", flush=True)
    return wrong


def main() -> None:
    """See the module."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--crm", choices=CRMS)
    arguments.add_argument("--points", type=int, default=200)
    asked = arguments.parse_args()
    if asked.crm is None:
        ways = [[sys.executable, __file__, "--crm", crm, "--points", str(asked.points // 2)] for crm in CRMS]
        processes = [subprocess.Popen(way) for way in ways]
        sys.exit(max([process.wait() for process in processes]))
    wrong = killed_everywhere(asked.crm, asked.points)
    print(f"{asked.crm}: {asked.points} points, {len(wrong)} wrong")
    if wrong:
        sys.exit(in_words(wrong))


if __name__ == "__main__":
    main()
