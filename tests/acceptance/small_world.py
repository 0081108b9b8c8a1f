"""A firm small enough to know every answer by heart, under the policy `saas`.

Users: BDRs `bdr-1`, `bdr-2`; AEs `ae-1`, `ae-2`; `ae-gone`, an AE who has left; the queue `queue-1`. Leads are named
after what their evidence gives them; all of them belong to `bdr-1` and stand on the lowest rung, but for `new-…`
(nobody's), `parked` (a stage the mapping does not name) and `done-…` (stand where they belong, with an AE).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rehearsal import write_world

NATIVE = {
    "salesforce": {
        "lead": "Open - Not Contacted",
        "mql": "Marketing Qualified",
        "sal": "Sales Accepted",
        "sql": "Sales Qualified",
        "sqo": "Sales Qualified Opportunity",
        "disqualified": "Closed - Not Converted",
    },
    "hubspot": {
        "lead": "lead",
        "mql": "marketingqualifiedlead",
        "sal": "94943285",
        "sql": "salesqualifiedlead",
        "sqo": "94943286",
        "disqualified": "UNQUALIFIED",
    },
}
"""Stage of the policy → what the practice CRMs' `state` and `edit` call it."""


def stage(name: str) -> dict[str, str]:
    """A policy's stage in the import shape."""
    return {crm: stages[name] for crm, stages in NATIVE.items()}


USERS: tuple[Mapping[str, Any], ...] = tuple(
    {"id": id_, "type": kind, "name": name, "email": email, "roles": roles, "active": active}
    for id_, kind, name, email, roles, active in (
        ("bdr-1", "person", "Brigitta Qvist", "brigitta.qvist@seller.example", ["bdr"], True),
        ("bdr-2", "person", "Balthazar Yewtree", "balthazar.yewtree@seller.example", ["bdr"], True),
        ("ae-1", "person", "Aurelia Kvernberg", "aurelia.kvernberg@seller.example", ["ae"], True),
        ("ae-2", "person", "Anselm Zsigmond", "anselm.zsigmond@seller.example", ["ae"], True),
        ("ae-gone", "person", "Ottokar Wyvernhall", "ottokar.wyvernhall@seller.example", ["ae"], False),
        ("queue-1", "queue", "Unassigned Queue", None, [], True),
    )
)

TODAY = "2026-01-01T00:05:00Z"
"""Imports are shifted by whole days so that the latest activity falls on the present day."""

EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "lead": (),
    "mql": ("form_submission",),
    "sal": ("content_download",),
    "sql": ("consultation_request",),
    "sqo": ("demo_request",),
}
"""Stage → kinds of activities that give exactly it."""

NOTED = {"interest": "none", "goals": "none"}
"""Facts that tests note on other leads later: an imported CRM has the fields that somebody's leads hold."""
DISQUALIFYING = {"need": "none", "budget": "none"}


def lead(id_: str, **more: Any) -> dict[str, Any]:
    """A lead of `bdr-1` on the lowest rung."""
    return {
        "id": id_,
        "email": f"person.{id_}@buyer-{id_}.example",
        "first_name": "Xenia",
        "last_name": f"Person-{id_}",
        "company": f"Company {id_} Works",
        "owner": "bdr-1",
        "stage": stage("lead"),
        "created_at": "2025-11-03T09:00:00Z",
        "modified_at": "2025-11-03T09:00:00Z",
        "attributes": {},
        **more,
    }


def activity(lead_id: str, kind: str, at: str = TODAY, **more: Any) -> dict[str, Any]:
    """Something the lead did."""
    return {
        "id": f"{lead_id}-{kind}",
        "lead": lead_id,
        "kind": kind,
        "at": at,
        "direction": "inbound",
        "outcome": "completed",
        "by": None,
        "subject": f"Subject line about {lead_id}",
        **more,
    }


def leads_and_activities(copies: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Per copy one lead for each stage, one disqualified, one new one."""
    for number in range(1, copies + 1):
        for earned, kinds in EVIDENCE.items():
            name = f"{earned}-{number}"
            yield lead(name), [activity(name, kind) for kind in kinds]
        yield lead(f"disqualified-{number}", attributes=DISQUALIFYING), []
        yield lead(f"new-{number}", owner=None), []


def small_world(directory: Path, copies: int = 1) -> Path:
    """An import directory with `copies` leads of each kind, a parked one and two that stand where they belong."""
    pairs = [
        *leads_and_activities(copies),
        (lead("parked", stage={"salesforce": "Nurturing", "hubspot": "customer"}, attributes=NOTED), []),
        (lead("done-sqo", stage=stage("sqo"), owner="ae-1"), [activity("done-sqo", "demo_request")]),
        (lead("done-lead", owner="bdr-2"), []),
    ]
    return write_world(
        directory, USERS, [each for each, _ in pairs], [each for _, activities in pairs for each in activities]
    )
