"""The org's standard objects: Lead, Task and Event in full, and those around them as far as clients look
at them.
"""

from __future__ import annotations

from typing import Any

from crmsync.practice.salesforce.schema import Child, Field, SObject

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
SOURCES = ("Web", "Webinar", "Trade Show", "Partner Referral", "Advertisement", "Purchased List", "Other")
INDUSTRIES = (
    "Agriculture",
    "Banking",
    "Consulting",
    "Education",
    "Energy",
    "Healthcare",
    "Manufacturing",
    "Media",
    "Retail",
    "Software",
    "Transportation",
    "Other",
)
TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")
ARCHIVE_BEFORE = "{archive_before}"
"""Stands in a calculated field's SQL for the day before which closed activities count as archived."""


def _field(name: str, kind: str, **given: Any) -> Field:
    if kind == "textarea":
        given = {"filterable": False, "sortable": False, "groupable": False, "length": 32000, **given}
    elif kind in {"string", "email", "phone", "url", "picklist"}:
        given = {"length": 255, **given}
    elif kind in {"double", "currency", "percent"}:
        given = {"precision": 18, "scale": 2, **given}
    return Field(name=name, type=kind, label=given.pop("label", _spaced(name)), **given)


def _spaced(name: str) -> str:
    return "".join(f" {letter}" if letter.isupper() and index else letter for index, letter in enumerate(name))


def _read_only(name: str, kind: str, **given: Any) -> Field:
    return _field(name, kind, createable=False, updateable=False, **given)


def _reference(name: str, relationship: str, *targets: str, **given: Any) -> Field:
    return _field(name, "reference", relationship=relationship, targets=targets, length=18, **given)


def _system() -> list[Field]:
    user = {"createable": False, "updateable": False, "nillable": False}
    return [
        _read_only("CreatedDate", "datetime", nillable=False),
        _reference("CreatedById", "CreatedBy", "User", **user),
        _read_only("LastModifiedDate", "datetime", nillable=False),
        _reference("LastModifiedById", "LastModifiedBy", "User", **user),
        _read_only("SystemModstamp", "datetime", nillable=False),
    ]


def _id() -> list[Field]:
    return [
        _read_only("Id", "id", length=18, nillable=False, label="Record ID"),
        _read_only("IsDeleted", "boolean", nillable=False, label="Deleted"),
    ]


def _object(name: str, prefix: str, fields: list[Field], **given: Any) -> SObject:
    plural = given.pop("plural", f"{name}s")
    return SObject(
        name=name,
        prefix=prefix,
        fields={each.name: each for each in fields},
        label=given.pop("label", _spaced(name)),
        plural=plural,
        **given,
    )


def _address(prefix: str = "", compound: str = "Address") -> list[Field]:
    return [
        _field(f"{prefix}{part}", "string" if part != "Street" else "textarea", compound=compound, length=length)
        for part, length in (("Street", 255), ("City", 40), ("State", 80), ("PostalCode", 20), ("Country", 80))
    ]


def _lead() -> SObject:
    return _object(
        "Lead",
        "00Q",
        [
            *_id(),
            _reference("MasterRecordId", "MasterRecord", "Lead", createable=False, updateable=False),
            _field("LastName", "string", length=80, nillable=False, compound="Name"),
            _field("FirstName", "string", length=40, compound="Name"),
            _field("Salutation", "picklist", length=40, compound="Name", picklist=("Mr.", "Ms.", "Dr.", "Prof.")),
            _read_only(
                "Name",
                "string",
                length=121,
                nillable=False,
                label="Full Name",
                name_field=True,
            ),
            _field("Title", "string", length=128),
            _field("Company", "string", nillable=False),
            *_address(),
            _field("Phone", "phone", length=40),
            _field("MobilePhone", "phone", length=40),
            _field("Fax", "phone", length=40),
            _field("Email", "email", length=80),
            _field("Website", "url"),
            _field("Description", "textarea"),
            _field("LeadSource", "picklist", picklist=SOURCES),
            _field("Status", "picklist", picklist=STATUSES, nillable=False, default=STATUSES[0]),
            _field("Industry", "picklist", picklist=INDUSTRIES),
            _field("Rating", "picklist", picklist=("Hot", "Warm", "Cold")),
            _field("AnnualRevenue", "currency", scale=0),
            _field("NumberOfEmployees", "int", label="Employees"),
            _reference("OwnerId", "Owner", "Group", "User", nillable=False),
            _field("HasOptedOutOfEmail", "boolean", nillable=False),
            _field("DoNotCall", "boolean", nillable=False),
            _read_only("IsConverted", "boolean", nillable=False),
            _read_only("ConvertedDate", "date"),
            _reference("ConvertedAccountId", "ConvertedAccount", "Account", createable=False, updateable=False),
            _reference("ConvertedContactId", "ConvertedContact", "Contact", createable=False, updateable=False),
            _reference(
                "ConvertedOpportunityId", "ConvertedOpportunity", "Opportunity", createable=False, updateable=False
            ),
            _field("IsUnreadByOwner", "boolean", nillable=False, default=True),
            *_system(),
            _read_only("LastActivityDate", "date"),
            _field("Campaign__c", "string", custom=True, label="Campaign"),
            _field("Ext_Id__c", "string", custom=True, label="External ID", length=64, external_id=True, unique=True),
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
        _reference("WhoId", "Who", "Contact", "Lead"),
        _reference("WhatId", "What", "Account", "Campaign", "Opportunity"),
        _field("Subject", "combobox", length=255),
    ]


def _activity_custom() -> list[Field]:
    return [
        _field("Activity_Kind__c", "string", custom=True, label="Activity Kind"),
        _field("Activity_Outcome__c", "string", custom=True, label="Activity Outcome"),
        _field("Activity_Direction__c", "string", custom=True, label="Activity Direction"),
    ]


def _task() -> SObject:
    return _object(
        "Task",
        "00T",
        [
            *_id(),
            *_activity_links(),
            _field("ActivityDate", "date", label="Due Date Only"),
            _field("Status", "picklist", picklist=TASK_STATUSES, nillable=False, default=TASK_STATUSES[0]),
            _field("Priority", "picklist", picklist=("High", "Normal", "Low"), nillable=False, default="Normal"),
            _read_only("IsHighPriority", "boolean", nillable=False),
            _reference("OwnerId", "Owner", "Group", "User", nillable=False),
            _field("Description", "textarea"),
            _field("Type", "picklist", picklist=("Call", "Email", "Meeting", "Other")),
            _read_only("IsClosed", "boolean", nillable=False),
            _read_only("IsArchived", "boolean", nillable=False, expression=_ARCHIVED),
            _field("CallDurationInSeconds", "int"),
            _field("CallType", "picklist", picklist=("Internal", "Inbound", "Outbound"), length=40),
            _field("CallDisposition", "string", label="Call Result"),
            _field("TaskSubtype", "picklist", picklist=("Task", "Email", "Call", "LinkedIn"), updateable=False),
            _field("ReminderDateTime", "datetime"),
            _field("IsReminderSet", "boolean", nillable=False),
            _read_only("CompletedDateTime", "datetime"),
            *_system(),
            *_activity_custom(),
        ],
        indexes=("WhoId", "OwnerId", "ActivityDate"),
    )


def _event() -> SObject:
    return _object(
        "Event",
        "00U",
        [
            *_id(),
            *_activity_links(),
            _field("Location", "string"),
            _field("IsAllDayEvent", "boolean", nillable=False),
            _field("ActivityDateTime", "datetime"),
            _field("ActivityDate", "date", label="Date Only"),
            _field("DurationInMinutes", "int"),
            _field("StartDateTime", "datetime"),
            _field("EndDateTime", "datetime"),
            _field("Description", "textarea"),
            _reference("OwnerId", "Owner", "User", nillable=False),
            _field("Type", "picklist", picklist=("Call", "Email", "Meeting", "Other")),
            _field("IsPrivate", "boolean", nillable=False),
            _field("ShowAs", "picklist", picklist=("Busy", "OutOfOffice", "Free"), default="Busy"),
            _read_only("IsChild", "boolean", nillable=False),
            _read_only("IsGroupEvent", "boolean", nillable=False),
            _read_only(
                "IsArchived",
                "boolean",
                nillable=False,
                expression="({t}.ActivityDate < '" + ARCHIVE_BEFORE + "')",
            ),
            _field("EventSubtype", "picklist", picklist=("Event",), default="Event"),
            *_system(),
            *_activity_custom(),
        ],
        indexes=("WhoId", "OwnerId", "ActivityDate"),
    )


def _user() -> SObject:
    return _object(
        "User",
        "005",
        [
            _read_only("Id", "id", length=18, nillable=False, label="User ID"),
            _field("Username", "string", length=80, nillable=False),
            _field("LastName", "string", length=80, nillable=False, compound="Name"),
            _field("FirstName", "string", length=40, compound="Name"),
            _read_only("Name", "string", length=121, nillable=False, name_field=True),
            _field("Department", "string", length=80),
            _field("Title", "string", length=80),
            _field("Email", "email", length=128, nillable=False),
            _field("Alias", "string", length=8, nillable=False),
            _field("IsActive", "boolean", nillable=False),
            _field("TimeZoneSidKey", "picklist", length=40, nillable=False),
            _field("LocaleSidKey", "picklist", length=40, nillable=False, default="en_US"),
            _field("LanguageLocaleKey", "picklist", length=40, nillable=False, default="en_US"),
            _field("EmailEncodingKey", "picklist", length=40, nillable=False, default="UTF-8"),
            _reference("UserRoleId", "UserRole", "UserRole"),
            _reference("ProfileId", "Profile", "Profile", nillable=False),
            _read_only(
                "UserType", "picklist", length=40, default="Standard", picklist=("Standard", "AutomatedProcess")
            ),
            _reference("ManagerId", "Manager", "User"),
            *_system(),
            _field("Territories__c", "multipicklist", custom=True, label="Territories", length=4099),
        ],
        deletable=False,
        indexes=("Email",),
    )


def _reading(name: str, prefix: str, fields: list[Field], **given: Any) -> SObject:
    return _object(name, prefix, fields, writable=False, deletable=False, **given)


def _named(length: int = 80) -> Field:
    return _field("Name", "string", length=length, nillable=False, name_field=True)


def standard_objects() -> list[SObject]:
    """Fresh descriptions of all objects (an import adds custom fields to them)."""
    plain_id = _read_only("Id", "id", length=18, nillable=False)
    return [
        _lead(),
        _task(),
        _event(),
        _user(),
        _reading(
            "Group",
            "00G",
            [
                plain_id,
                _named(40),
                _field("DeveloperName", "string", length=80),
                _reference("RelatedId", "Related", "User"),
                _field("Type", "picklist", picklist=("Regular", "Queue", "Organization"), nillable=False),
                _field("Email", "email"),
                *_system(),
            ],
        ),
        _reading(
            "GroupMember",
            "011",
            [
                plain_id,
                _reference("GroupId", "Group", "Group", nillable=False),
                _reference("UserOrGroupId", "UserOrGroup", "Group", "User", nillable=False),
                _read_only("SystemModstamp", "datetime", nillable=False),
            ],
        ),
        _reading(
            "QueueSobject",
            "03g",
            [
                plain_id,
                _reference("QueueId", "Queue", "Group", nillable=False),
                _field("SobjectType", "picklist", picklist=("Lead", "Task"), nillable=False),
                _reference("CreatedById", "CreatedBy", "User"),
                _read_only("SystemModstamp", "datetime", nillable=False),
            ],
        ),
        _reading(
            "LeadStatus",
            "01J",
            [
                plain_id,
                _field("MasterLabel", "string", nillable=False, name_field=True),
                _field("ApiName", "string", nillable=False),
                _field("SortOrder", "int"),
                _field("IsDefault", "boolean", nillable=False),
                _field("IsConverted", "boolean", nillable=False),
                *_system(),
            ],
            plural="LeadStatuses",
        ),
        _reading(
            "Organization",
            "00D",
            [
                plain_id,
                _named(),
                _field("Country", "string", length=80),
                _field("TimeZoneSidKey", "picklist", length=40),
                _field("LanguageLocaleKey", "picklist", length=40),
                _field("DefaultLocaleSidKey", "picklist", length=40),
                _field("OrganizationType", "picklist", length=40),
                _field("IsSandbox", "boolean", nillable=False),
                _field("InstanceName", "string", length=5),
                _field("NamespacePrefix", "string", length=15),
                _field("TrialExpirationDate", "datetime"),
                _field("FiscalYearStartMonth", "int"),
                *_system(),
            ],
        ),
        _reading("UserRole", "00E", [plain_id, _named(), _field("DeveloperName", "string"), *_system()[2:]]),
        _reading("Profile", "00e", [plain_id, _named(), *_system()]),
        _reading(
            "RecordType",
            "012",
            [
                plain_id,
                _named(),
                _field("DeveloperName", "string", length=80),
                _field("SobjectType", "picklist", length=40),
                _field("IsActive", "boolean", nillable=False),
                *_system(),
            ],
        ),
        *_sales_objects(),
    ]


def _sales_objects() -> list[SObject]:
    owner = _reference("OwnerId", "Owner", "User", nillable=False)
    return [
        _object(
            "Account",
            "001",
            [
                *_id(),
                _named(255),
                _field("Type", "picklist", picklist=("Prospect", "Customer", "Partner", "Other")),
                *_address("Billing", "BillingAddress"),
                _field("Phone", "phone", length=40),
                _field("Website", "url"),
                _field("Industry", "picklist", picklist=INDUSTRIES),
                _field("AnnualRevenue", "currency", scale=0),
                _field("NumberOfEmployees", "int", label="Employees"),
                _field("Description", "textarea"),
                owner,
                *_system(),
            ],
            children=(Child("Contacts", "Contact", "AccountId"), Child("Opportunities", "Opportunity", "AccountId")),
        ),
        _object(
            "Contact",
            "003",
            [
                *_id(),
                _reference("AccountId", "Account", "Account"),
                _field("LastName", "string", length=80, nillable=False, compound="Name"),
                _field("FirstName", "string", length=40, compound="Name"),
                _read_only("Name", "string", length=121, nillable=False, label="Full Name", name_field=True),
                _field("Title", "string", length=128),
                _field("Phone", "phone", length=40),
                _field("Email", "email", length=80),
                _field("LeadSource", "picklist", picklist=SOURCES),
                owner,
                *_system(),
                _read_only("LastActivityDate", "date"),
            ],
            children=(Child("Tasks", "Task", "WhoId"), Child("Events", "Event", "WhoId")),
        ),
        _object(
            "Opportunity",
            "006",
            [
                *_id(),
                _reference("AccountId", "Account", "Account"),
                _named(120),
                _field(
                    "StageName",
                    "picklist",
                    picklist=("Prospecting", "Qualification", "Proposal/Price Quote", "Closed Won", "Closed Lost"),
                    nillable=False,
                ),
                _field("Amount", "currency"),
                _field("CloseDate", "date", nillable=False),
                _field("LeadSource", "picklist", picklist=SOURCES),
                _read_only("IsClosed", "boolean", nillable=False),
                _read_only("IsWon", "boolean", nillable=False),
                owner,
                *_system(),
            ],
            plural="Opportunities",
        ),
        _object(
            "Campaign",
            "701",
            [
                *_id(),
                _named(),
                _field("Type", "picklist", picklist=("Webinar", "Trade Show", "Email", "Other")),
                _field("Status", "picklist", picklist=("Planned", "In Progress", "Completed")),
                _field("StartDate", "date"),
                _field("EndDate", "date"),
                _field("IsActive", "boolean", nillable=False),
                owner,
                *_system(),
            ],
        ),
        _object(
            "CampaignMember",
            "00v",
            [
                *_id(),
                _reference("CampaignId", "Campaign", "Campaign", nillable=False),
                _reference("LeadId", "Lead", "Lead"),
                _reference("ContactId", "Contact", "Contact"),
                _field("Status", "picklist", picklist=("Sent", "Responded"), default="Sent"),
                _field("HasResponded", "boolean", nillable=False),
                *_system(),
            ],
            indexes=("LeadId", "CampaignId"),
        ),
    ]
