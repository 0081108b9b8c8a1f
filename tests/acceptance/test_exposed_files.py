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
    key, tokens = here.file("key.pem"), here.file("refresh-tokens.json")
    key.write_text("-----BEGIN PRIVATE KEY-----\n", encoding="ascii")
    tokens.write_text("{}", encoding="ascii")
    here.change(
        "crmsync.yaml", lambda data: data["connections"]["salesforce"]["options"].update(private_key_file="key.pem")
    )
    assert here.crmsync("run", "salesforce", "--dry-run").returncode == 0
    files = [here.file(".env"), key, tokens, here.file("crmsync.db")]
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
