"""npm's jsforce, unmodified, against the practice org."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "clients" / "salesforce"


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


def test_jsforce_does_a_whole_sync(packages: Path, org: Any) -> None:
    done = subprocess.run(
        ["node", "drive.mjs", org.url], cwd=packages, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "soap": ["005", "00D", True],
        "identity": "005",
        "refused": "INVALID_LOGIN",
        "refresh": True,
        "paged": [2500, 2500, 2500],
        "more": 2500,
        "everything": 5,
        "found": 5,
        "grouped": True,
        "describe": ["00Q", True],
        "global": True,
        "versions": True,
        "created": True,
        "retrieved": "Sales Accepted",
        "upserts": [True, True],
        "collection": [True, True, True],
        "partial": [True, False],
        "read": ["M1", "M2", "M3"],
        "destroyed": [True, True, True],
        "gone": "ENTITY_IS_DELETED",
        "composite": 200,
        "bulkQuery": True,
        "bulkIngest": [1, 1, 0],
        "bulkValue": 'from bulk, "quoted"\nand broken',
        "updated": True,
        "deleted": True,
        "limits": True,
        "usage": True,
    }
