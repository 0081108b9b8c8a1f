"""Import leads as contacts: stage words, the properties of a new contact, and the stage read back."""

from __future__ import annotations

from collections.abc import Mapping

from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.owners import Owner

STAGES = {
    "lead": "lead",
    "mql": "marketingqualifiedlead",
    "sal": "94943285",
    "sql": "salesqualifiedlead",
    "sqo": "94943286",
}
DISQUALIFIED = "UNQUALIFIED"


def is_disqualified(stage: str | None) -> bool:
    """Whether an import stage means disqualified, in words or as `state` gives it back."""
    return stage is not None and stage.lower() in ("disqualified", DISQUALIFIED.lower())


def stage_properties(stage: str | None) -> dict[str, str]:
    """The native properties of an import stage; a disqualified newcomer is a `lead` by its lifecycle stage."""
    if stage is None or stage == "":
        return {}
    if is_disqualified(stage):
        return {"lifecyclestage": "lead", "hs_lead_status": DISQUALIFIED}
    return {"lifecyclestage": STAGES.get(stage, stage)}


def stage_of(props: Mapping[str, str]) -> str | None:
    """The stage as `state` gives it: the lifecycle stage, or UNQUALIFIED by the lead status."""
    if props.get("hs_lead_status") == DISQUALIFIED:
        return DISQUALIFIED
    return props.get("lifecyclestage")


def contact_properties(
    *,
    email: str | None,
    first_name: str | None,
    last_name: str | None,
    company: str | None,
    owner: Owner | None,
    stage: str | None,
    created: int,
) -> dict[str, str]:
    """The non-empty properties of a new contact, HubSpot's own derived ones included; `created` in epoch ms."""
    values = {
        "email": email,
        "firstname": first_name,
        "lastname": last_name,
        "company": company,
        **stage_properties(stage),
    }
    props = {name: value for name, value in values.items() if value}
    if "email" in props and "@" in props["email"]:
        props["hs_email_domain"] = props["email"].rpartition("@")[2].lower()
    at = iso(created)
    if owner is not None:
        props["hubspot_owner_id"] = props["hs_all_owner_ids"] = str(owner.id)
        props["hubspot_owner_assigneddate"] = at
        if owner.team_id is not None:
            props["hubspot_team_id"] = str(owner.team_id)
    if "lifecyclestage" in props:
        props[f"hs_v2_date_entered_{props['lifecyclestage']}"] = at
        props[f"hs_lifecyclestage_{props['lifecyclestage']}_date"] = at
    return props
