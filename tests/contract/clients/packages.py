"""The npm packages of the Node clients: by exact version, without install scripts, fetched once."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
INSTALL = ("npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund")


def installed(name: str) -> Path:
    """The folder of a client (`salesforce`, `hubspot`) with its packages in place.

    Without Node the test is skipped on a machine of one's own, and fails where `CI` is set: there nothing may be
    missing unnoticed.
    """
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        _left_out(f"needs {' and '.join(missing)} (Node 20 or newer)")
    folder = HERE / name
    with (HERE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _complete(folder):
            done = subprocess.run(INSTALL, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stderr
            assert _complete(folder)
    return folder


def _complete(folder: Path) -> bool:
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in wanted.items():
        manifest = folder / "node_modules" / name / "package.json"
        if not manifest.is_file() or json.loads(manifest.read_text(encoding="utf-8"))["version"] != version:
            return False
    return True


def drive(folder: Path, url: str) -> str:
    """What the folder's `drive.mjs` prints about the CRM at this address; an unexpected answer fails the test."""
    done = subprocess.run(
        ["node", "drive.mjs", url], cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def browser() -> str:
    """An installed one. Without any the test is skipped on a machine of one's own, and fails where `CI` is set."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        _left_out("needs chromium: not installed on this machine")
    return found


def _left_out(told: str) -> NoReturn:
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(told)
    pytest.fail(told)
