"""What a newcomer meets first: names misspelt, terminals without Unicode, the way from one terminal to the next."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from crmsync import __version__
from crmsync.cli.main import cli
from crmsync.cli.shared import messages
from crmsync.cli.streams import plain, take_all_signs
from crmsync.cli.this_command import this_command
from crmsync.showing.rendering import as_json
from crmsync_practice.next_steps import next_steps


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("rn", "'run'"),
        ("explian", "'explain'"),
        ("policy shw", "'show'"),
        ("report worklst", "'worklist'"),
        ("counters exprt", "'export'"),
        ("simulate rutning", "'routing'"),
        ("practice srve", "'serve'"),
        ("run --dry-rn", "'--dry-run'"),
        ("--versoin", "'--version'"),
    ],
)
def test_the_name_that_is_meant_is_told(given: str, meant: str) -> None:
    done = CliRunner().invoke(cli, given.split())
    assert done.exit_code == 2
    assert f"Did you mean {meant}?" in done.output


def test_the_version_names_the_connectors() -> None:
    done = CliRunner().invoke(cli, ["--version"])
    version, connectors = done.output.splitlines()
    assert version == f"crmsync {__version__}"
    told = connectors.removeprefix("connectors: ").split(", ")  # somebody's own may stand among them
    assert {f"hubspot {__version__}", f"salesforce {__version__}"} <= set(told)
    assert told == sorted(told)


@pytest.mark.parametrize("arguments", [("policy", "describe", "--policy", "saas"), ("policy", "presets"), ("nix",)])
def test_a_terminal_of_ascii_is_told_everything_in_ascii(arguments: tuple[str, ...], tmp_path: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "LANG": "C", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-m", "crmsync", *arguments], cwd=tmp_path, env=env, capture_output=True, check=False
    )
    said = (done.stdout + done.stderr).decode("ascii")
    assert said and "\\u" not in said and "Unicode" not in said


def test_signs_have_a_likeness_and_json_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plain("✓ ✗ → Müller … ─│├ 漢") == "+ x -> Muller ... -|| ?"
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    take_all_signs()
    text = as_json({"name": "Müller"})
    stream.write(text + "✗")
    monkeypatch.undo()
    assert text.isascii() and json.loads(text) == {"name": "Müller"}
    raw = stream.detach()
    assert isinstance(raw, io.BytesIO) and raw.getvalue().endswith(b"x")


def test_the_command_that_starts_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / ".venv" / "bin" / "crmsync"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [".venv/bin/crmsync"])
    monkeypatch.setenv("PATH", "/nowhere")
    assert this_command() == str(script)
    steps = next_steps(2, Path("rehearsal"))
    assert f"cd {tmp_path / 'rehearsal'}" in steps and f"  {script} run --dry-run  " in steps
    monkeypatch.setenv("PATH", str(script.parent))
    assert this_command() == "crmsync"
    monkeypatch.setattr(sys, "argv", ["somewhere/__main__.py"])
    assert this_command() == f"{shlex.quote(sys.executable)} -m crmsync"


def test_the_first_error_names_what_does_write_a_configuration(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crmsync", "check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "crmsync practice serve --config-dir FOLDER" in done.stderr
    assert "crmsync demo" not in done.stderr


@pytest.mark.parametrize(("columns", "wide"), [(None, 160), ("72", 72)])
def test_what_is_said_in_a_log_is_not_broken_early(
    columns: str | None, wide: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert messages().width == wide
