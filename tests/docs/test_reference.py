"""Pages that are made from the program say what the program says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

from crmsync.model import Outcome

ROOT = Path(__file__).parents[2]


def test_the_reference_is_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/make_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_outcome_of_a_change_is_told() -> None:
    page = (ROOT / "docs" / "explanation" / "a-run.md").read_text(encoding="utf-8")
    chapter = page.partition("## What becomes of a change")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", chapter, re.M)) == {
        word for kind in get_args(Outcome) for word in get_args(kind)
    }
