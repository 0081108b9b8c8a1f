"""What a lead becomes, and where it came from."""

from __future__ import annotations

from typing import Any

from crmsync_practice.salesforce.field_makers import (
    address_fields,
    id_fields,
    make_field,
    make_object,
    name_field,
    read_only,
    reference,
    system_fields,
)
from crmsync_practice.salesforce.opportunities import STAGES
from crmsync_practice.salesforce.picklists import INDUSTRIES, SOURCES
from crmsync_practice.salesforce.schema import Child, Field, SObject

_OWNER = reference("OwnerId", "Owner", "User", nillable=False)
_SYSTEM = tuple(system_fields())
_ACTIVITIES = (Child("Tasks", "Task", "WhoId"), Child("Events", "Event", "WhoId"))

_ACCOUNT = (
    *id_fields(),
    name_field(255),
    make_field("Type", "picklist", picklist=("Prospect", "Customer", "Partner", "Other")),
    *address_fields("Billing", "BillingAddress"),
    make_field("Phone", "phone", length=40),
    make_field("Website", "url"),
    make_field("Industry", "picklist", picklist=INDUSTRIES),
    make_field("AnnualRevenue", "currency", scale=0),
    make_field("NumberOfEmployees", "int", label="Employees"),
    make_field("Description", "textarea"),
    _OWNER,
    *_SYSTEM,
)
_CONTACT = (
    *id_fields(),
    reference("AccountId", "Account", "Account"),
    make_field("LastName", "string", length=80, nillable=False, compound="Name"),
    make_field("FirstName", "string", length=40, compound="Name"),
    read_only("Name", "string", length=121, nillable=False, label="Full Name", name_field=True),
    make_field("Title", "string", length=128),
    make_field("Phone", "phone", length=40),
    make_field("Email", "email", length=80),
    make_field("LeadSource", "picklist", picklist=SOURCES),
    _OWNER,
    *_SYSTEM,
    read_only("LastActivityDate", "date"),
)
_OPPORTUNITY = (
    *id_fields(),
    reference("AccountId", "Account", "Account"),
    name_field(120),
    make_field("StageName", "picklist", picklist=tuple(each.label for each in STAGES), nillable=False),
    make_field("Amount", "currency"),
    make_field("CloseDate", "date", nillable=False),
    make_field("LeadSource", "picklist", picklist=SOURCES),
    read_only("IsClosed", "boolean", nillable=False),
    read_only("IsWon", "boolean", nillable=False),
    _OWNER,
    *_SYSTEM,
)
_CAMPAIGN = (
    *id_fields(),
    name_field(),
    make_field("Type", "picklist", picklist=("Webinar", "Trade Show", "Email", "Other")),
    make_field("Status", "picklist", picklist=("Planned", "In Progress", "Completed")),
    make_field("StartDate", "date"),
    make_field("EndDate", "date"),
    make_field("IsActive", "boolean", nillable=False),
    _OWNER,
    *_SYSTEM,
)
_CAMPAIGN_MEMBER = (
    *id_fields(),
    reference("CampaignId", "Campaign", "Campaign", nillable=False),
    reference("LeadId", "Lead", "Lead"),
    reference("ContactId", "Contact", "Contact"),
    make_field("Status", "picklist", picklist=("Sent", "Responded"), default="Sent"),
    read_only("HasResponded", "boolean", nillable=False),
    *_SYSTEM,
)
_OF_ACCOUNTS = (Child("Contacts", "Contact", "AccountId"), Child("Opportunities", "Opportunity", "AccountId"))
_OBJECTS: tuple[tuple[str, str, tuple[Field, ...], dict[str, Any]], ...] = (
    ("Account", "001", _ACCOUNT, {"children": _OF_ACCOUNTS}),
    ("Contact", "003", _CONTACT, {"children": _ACTIVITIES}),
    ("Opportunity", "006", _OPPORTUNITY, {"plural": "Opportunities"}),
    ("Campaign", "701", _CAMPAIGN, {}),
    ("CampaignMember", "00v", _CAMPAIGN_MEMBER, {"indexes": ("LeadId", "CampaignId")}),
)


def sales_objects() -> list[SObject]:
    """Fresh descriptions of these objects."""
    return [make_object(name, prefix, list(fields), **given) for name, prefix, fields, given in _OBJECTS]
