"""Two machines serve the same connections; one is killed in mid-write, one frozen: all ends as after a calm process.

`make machines` does so with 20 connections, and stops the database's server in between.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from many_machines import calm, disturbed, wrong


@pytest.mark.breadth
def test_what_one_machine_leaves_another_takes_over(tmp_path: Path, postgresql_database: str) -> None:
    expected = calm(tmp_path / "calm", 2)
    assert all(each["turns"] for each in expected.values())
    assert wrong(expected, disturbed(tmp_path / "disturbed", 2, postgresql_database, restart=False)) == []
