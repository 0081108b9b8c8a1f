"""Rotation counters carried from one store to another, and from one CRM user to another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal
from small_world import small_world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as crms:
        yield crms


def pools(here: Rehearsal) -> Any:
    """Turns and shares of every pool, connection by connection."""
    return [each["pools"] for each in here.json("report", "load")["connections"]]


def test_counters_survive_a_change_of_store(here: Rehearsal) -> None:
    here.json("run")
    before = pools(here)
    assert sum(person["turns"] for each in before for pool in each for person in pool["people"]) > 0
    exported = here.crmsync("counters", "export", "--out", "counters.json")
    assert exported.returncode == 0
    assert json.loads(exported.stdout) == json.loads(here.file("counters.json").read_text(encoding="utf-8"))
    here.file("crmsync.db").unlink()

    early = here.crmsync("counters", "import", "counters.json")
    assert (early.returncode, "nothing is stored" in early.stderr) == (2, True)
    here.json("run", "--dry-run")
    assert all(pool["turns"] == 0 for each in pools(here) for pool in each), "a new store begins anew"
    done = here.crmsync("counters", "import", "counters.json")
    assert done.returncode == 0, done.stderr
    assert "turns in" in done.stdout
    assert pools(here) == before
    again = here.crmsync("counters", "import", "counters.json")
    assert (again.returncode, "--replace" in again.stderr) == (2, True)
    assert here.crmsync("counters", "import", "counters.json", "--replace").returncode == 0
    assert pools(here) == before


WRONG = {
    "no JSON": ("{", "counters.json:1:2"),
    "another file": ('{"format": 1}', "counters"),
    "unknown key": ('{"format": 1, "counters": {"salesforce": {"p": {"a": {"turns": 1, "luck": 2}}}}}', "luck"),
    "not a number": ('{"format": 1, "counters": {"salesforce": {"p": {"a": {"turns": "many"}}}}}', "turns"),
    "lags": (
        '{"format": 1, "counters": {"salesforce": {"p": {"a": {"turns": 1, "lag": [1, 2]}}}}}',
        "do not add up to zero",
    ),
    "unknown connection": ('{"format": 1, "counters": {"salesforze": {}}}', "no connection `salesforze`"),
}


def test_a_file_that_is_not_right_changes_nothing(here: Rehearsal) -> None:
    here.json("run")
    before = pools(here)
    for text, words in WRONG.values():
        here.file("counters.json").write_text(text, encoding="utf-8")
        done = here.crmsync("counters", "import", "counters.json", "--replace")
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    assert pools(here) == before
