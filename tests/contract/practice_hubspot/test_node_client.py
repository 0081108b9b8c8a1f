"""npm's @hubspot/api-client, unmodified, against the practice portal."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "clients" / "hubspot"


@pytest.fixture(scope="module")
def packages() -> Path:
    """The packages of package.json, fetched once by exact version and without install scripts."""
    wanted = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in wanted.items():
        manifest = FOLDER / "node_modules" / name / "package.json"
        if manifest.is_file() and json.loads(manifest.read_text(encoding="utf-8"))["version"] == version:
            continue
        command = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
    return FOLDER


def test_the_node_client_does_a_whole_sync(packages: Path, shared: Any) -> None:
    before = len(shared.native())
    done = subprocess.run(
        ["node", "drive.mjs", shared.url], cwd=packages, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("withCalls") > 20
    assert found.pop("owners") == [14, 2]
    assert found.pop("stages")[:4] == ["subscriber", "lead", "marketingqualifiedlead", "94943285"]
    assert found == {
        "token": {"type": "bearer", "expires": 1800, "refresh": "refresh-me"},
        "everyone": before,
        "created": True,
        "total": before,
        "searched": before,
        "ascending": True,
        "made": 2,
        "updated": ["salesqualifiedlead"],
        "failed": [["OBJECT_NOT_FOUND", "bad"]],
        "upserted": [False, True],
        "history": ["K", "J"],
        "phone": "123",
        "back": "salesqualifiedlead",
        "linked": [True],
        "callType": 193,
        "merged": [True, True],
        "properties": True,
        "pipelines": 1,
        "schema": "0-1",
        "gone": 404,
        "zone": "UTC",
    }
