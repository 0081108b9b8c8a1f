"""Numbers on the command line that no store holds are refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from crmsync.cli.main import cli

LARGE = str(2**63)


@pytest.mark.parametrize(
    "command",
    ["history --run", "undo", "runs --show", "run --dry-run --limit", "run --allow-changes", "demo --leads"],
)
def test_a_number_that_is_too_large_is_a_mistake_of_the_call(command: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, [*command.split(), LARGE])
    assert done.exit_code == 2
    assert f"{LARGE} is too large" in done.output


def test_a_lead_without_a_name_is_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["run", "--dry-run", "--lead", " "])
    assert done.exit_code == 2
    assert "a lead's id, address or e-mail is empty" in done.output
