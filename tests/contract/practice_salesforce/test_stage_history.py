"""The way of imported leads through the stages, as both CRMs' own histories tell it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

USER = {"id": "u", "type": "person", "name": "Ada", "roles": ["bdr"]}
WAY = [
    {"stage": {"salesforce": "Open - Not Contacted", "hubspot": "lead"}, "at": "2026-10-01T08:00:00Z"},
    {
        "stage": {"salesforce": "New Word", "hubspot": "marketingqualifiedlead"},
        "at": "2026-10-04T09:00:00Z",
        "by": "u",
    },
    {"stage": {"salesforce": "Closed - Not Converted", "hubspot": "UNQUALIFIED"}, "at": "2026-10-09T10:00:00Z"},
]
LEAD = {"id": "L", "last_name": "Fox", "email": "fox@a.example", "created_at": "2026-10-01T08:00:00Z"}


def _imported(folder: Path) -> str:
    (folder / "users.jsonl").write_text(json.dumps(USER) + "\n", "utf-8")
    (folder / "leads.jsonl").write_text(json.dumps({**LEAD, "stage_history": WAY}) + "\n", "utf-8")
    return str(folder)


def test_salesforce_tells_changes_and_not_with_what_a_lead_began(tmp_path: Path, start_org: Any) -> None:
    org = start_org("--import", _imported(tmp_path))
    rows = org.query(
        "SELECT Field, OldValue, NewValue, CreatedDate, CreatedBy.Name FROM LeadHistory ORDER BY CreatedDate"
    )
    told = [(row["OldValue"], row["NewValue"], row["CreatedDate"][:10], row["CreatedBy"]["Name"]) for row in rows]
    assert told[0] == ("Open - Not Contacted", "New Word", "2026-10-04", "Ada")
    assert told[1][:3] == ("New Word", "Closed - Not Converted", "2026-10-09") and told[1][3] != "Ada"
    assert len(told) == 2
    assert org.query("SELECT Status FROM Lead")[0]["Status"] == "Closed - Not Converted"
    assert "New Word" in [row["MasterLabel"] for row in org.query("SELECT MasterLabel FROM LeadStatus")]
