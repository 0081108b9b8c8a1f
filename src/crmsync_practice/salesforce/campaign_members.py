"""What follows from a campaign member's status, and what becomes of members when their lead ends [MEM]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync_practice.salesforce.storage import Store

RESPONDED = "Responded"
"""The status that every new campaign counts as a response; others say so in CampaignMemberStatus."""


def follow_status(
    store: Store, values: Mapping[str, Any], before: Mapping[str, Any] | None, day: str
) -> dict[str, Any]:
    """HasResponded, and on the first response its day; a day once set stays."""
    known = {**(before or {}), **values}
    status = str(known.get("Status") or "")
    rows = store.rows_where(store.schema["CampaignMemberStatus"], "CampaignId", known.get("CampaignId"))
    told = [bool(row["HasResponded"]) for row in rows if row["Label"] == status and not row["IsDeleted"]]
    responded = told[0] if told else status == RESPONDED
    found: dict[str, Any] = {"HasResponded": int(responded)}
    if responded and not known.get("FirstRespondedDate"):
        found["FirstRespondedDate"] = day
    return found


def convert_members(store: Store, lead_id: str, contact_id: str, stamp: str) -> None:
    """Members of a converted lead are its contact's, too; they keep the lead's id."""
    _update(store, "ContactId = ?, SystemModstamp = ?", (contact_id, stamp), "LeadId = ?", (lead_id,))


def merge_members(store: Store, loser: str, winner: str, stamp: str) -> None:
    """The loser's members become the winner's, but for campaigns where the winner is a member already."""
    member = store.schema["CampaignMember"].table
    twice = f"CampaignId IN (SELECT CampaignId FROM {member} WHERE LeadId = ? AND IsDeleted = 0)"  # noqa: S608 - a table
    _update(store, "IsDeleted = 1, SystemModstamp = ?", (stamp,), f"LeadId = ? AND {twice}", (loser, winner))
    _update(store, "LeadId = ?, SystemModstamp = ?", (winner, stamp), "LeadId = ? AND IsDeleted = 0", (loser,))


def _update(store: Store, change: str, values: tuple[str, ...], where: str, sought: tuple[str, ...]) -> None:
    table = store.schema["CampaignMember"].table
    store.connection.execute(f"UPDATE {table} SET {change} WHERE {where}", (*values, *sought))  # noqa: S608 - above
