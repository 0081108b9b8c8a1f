"""The way of imported leads through the stages, as the histories of HubSpot's properties tell it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

USER = {"id": "u", "type": "person", "name": "Ada", "roles": ["bdr"]}
WAY = [
    {"stage": "lead", "at": "2026-10-01T08:00:00Z"},
    {"stage": "mql", "at": "2026-10-04T09:00:00Z", "by": "u"},
    {"stage": "UNQUALIFIED", "at": "2026-10-09T10:00:00Z"},
]
LEAD = {"id": "L", "last_name": "Fox", "email": "fox@a.example", "created_at": "2026-10-01T08:00:00Z"}
STAGE, STATUS = "lifecyclestage", "hs_lead_status"


def _history(practice: Any, kind: str, *names: str) -> dict[str, list[tuple[str, str, str]]]:
    read = {"inputs": [], "properties": [], "propertiesWithHistory": list(names)}
    listed = practice.request("GET", f"/crm/v3/objects/{kind}").json()["results"]
    read["inputs"] = [{"id": each["id"]} for each in listed]
    (record,) = practice.request("POST", f"/crm/v3/objects/{kind}/batch/read", json=read).json()["results"]
    return {
        name: [(it["value"], it["timestamp"][:10], it["sourceType"]) for it in record["propertiesWithHistory"][name]]
        for name in names
    }


def _imported(folder: Path) -> str:
    (folder / "users.jsonl").write_text(json.dumps(USER) + "\n", "utf-8")
    (folder / "leads.jsonl").write_text(json.dumps({**LEAD, "stage_history": WAY}) + "\n", "utf-8")
    return str(folder)


def test_properties_tell_the_way_newest_first_and_dates_follow_it(tmp_path: Path, serve: Any) -> None:
    practice = serve("--import", _imported(tmp_path))
    told = _history(practice, "contacts", STAGE, STATUS)
    assert told[STAGE] == [
        ("lead", "2026-10-09", "AUTOMATION_PLATFORM"),
        ("marketingqualifiedlead", "2026-10-04", "CRM_UI"),
        ("lead", "2026-10-01", "AUTOMATION_PLATFORM"),
    ]
    assert told[STATUS] == [("UNQUALIFIED", "2026-10-09", "AUTOMATION_PLATFORM")]
    dates = ("hs_v2_date_entered_marketingqualifiedlead", "hs_v2_date_entered_lead")
    asked = {"properties": ",".join((*dates, STAGE))}
    (shown,) = practice.request("GET", "/crm/v3/objects/contacts", params=asked).json()["results"]
    assert [shown["properties"][name][:10] for name in dates] == ["2026-10-04", "2026-10-09"]
    assert shown["properties"][STAGE] == "lead"


def test_leads_of_the_leads_object_have_theirs_in_the_pipeline(tmp_path: Path, serve: Any) -> None:
    practice = serve("--import", _imported(tmp_path), "--hubspot-leads", "leads")
    told = _history(practice, "leads", "hs_pipeline_stage")["hs_pipeline_stage"]
    assert [value for value, _, _ in told] == ["unqualified-stage-id", "1130041", "new-stage-id"]
