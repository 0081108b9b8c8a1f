"""When somebody of us was in contact with a lead, and when it did something itself: only what happened counts."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from crmsync.model import ACTIVITIES, NO_EVIDENCE
from crmsync.operations.report.listing import engaged, touched

OURS = {"kind": "meeting", "by": "anna"}
SENT = {"kind": "email", "direction": "outbound"}
THEIRS = {"kind": "form_submission", "direction": "inbound"}


def answers(**activity: Any) -> tuple[bool, bool]:
    frame = pl.DataFrame([dict.fromkeys(ACTIVITIES) | activity], schema=dict(ACTIVITIES))
    return frame.select(touched().alias("touched"), engaged().alias("engaged")).row(0)  # type: ignore[return-value]


@pytest.mark.parametrize("outcome", [None, "connected", "no_answer", "completed", "an own word"])
def test_what_happened_counts(outcome: str | None) -> None:
    assert answers(**OURS, outcome=outcome) == (True, False)
    assert answers(**SENT, outcome=outcome) == (True, False)
    assert answers(**THEIRS, outcome=outcome) == (False, True)


@pytest.mark.parametrize("outcome", NO_EVIDENCE)
def test_what_did_not_happen_counts_for_nobody(outcome: str) -> None:
    for activity in (OURS, SENT, THEIRS):
        assert answers(**activity, outcome=outcome) == (False, False)
