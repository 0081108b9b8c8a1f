"""Files with credentials or people's data that everybody on the machine may read are told by `crmsync check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows says it otherwise")


def told(here: Rehearsal) -> dict[str, str]:
    """File → next step, of the warnings about readable files."""
    findings = here.json("check", "salesforce")["findings"]
    return {
        Path(each["file"]).name: each["hint"] for each in findings if "everybody on this machine" in each["message"]
    }


def names_a_key(data: Any) -> None:
    data["connections"]["salesforce"]["options"]["private_key_file"] = "key.pem"


def test_each_file_with_secrets_is_looked_at(shared: Rehearsal, tmp_path: Path) -> None:
    here = shared.copy(tmp_path / "own")
    key, tokens, people = (here.file(each) for each in ("key.pem", "refresh-tokens.json", "console-people.yaml"))
    key.write_text("-----BEGIN PRIVATE KEY-----\n", encoding="ascii")
    tokens.write_text("{}", encoding="ascii")
    people.write_text("format: 1\npeople: []\n", encoding="ascii")
    here.change("crmsync.yaml", lambda data: data.update(console={}))
    here.change(
        "crmsync.yaml", lambda data: data["connections"]["salesforce"]["options"].update(private_key_file="key.pem")
    )
    assert here.crmsync("run", "salesforce", "--dry-run").returncode == 0
    files = [here.file(".env"), key, tokens, people, here.file("crmsync.db")]
    for file in files:
        file.chmod(0o640)
    assert told(here) == {}, "who is in the group is the machine's own matter"
    for file in files:
        file.chmod(0o644)
    hints = told(here)
    assert hints.keys() == {file.name for file in files}
    assert all(hint.startswith("chmod 600 ") and hint.endswith(name) for name, hint in hints.items())
    shown = here.crmsync("check", "salesforce")
    assert shown.returncode == 0
    assert "everybody on this machine may read this file" in " ".join(shown.stdout.split())


def test_folders_in_which_everybody_may_put_other_files(shared: Rehearsal, tmp_path: Path) -> None:
    here = shared.copy(tmp_path / "own")
    elsewhere = here.file("keys")
    elsewhere.mkdir()
    options = {"refresh_token_file": "keys/tokens.json"}
    here.change("crmsync.yaml", lambda data: data["connections"]["salesforce"]["options"].update(options))

    def open_folders() -> list[str]:
        findings = here.json("check", "salesforce")["findings"]
        return [each["hint"] for each in findings if "put other files in the place" in each["message"]]

    assert open_folders() == []
    elsewhere.chmod(0o1777)
    assert open_folders() == [], "each only their own, as in /tmp"
    elsewhere.chmod(0o777)
    here.directory.chmod(0o777)
    assert [hint.split()[:2] for hint in open_folders()] == [["chmod", "o-w"]] * 2
    here.directory.chmod(0o755)


@pytest.mark.breadth
def test_a_variable_that_stands_twice_is_told_by_every_command(shared: Rehearsal, tmp_path: Path) -> None:
    here = shared.copy(tmp_path / "own")
    with here.file(".env").open("a", encoding="utf-8") as variables:
        variables.write("CRMSYNC_STORE=a.db\nCRMSYNC_STORE=crmsync.db\n")
    for command in (("run", "salesforce", "--dry-run"), ("report", "load", "salesforce"), ("check", "salesforce")):
        done = here.crmsync(*command)
        assert done.returncode == 0
        assert done.stderr.count("`CRMSYNC_STORE` stands here and in line") == 1
    [found] = [each for each in here.json("check", "salesforce")["findings"] if "stands here" in each["message"]]
    assert found["line"] and found["severity"] == "warning"
