"""Standard streams that are closed or full: words and an exit code, whatever the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from suite.breadth import broadly

COMMANDS = ("--version", "--help", "schema policy", "policy describe --policy saas", "policy presets")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")


_WRONG_AND_LONG = (
    "import sys, time; time.sleep(0.2); from crmsync.cli.shared import put; put('x' * 1_000_000, None); sys.exit(4)"
)


def shell(command: str, redirected: str, folder: Path) -> subprocess.CompletedProcess[str]:
    line = f'"{sys.executable}" -m crmsync {command} {redirected}'
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", broadly([*COMMANDS, "run", "nix"], core=2))
def test_a_closed_stdout_is_told(command: str, tmp_path: Path) -> None:
    done = shell(command, ">&-", tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "Error: stdout cannot be written: closed",
        "  → to throw away what is said, use /dev/null",
    ]


@pytest.mark.parametrize("command", ["--version", "run", "nix"])
def test_a_closed_stderr_is_told_where_something_can_be(command: str, tmp_path: Path) -> None:
    done = shell(command, "2>&-", tmp_path)
    assert done.returncode == 2
    assert "stderr cannot be written: closed" in done.stdout
    assert shell(command, ">&- 2>&-", tmp_path).returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("command", broadly(COMMANDS, core=2))
def test_a_full_stdout_is_told(command: str, tmp_path: Path) -> None:
    done = shell(command, ">/dev/full", tmp_path)
    assert done.returncode == 1
    assert "the result cannot be written to stdout: No space left on device" in done.stderr
    assert "did not foresee" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_messages_that_cannot_be_said_stop_nothing(tmp_path: Path) -> None:
    assert "crmsync" in shell("--version", "2>/dev/full", tmp_path).stdout
    assert shell("nix", "2>/dev/full", tmp_path).returncode == 2


def test_a_reader_who_has_had_enough_is_no_error(tmp_path: Path) -> None:
    done = shell("schema policy", "| true", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_who_has_had_enough_hides_no_exit_code(tmp_path: Path) -> None:
    """Of a command that is done the exit says how it ended, not who read on."""
    line = f'"{sys.executable}" -c "{_WRONG_AND_LONG}" | true; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("4\n", "")


def test_without_stdin_no_file_takes_its_number(tmp_path: Path) -> None:
    assert shell("--version", "<&-", tmp_path).returncode == 0
