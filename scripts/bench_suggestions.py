"""How well `crmsync init` suggests, on the made orgs of tests/data/orgs: `make bench-suggestions`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from suite.suggestion_bench import made_orgs, scores


def lines() -> Iterator[str]:
    """Tuned orgs, then those unseen while tuning: per part precision and recall, then what is wrong or left out."""
    orgs = list(made_orgs())
    for title, unseen in (("tuned", False), ("unseen", True)):
        if unseen and "--tuned" in sys.argv:
            continue
        some = [made for made in orgs if made.unseen == unseen]
        yield f"{title}: {len(some)} orgs"
        for part, score in scores(some).items():
            precision = f"precision {score.precision:.3f} ({score.right}/{score.taken})"
            yield f"  {part:8} {precision}  recall {score.recall:.3f} ({score.right}/{score.true})"
            yield from (f"    wrong   {line}" for line in score.wrong)
            yield from (f"    missed  {line}" for line in score.missed)


if __name__ == "__main__":
    print("\n".join(lines()))  # noqa: T201 - the command's answer
