"""`crmsync init --yes` on every made org of tests/data/orgs, in practice CRMs; names as arguments choose some.

Exit 1 where one does not end in a configuration that `check --data` passes, or where a second `init` changes
anything. Takes half a minute for each: `make init-on-made-orgs`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/acceptance")]
from made_org_world import complaints  # noqa: E402 - found only now


def main() -> int:
    names = sys.argv[1:]
    failed = 0
    for path in sorted((ROOT / "tests/data/orgs").glob("*.yaml")):
        if names and path.stem not in names:
            continue
        with tempfile.TemporaryDirectory() as place:
            wrong = complaints(path, Path(place))
        failed += bool(wrong)
        print(f"{path.stem}: {'; '.join(wrong) or 'holds'}", flush=True)  # noqa: T201 - the command's answer
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
