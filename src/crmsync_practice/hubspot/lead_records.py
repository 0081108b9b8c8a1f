"""The leads of the import as records of HubSpot's Leads object (0-136), each with its primary contact.

A portal holds them as contacts or so, for good. As leads: the person (names, address, attributes, activities) stands
on the contact, owner and stage on the lead. The stage is one of the lead pipeline's; the portal's admin has added
some to those that HubSpot begins with, and as with lifecycle stages their internal names are numbers.
Shapes: wire notes, sections 3.1 and 3.2 (leads), 4 (pipelines).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from crmsync_practice.hubspot import associations
from crmsync_practice.hubspot.associations import Row, known_types, rows_of
from crmsync_practice.hubspot.definitions import Definition, Option, group_of
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.native_leads import is_disqualified
from crmsync_practice.hubspot.owners import Owner
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import LIVE, Record

PIPELINE, STAGE = "hs_pipeline", "hs_pipeline_stage"
ONLY_PIPELINE = "lead-pipeline-id"
FIRST, UNQUALIFIED = "new-stage-id", "unqualified-stage-id"
_ADDED = {
    "1130041": "Marketing Qualified",
    "1130042": "Sales Accepted",
    "1130043": "Sales Qualified",
    "1130044": "Sales Qualified Opportunity",
}
_STAGES = {
    "lead": FIRST,
    "mql": "1130041",
    "marketingqualifiedlead": "1130041",
    "sal": "1130042",
    "94943285": "1130042",
    "sql": "1130043",
    "salesqualifiedlead": "1130043",
    "sqo": "1130044",
    "94943286": "1130044",
}
"""A policy's word, or the lifecycle stage that a contact would have, to the lead pipeline's stage."""
_PRIMARY = "Primary"
HAND_OFF = ("bdr", "hand_off_response", "hand_off_return_reason")
"""Attributes that say something of the lead, and nothing of the person: properties of leads."""


def pipeline_stage(stage: str | None) -> str:
    """The stage of a lead; one without any is new, as every lead stands somewhere in its pipeline."""
    if not stage:
        return FIRST
    return UNQUALIFIED if is_disqualified(stage) else _STAGES.get(stage, stage)


def add_stages(portal: Portal, stages: Iterable[str]) -> None:
    """Makes the stages that the admin added, and any further ones, choices of the pipeline."""
    leads = portal.types.named("leads")
    known = portal.properties.of(leads)[STAGE]
    labels = {**_ADDED, **{stage: _ADDED.get(stage, stage) for stage in stages}}
    new = [value for value in labels if value not in known.values]
    added = tuple(Option(value, labels[value], len(known.options) + place) for place, value in enumerate(new))
    if added:
        portal.properties.put(leads, replace(known, options=known.options + added))


def add_properties(portal: Portal, definitions: Iterable[Definition]) -> None:
    """Properties of contacts that are the leads' own here."""
    leads = portal.types.named("leads")
    for definition in definitions:
        portal.properties.put(leads, replace(definition, group=group_of("leads")))


def lead_properties(
    *, first_name: str | None, last_name: str | None, owner: Owner | None, stage: str | None, at: int
) -> dict[str, str]:
    """The properties of a new lead; `at` in epoch ms."""
    name = " ".join(part for part in (first_name, last_name) if part)
    props = {"hs_lead_name": name or "Unnamed", PIPELINE: ONLY_PIPELINE, STAGE: pipeline_stage(stage)}
    if owner is not None:
        props |= {"hubspot_owner_id": str(owner.id), "hs_all_owner_ids": str(owner.id)}
        props["hubspot_owner_assigneddate"] = iso(at)
        if owner.team_id is not None:
            props["hubspot_team_id"] = str(owner.team_id)
    return props


def primary_rows(portal: Portal, lead: int, contact: int) -> list[Row]:
    """The associations of a lead with its primary contact."""
    leads, contacts = portal.types.named("leads"), portal.types.named("contacts")
    return [row for kind in known_types(leads, contacts) for row in rows_of(leads, contacts, kind, lead, contact)]


def tie(portal: Portal, lead: int, contact: int) -> None:
    """Makes a contact the primary one of a lead."""
    leads, contacts = portal.types.named("leads"), portal.types.named("contacts")
    primary = next(kind for kind in known_types(leads, contacts) if kind.label == _PRIMARY)
    associations.add(portal.storage, leads, contacts, primary, lead, contact)


def contacts_of(portal: Portal, leads: Iterable[int]) -> Mapping[int, int]:
    """Lead → its primary contact."""
    kind, contacts = portal.types.named("leads"), portal.types.named("contacts")
    primary = next(each.number for each in known_types(kind, contacts) if each.label == _PRIMARY)
    found = associations.read(portal.storage, kind, contacts, list(leads))
    return {
        lead: contact
        for lead, told in found.items()
        for contact, numbers in told.items()
        if any(number == primary for number, _ in numbers)
    }


def lead_of(portal: Portal, contact: int) -> Record | None:
    """The contact's first live lead."""
    leads, contacts = portal.types.named("leads"), portal.types.named("contacts")
    for number in associations.read(portal.storage, contacts, leads, [contact]).get(contact, {}):
        record = portal.storage.get(leads, number)
        if record is not None and record.archived == LIVE:
            return record
    return None
