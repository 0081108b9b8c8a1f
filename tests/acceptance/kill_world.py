"""Leads for the kill test: a generated firm, made richer in what a crash could spoil.

Leads to hand off, ownerless new leads, twins (same e-mail), companies with several leads, leads whose stage in the
CRM is above what they earned (so that a HubSpot stage has to be cleared and set again).
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

from rehearsal import write_world

from crmsync_practice.generate import NATIVE_STAGES, generate_world
from crmsync_practice.records import activity_to_json, lead_to_json, user_to_json

Record = dict[str, Any]

ENGAGEMENT = {"form_submission", "newsletter_signup", "content_download", "webinar", "event", "demo_request"}
"""What makes a lead at least an MQL: a step back to the lowest stage is a case of its own in the test."""

POLICY = """format: 1
name: Kill test
extends: saas
movement: {backward: allowed, cool_down_days: 0, hands_off_days: 14}
"""


def write_kill_world(directory: Path, leads: int, seed: int, today: date, zone: str) -> Path:
    """An import directory."""
    world = generate_world(leads, seed, today, zone)
    records = [lead_to_json(lead) for lead in world.leads]
    draw = Random(seed)
    engaged = {activity.lead for activity in world.activities if activity.kind in ENGAGEMENT}
    people = {user.id for user in world.users if user.active and user.type == "person"}
    for number, lead in enumerate(records):
        if number % 4 == 0 and lead["id"] in engaged:
            lead["stage"] = NATIVE_STAGES[draw.choice(("sal", "sql", "sqo"))]
            lead.pop("stage_history", None)  # the way there is no part of these tests
        if number % 11 == 0:
            lead["email"] = records[draw.randrange(len(records))]["email"]
        if number % 13 == 0 and lead["owner"] in people:
            lead["owner"] = None
    return write_world(
        directory,
        [{**user_to_json(user), "timezone": zone} for user in world.users],  # no day ends for anybody meanwhile
        records,
        [activity_to_json(activity) for activity in world.activities],
    )


def news(state: dict[str, list[Record]], now: datetime, seed: int) -> Record:
    """What people do in the CRM between two runs: an edit that gives the next run hand-offs, new leads, returns.

    All at this moment: HubSpot lists form submissions by their time, an older one would come with a full run only.
    """
    draw = Random(seed)
    at = now.isoformat()
    leads = sorted(state["leads"], key=lambda lead: str(lead["id"]))
    draw.shuffle(leads)
    activities, edited = [], []
    for number, lead in enumerate(leads[:30]):
        kind = draw.choice(("demo_request", "pricing_request", "form_submission", "proposal_request"))
        activities.append(
            {"id": f"news-{number}", "lead": lead["id"], "kind": kind, "at": at, "direction": "inbound"}
        )
    for lead in leads[30:36]:
        edited.append({"id": lead["id"], "attributes": {"need": "none", "budget": "none"}})
    bdrs = [user["id"] for user in state["users"] if "bdr" in (user["roles"] or ()) and user["active"]]
    for lead in leads[36:39]:
        edited.append({"id": lead["id"], "owner": draw.choice(bdrs)})
    for number, twin in enumerate(leads[39:49]):
        new = {"id": f"new-{number}", "first_name": "Ada", "last_name": f"New {number}", "company": f"News {number}"}
        email = twin["email"] if number % 3 == 0 else f"ada@news-{number}.example"
        edited.append({**new, "email": email, "created_at": at})
        if number % 2:
            activities.append({"id": f"news-n{number}", "lead": new["id"], "kind": "demo_request", "at": at})
    return {"leads": edited, "activities": activities, "by": bdrs[0]}
