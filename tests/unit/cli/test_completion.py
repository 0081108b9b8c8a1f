"""The lines of docs/how-to/complete-commands.md work, and complete commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crmsync.cli.report import report

SCRIPT = Path(sys.executable).with_name("crmsync")
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "complete-commands.md"


def said(**variables: str) -> str:
    """What the program answers a shell that asks."""
    env = {**os.environ, **variables}
    return subprocess.run([SCRIPT], env=env, capture_output=True, text=True, check=True, timeout=300).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_line_of_the_page_gives_a_script_for_its_shell(shell: str) -> None:
    assert f"_CRMSYNC_COMPLETE={shell}_source crmsync" in PAGE.read_text(encoding="utf-8")
    assert "_crmsync_completion" in said(_CRMSYNC_COMPLETE=f"{shell}_source")


def test_powershell_is_told_how_to_ask_and_is_answered() -> None:
    assert '$env:_CRMSYNC_COMPLETE = "powershell_source"; crmsync' in PAGE.read_text(encoding="utf-8")
    assert "Register-ArgumentCompleter -Native -CommandName crmsync" in said(_CRMSYNC_COMPLETE="powershell_source")
    answer = said(_CRMSYNC_COMPLETE="powershell_complete", COMP_WORDS="crmsync re", COMP_CWORD="1").splitlines()
    assert (answer[0::3], answer[1::3]) == (["plain", "plain"], ["redistribute", "report"])


def test_commands_of_groups_are_offered_too() -> None:
    first = said(_CRMSYNC_COMPLETE="bash_complete", COMP_WORDS="crmsync re", COMP_CWORD="1")
    assert first.split() == ["plain,redistribute", "plain,report"]
    inner = said(_CRMSYNC_COMPLETE="bash_complete", COMP_WORDS="crmsync report ", COMP_CWORD="2")
    assert {"funnel", "near-miss", "worklist"} <= report.commands.keys()
    assert set(re.findall(r"plain,(\S+)", inner)) == report.commands.keys()


@pytest.mark.skipif(shutil.which("bash") is None, reason="this machine has no bash")
def test_a_real_bash_completes() -> None:
    line = re.search(r"^ +(eval .*bash_source.*)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert line
    asked = f'{line[1]}; COMP_WORDS=(crmsync fo); COMP_CWORD=1; _crmsync_completion crmsync; echo "${{COMPREPLY[@]}}"'
    env = {**os.environ, "PATH": f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", asked], env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout.split() == ["forget"], done.stderr


@pytest.mark.skipif(shutil.which("zsh") is None, reason="this machine has no zsh")
def test_a_real_zsh_completes() -> None:
    """What the shell would list is said by the two functions with which its script lists."""
    line = re.search(r"^ +(eval .*zsh_source.*)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert line
    asked = (
        f"autoload -Uz compinit; compinit -u -D; {line[1]}; print ${{_comps[crmsync]}}; "
        "_describe() { print -l ${(P)3} }; compadd() { print -l ${(P)@[-1]} }; "
        "words=(crmsync fo); CURRENT=2; _crmsync_completion"
    )
    env = {**os.environ, "PATH": f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["zsh", "-f", "-c", asked], env=env, capture_output=True, text=True, check=False, timeout=300
    )
    function, *found = done.stdout.split("\n")
    assert function == "_crmsync_completion", done.stderr
    assert [it.partition(":")[0] for it in found if it] == ["forget"], done.stderr


@pytest.mark.skipif(shutil.which("fish") is None, reason="this machine has no fish")
def test_a_real_fish_completes(tmp_path: Path) -> None:
    line = re.search(r"^ +(_CRMSYNC_COMPLETE=fish_source.*)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert line
    path = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "HOME": str(tmp_path), "TERM": "dumb"}
    asked = f'{line[1]}; complete -C "crmsync fo"'
    done = subprocess.run(["fish", "-c", asked], env=env, capture_output=True, text=True, check=False, timeout=300)
    assert [it.split("\t")[0] for it in done.stdout.splitlines()] == ["forget"], done.stderr
