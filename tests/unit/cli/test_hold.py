"""`crmsync hold`: what is refused before anything is looked up."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from crmsync.cli.hold import hold
from crmsync.operations.left_alone.holds import LONGEST_WHY


@pytest.mark.parametrize(("length", "told"), [(LONGEST_WHY, False), (LONGEST_WHY + 1, True)])
def test_a_reason_has_a_bound_as_every_plan_repeats_it(tmp_path: Path, length: int, told: bool) -> None:
    done = CliRunner().invoke(
        hold,
        ["1", "--until", "2026-12-24", "--why", "x" * length, "--config", str(tmp_path / "none.yaml")],
    )
    assert done.exit_code != 0
    assert ("--why takes at most 500 characters" in str(done.exception)) == told
