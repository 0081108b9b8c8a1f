"""Tests that the bench of mutants forks may fork processes of their own: these begin with nothing of the bench."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BENCH = """
import sys
from pathlib import Path

from forks import forks, tested

if __name__ == "__main__":
    root = Path({root!r})
    arguments = ["-q", "-p", "no:cacheprovider", "--rootdir", str(root), {test!r}]
    code, words = tested(forks(), root, [root / "src"], arguments, said=Path({said!r}), seconds=240)
    print(words)
    sys.exit(code)
"""
TEST = """
import sys
sys.path.insert(0, {tests!r})
from suite.practice import PracticeServer

def test_a_practice_crm_starts():
    server = PracticeServer("--crm", "hubspot")
    assert server.urls["hubspot"]
    server.end()
"""


@pytest.mark.breadth
def test_a_test_may_start_a_practice_crm(tmp_path: Path) -> None:
    test, bench = tmp_path / "test_it.py", tmp_path / "bench.py"
    test.write_text(TEST.format(tests=str(ROOT / "tests")), "utf-8")
    places = {"root": ROOT, "test": test, "said": tmp_path / "said"}
    bench.write_text(BENCH.format(**{name: str(place) for name, place in places.items()}), "utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env["PYTHONPATH"] = str(ROOT / "tests" / "mutants")
    done = subprocess.run([sys.executable, bench], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
