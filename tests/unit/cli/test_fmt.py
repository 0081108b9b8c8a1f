"""`crmsync fmt`: comments go with what they are about; wrong files are refused with their place, none is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crmsync.cli.main import cli

MIXED = """\
# yaml-language-server: $schema=mapping.json
# The mapping of our CRM.

# Who a lead is.
lead:
  email: Email   # theirs
  # the record
  object: Lead
    # further in: goes with `object`
connector: salesforce

# Which values mean which stage.
stage:
  field: Status
  values: {sql: Working, mql: Open}
format: 1
# The end.
"""
IN_ORDER = """\
# yaml-language-server: $schema=mapping.json
# The mapping of our CRM.

format: 1
connector: salesforce

# Who a lead is.
lead:
  # the record
  object: Lead
    # further in: goes with `object`
  email: Email   # theirs
# Which values mean which stage.
stage:
  field: Status
  values: {sql: Working, mql: Open}
# The end.
"""


def fmt(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["fmt", *map(str, arguments)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(MIXED, encoding="utf-8")
    return path


def test_comments_go_with_their_keys(file: Path) -> None:
    assert fmt(file).exit_code == 0
    assert file.read_text(encoding="utf-8") == IN_ORDER
    assert "in order" in fmt("--check", file).output


def test_a_check_tells_and_writes_nothing(file: Path) -> None:
    done = fmt("--check", "--format", "json", file)
    assert done.exit_code == 4
    (told,) = json.loads(done.stdout)["files"]
    assert (told["path"], told["state"]) == (str(file), "not_in_order")
    assert "+format: 1" in told["diff"]
    assert file.read_text(encoding="utf-8") == MIXED


def test_a_file_keeps_its_mode_and_its_link(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file.name)
    assert fmt(link).exit_code == 0
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.read_text(encoding="utf-8") == IN_ORDER
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "mapping.yaml"]


def test_a_broken_file_is_told_with_its_place_and_no_file_is_written(file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "policy.yaml"
    broken.write_text("name: x\nladder: [a\nscores: {}\n", encoding="utf-8")
    done = fmt(file, broken)
    assert done.exception is not None
    assert f"{broken}:3:7" in str(done.exception)
    assert file.read_text(encoding="utf-8") == MIXED


@pytest.mark.parametrize(
    "text", ["", "# nothing but this\n", "format: 1\r\nconnector: x\r\n", "name: |+\n  a\n\n\n\nformat: 1\n", "- 1\n"]
)
def test_twice_is_once(text: str, file: Path) -> None:
    file.write_bytes(text.encode())
    assert fmt(file).exit_code == 0
    once = file.read_bytes()
    assert fmt("--check", file).exit_code == 0
    assert file.read_bytes() == once


def test_a_file_of_somebody_else_is_left_alone(file: Path) -> None:
    file.write_text("services: {db: {image: x}}\n", encoding="utf-8")
    assert "is no file of crmsync's" in str(fmt(file).exception)
