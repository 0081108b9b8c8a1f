"""Numbers, days and leads on the command line that can be none are refused in words."""

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


@pytest.mark.parametrize(
    "command",
    [
        "run --dry-run --lead",
        "undo 1 --lead",
        "hooks test c --lead",
        "hold --until 2026-12-24 --why x",
        "history",
        "explain c 1",
        "forget c",
    ],
)
@pytest.mark.parametrize("lead", ["", " "])
def test_a_lead_without_a_name_is_one(command: str, lead: str) -> None:
    done = CliRunner().invoke(cli, [*command.split(), lead])
    assert done.exit_code == 2
    assert "a lead's id, address or e-mail is empty" in done.output


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("0001-01-01", "is not between 1970-01-01 and 2999-12-31"),
        ("9999-12-31", "is not between"),
        ("2026-W48-1", "is not a day"),
        ("20261121", "is not a day"),
        ("2026-02-30", "is not a day"),
    ],
)
def test_a_day_is_written_in_one_way_and_near_enough_to_count_with(day: str, told: str) -> None:
    done = CliRunner().invoke(cli, ["run", "--dry-run", "--as-of", day])
    assert done.exit_code == 2
    assert f"`{day}` {told}" in " ".join(done.output.split())
