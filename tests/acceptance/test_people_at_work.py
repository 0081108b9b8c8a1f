"""One lead in twenty is edited while it is written, in every window, on both CRMs: nothing is lost unseen."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from people_at_work import KINDS, WINDOWS, measured

from suite.breadth import broadly

LEADS = 260
PARTED = {"salesforce": 3, "hubspot": 4}
"""Windows: Salesforce looks, writes and looks again in one call."""


@pytest.mark.parametrize(
    ("crm", "way"), broadly([("hubspot", "run"), ("salesforce", "run"), ("salesforce", "apply")])
)
def test_no_edit_is_lost_unseen(tmp_path: Path, crm: str, way: str) -> None:
    edits = measured(tmp_path, crm, LEADS, way)
    assert len({(edit.window, edit.kind) for edit in edits}) == PARTED[crm] * len(KINDS)
    ends = Counter((edit.kind, edit.window, edit.end) for edit in edits)
    meanwhile = {edit.end for edit in edits if edit.window != WINDOWS[3] and edit.kind != "field"}
    assert meanwhile == {"kept, and told"}, ends
    assert {edit.end for edit in edits if edit.window == WINDOWS[3]} == {"kept"}, ends
    words = {edit.end for edit in edits if edit.window in WINDOWS[:2] and edit.kind == "field"}
    assert words == {"lost, and told"}, "a field for reps is crmsync's own"
