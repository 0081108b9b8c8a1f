"""What ends a lead: conversion and merge, as the CRM's own screens and the SOAP API do them (no REST resource
does).
"""

from __future__ import annotations

from typing import Any

from crmsync_practice.salesforce.campaign_members import convert_members, merge_members
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.objects import CONVERTED_STATUS
from crmsync_practice.salesforce.opportunities import follow_stage
from crmsync_practice.salesforce.storage import Store


def convert_lead(
    store: Store,
    lead: dict[str, Any],
    *,
    by: str,
    stamp: str,
    day: str,
    status: str = CONVERTED_STATUS,
    opportunity: str | None = None,
) -> dict[str, str | None]:
    """Makes account and contact (and an opportunity of that name), closes the lead, moves its activities [MEM].

    `day` is the org's present day. Gives the ids made, by `accountId`, `contactId`, `opportunityId`.
    """
    if lead["IsConverted"]:
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=[])
    system = {
        "OwnerId": lead["OwnerId"] if str(lead["OwnerId"]).startswith("005") else by,
        "CreatedDate": stamp,
        "CreatedById": by,
        "LastModifiedDate": stamp,
        "LastModifiedById": by,
        "SystemModstamp": stamp,
    }
    account_id, contact_id = _account_and_contact(store, lead, system)
    opportunity_id = None
    if opportunity is not None:
        opportunity_id = _opportunity(store, lead, opportunity, system | {"AccountId": account_id, "CloseDate": day})
    store.update(
        store.schema["Lead"],
        lead["Id"],
        {
            "Status": status,
            "IsConverted": 1,
            "ConvertedDate": day,
            "ConvertedAccountId": account_id,
            "ConvertedContactId": contact_id,
            "ConvertedOpportunityId": opportunity_id,
            "LastModifiedDate": stamp,
            "LastModifiedById": by,
            "SystemModstamp": stamp,
        },
    )
    _move_activities(store, lead["Id"], contact_id, stamp)
    convert_members(store, lead["Id"], contact_id, stamp)
    return {"accountId": account_id, "contactId": contact_id, "opportunityId": opportunity_id}


def _account_and_contact(store: Store, lead: dict[str, Any], system: dict[str, Any]) -> tuple[str, str]:
    """Their ids."""
    account_id = store.insert(
        store.schema["Account"],
        {"Name": lead["Company"] or lead["Name"], "Industry": lead["Industry"], "Website": lead["Website"], **system},
    )
    person = ("FirstName", "LastName", "Name", "Title", "Phone", "Email", "LeadSource")
    values = {"AccountId": account_id, **{name: lead[name] for name in person}, **system}
    return account_id, store.insert(store.schema["Contact"], values)


def _opportunity(store: Store, lead: dict[str, Any], name: str, system: dict[str, Any]) -> str:
    """Its id."""
    values = {"Name": name, "StageName": "Prospecting", "LeadSource": lead["LeadSource"], **system}
    return store.insert(store.schema["Opportunity"], {**values, **follow_stage(values, None)})


def merge_lead(store: Store, winner: dict[str, Any], loser: dict[str, Any], *, by: str, stamp: str) -> None:
    """The loser goes to the recycle bin with MasterRecordId, its activities to the winner [MEM]."""
    if winner["Id"] == loser["Id"]:
        raise SalesforceError("INVALID_ID_FIELD", "a record cannot be merged with itself", fields=[])
    modified = {"LastModifiedDate": stamp, "LastModifiedById": by, "SystemModstamp": stamp}
    lead = store.schema.of_id(loser["Id"])
    assert lead is not None
    store.update(lead, loser["Id"], {"IsDeleted": 1, "MasterRecordId": winner["Id"], **modified})
    store.update(lead, winner["Id"], modified)
    _move_activities(store, loser["Id"], winner["Id"], stamp)
    merge_members(store, loser["Id"], winner["Id"], stamp)


def _move_activities(store: Store, old_who: str, new_who: str, stamp: str) -> None:
    for name in ("Task", "Event"):
        table = store.schema[name].table
        store.connection.execute(
            f"UPDATE {table} SET WhoId = ?, SystemModstamp = ? WHERE WhoId = ?",  # noqa: S608 - a table of the schema
            (new_who, stamp, old_who),
        )
