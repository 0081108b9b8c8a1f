"""What the rehearsal is about: Lead, Task and Event, in full; and the list of all objects."""

from __future__ import annotations

from crmsync_practice.salesforce.catalogue.objects import with_catalogue
from crmsync_practice.salesforce.field_makers import (
    address_fields,
    id_fields,
    make_field,
    make_object,
    read_only,
    reference,
    system_fields,
)
from crmsync_practice.salesforce.org_objects import org_objects
from crmsync_practice.salesforce.picklists import INDUSTRIES, SOURCES
from crmsync_practice.salesforce.sales_objects import sales_objects
from crmsync_practice.salesforce.schema import Child, Field, SObject

STATUSES = (
    "Open - Not Contacted",
    "Marketing Qualified",
    "Sales Accepted",
    "Sales Qualified",
    "Sales Qualified Opportunity",
    "Nurturing",
    "Closed - Not Converted",
    "Closed - Converted",
)
CONVERTED_STATUS = "Closed - Converted"
TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred", "Cancelled")
ABOUT = ("Account", "Asset", "Campaign", "Case", "Contract", "Opportunity", "Order", "Product2", "Solution")
"""What an activity may be about, besides a person."""
ARCHIVE_BEFORE = "{archive_before}"
"""Stands in a calculated field's SQL for the day before which closed activities count as archived."""


def _lead() -> SObject:
    return make_object(
        "Lead",
        "00Q",
        [
            *id_fields(),
            reference("MasterRecordId", "MasterRecord", "Lead", createable=False, updateable=False),
            make_field("LastName", "string", length=80, nillable=False, compound="Name"),
            make_field("FirstName", "string", length=40, compound="Name"),
            make_field("Salutation", "picklist", length=40, compound="Name", picklist=("Mr.", "Ms.", "Dr.", "Prof.")),
            read_only(
                "Name",
                "string",
                length=121,
                nillable=False,
                label="Full Name",
                name_field=True,
            ),
            reference("RecordTypeId", "RecordType", "RecordType", label="Record Type ID", hidden=True),
            make_field("Title", "string", length=128),
            make_field("Company", "string", nillable=False),
            *address_fields(),
            make_field("Phone", "phone", length=40),
            make_field("MobilePhone", "phone", length=40),
            make_field("Fax", "phone", length=40),
            make_field("Email", "email", length=80),
            make_field("Website", "url"),
            make_field("Description", "textarea"),
            make_field("LeadSource", "picklist", picklist=SOURCES),
            make_field("Status", "picklist", picklist=STATUSES, nillable=False, default=STATUSES[0]),
            make_field("Industry", "picklist", picklist=INDUSTRIES),
            make_field("Rating", "picklist", picklist=("Hot", "Warm", "Cold")),
            make_field("AnnualRevenue", "currency", scale=0),
            make_field("NumberOfEmployees", "int", label="Employees"),
            reference("OwnerId", "Owner", "Group", "User", nillable=False),
            make_field("HasOptedOutOfEmail", "boolean", nillable=False),
            make_field("DoNotCall", "boolean", nillable=False),
            read_only("IsConverted", "boolean", nillable=False),
            read_only("ConvertedDate", "date"),
            reference("ConvertedAccountId", "ConvertedAccount", "Account", createable=False, updateable=False),
            reference("ConvertedContactId", "ConvertedContact", "Contact", createable=False, updateable=False),
            reference(
                "ConvertedOpportunityId", "ConvertedOpportunity", "Opportunity", createable=False, updateable=False
            ),
            make_field("IsUnreadByOwner", "boolean", nillable=False, default=True),
            *system_fields(),
            read_only("LastActivityDate", "date"),
            make_field("Campaign__c", "string", custom=True, label="Campaign"),
            make_field(
                "Ext_Id__c", "string", custom=True, label="External ID", length=64, external_id=True, unique=True
            ),
        ],
        children=(
            Child("Tasks", "Task", "WhoId"),
            Child("Events", "Event", "WhoId"),
            Child("CampaignMembers", "CampaignMember", "LeadId"),
        ),
        indexes=("OwnerId", "Status", "Email", "Ext_Id__c", "LastModifiedDate, Id", "CreatedDate, Id", "Company"),
    )


_ARCHIVED = "({t}.IsClosed AND coalesce({t}.ActivityDate, substr({t}.CreatedDate, 1, 10)) < '" + ARCHIVE_BEFORE + "')"


def _activity_links() -> list[Field]:
    return [
        reference("WhoId", "Who", "Contact", "Lead"),
        reference("WhatId", "What", *ABOUT),
        make_field("Subject", "combobox", length=255),
    ]


def _activity_custom() -> list[Field]:
    return [
        make_field("Activity_Kind__c", "string", custom=True, label="Activity Kind"),
        make_field("Activity_Outcome__c", "string", custom=True, label="Activity Outcome"),
        make_field("Activity_Direction__c", "string", custom=True, label="Activity Direction"),
    ]


def _task() -> SObject:
    return make_object(
        "Task",
        "00T",
        [
            *id_fields(),
            *_activity_links(),
            make_field("ActivityDate", "date", label="Due Date Only"),
            make_field("Status", "picklist", picklist=TASK_STATUSES, nillable=False, default=TASK_STATUSES[0]),
            make_field("Priority", "picklist", picklist=("High", "Normal", "Low"), nillable=False, default="Normal"),
            read_only("IsHighPriority", "boolean", nillable=False),
            reference("OwnerId", "Owner", "Group", "User", nillable=False),
            make_field("Description", "textarea"),
            make_field("Type", "picklist", picklist=("Call", "Email", "Meeting", "Note", "Other")),
            read_only("IsClosed", "boolean", nillable=False),
            read_only("IsArchived", "boolean", nillable=False, expression=_ARCHIVED),
            make_field("CallDurationInSeconds", "int"),
            make_field("CallType", "picklist", picklist=("Internal", "Inbound", "Outbound"), length=40),
            make_field("CallDisposition", "string", label="Call Result"),
            make_field("TaskSubtype", "picklist", picklist=("Task", "Email", "Call", "LinkedIn"), updateable=False),
            make_field("ReminderDateTime", "datetime"),
            make_field("IsReminderSet", "boolean", nillable=False),
            read_only("CompletedDateTime", "datetime"),
            *system_fields(),
            *_activity_custom(),
        ],
        indexes=("WhoId", "OwnerId", "ActivityDate"),
    )


def _event() -> SObject:
    return make_object(
        "Event",
        "00U",
        [
            *id_fields(),
            *_activity_links(),
            make_field("Location", "string"),
            make_field("IsAllDayEvent", "boolean", nillable=False),
            make_field("ActivityDateTime", "datetime"),
            make_field("ActivityDate", "date", label="Date Only"),
            make_field("DurationInMinutes", "int"),
            make_field("StartDateTime", "datetime"),
            make_field("EndDateTime", "datetime"),
            make_field("Description", "textarea"),
            reference("OwnerId", "Owner", "User", nillable=False),
            make_field("Type", "picklist", picklist=("Call", "Email", "Meeting", "Note", "Other")),
            make_field("IsPrivate", "boolean", nillable=False),
            make_field("ShowAs", "picklist", picklist=("Busy", "OutOfOffice", "Free"), default="Busy"),
            read_only("IsChild", "boolean", nillable=False),
            read_only("IsGroupEvent", "boolean", nillable=False),
            read_only(
                "IsArchived",
                "boolean",
                nillable=False,
                expression="({t}.ActivityDate < '" + ARCHIVE_BEFORE + "')",
            ),
            make_field("EventSubtype", "picklist", picklist=("Event",), default="Event"),
            *system_fields(),
            *_activity_custom(),
        ],
        indexes=("WhoId", "OwnerId", "ActivityDate"),
    )


def standard_objects() -> list[SObject]:
    """Fresh descriptions of all objects (an import adds custom fields to them)."""
    return with_catalogue([_lead(), _task(), _event(), *org_objects(), *sales_objects()])
