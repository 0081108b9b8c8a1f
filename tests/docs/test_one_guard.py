"""The largest share that a run may change is one number wherever it is recommended."""

from __future__ import annotations

import re
from pathlib import Path

from crmsync.operations.rehearse.configuration import settings_text
from crmsync.settings import GuardSettings

ROOT = Path(__file__).parents[2]


def test_every_page_recommends_the_default() -> None:
    default = GuardSettings().changed_share
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    told = [found for page in pages for found in re.findall(r"changed_share: ([\d.]+)", page.read_text("utf-8"))]
    assert told and {float(share) for share in told} == {default}
    assert f"live, leave it at {default}" in settings_text({"salesforce": "http://127.0.0.1:1"})
