"""Work lists and near misses at every width, with no leads, one and many: nothing is cut, no id is broken."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.operations.report.listing import ListedLead, Listing, ListingReport
from crmsync.showing.report.parts import COLUMNS, report_text

MORE: dict[str, Any] = {
    "next_action": "Call within the hour and agree on a date for the demonstration",
    "reasons": ["Sales qualified lead: asked for a demo", "nothing known speaks against it"],
    "next_stage_label": "Sales qualified lead",
    "lacks": ["budget is available", "10 points"],
    "ask": ["Is there a budget for this year?", "Who decides?"],
    "quiet_days": 41,
    "ever_touched": False,
    "disqualified_since": "2026-03-02",
    "engaged_on": "2026-11-20",
    "engagement": "pricing page visit",
    "by_evidence": "sales_qualified",
    "by_evidence_label": "Sales qualified lead",
}


def lead(number: int) -> ListedLead:
    return ListedLead(
        f"00QKp{number:010}MAA", "Maximiliane Breitenbacher-Featherstonehaugh", "Sparrow Travel BV", "mql",
        "Marketing qualified lead", "005Kp0000000001AAA", "Bartholomew Oyelaran-Whitcombe", 12_500, 3, MORE,
    )  # fmt: skip


@pytest.mark.parametrize("rows", [0, 1, 30])
@pytest.mark.parametrize("columns", [80, 120, 200])
@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_a_list_can_be_read(name: str, columns: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    leads = tuple(lead(number) for number in range(rows))
    listing = Listing(name, "Whom to contact first", rows, leads)
    text = report_text(name, [ListingReport("salesforce", date(2026, 11, 21), (listing,))], "table")
    lines = [line.rstrip() for line in text.splitlines()]
    assert max(map(len, lines)) <= columns
    assert "…" not in text
    assert ("(none)" in text) is (rows == 0)
    for one in leads:
        assert any(line.startswith(f" {one.lead} ") for line in lines), "an id is never broken"
    if rows:
        assert len(lines) <= rows * (9 if columns == 80 else 7) + 6
