"""The objects around the leads, as far as clients look at them."""

from __future__ import annotations

from crmsync.practice.salesforce.field_makers import (
    address_fields,
    id_fields,
    make_field,
    make_object,
    name_field,
    read_only,
    reading_object,
    reference,
    system_fields,
)
from crmsync.practice.salesforce.schema import Child, SObject


def other_objects(industries: tuple[str, ...], sources: tuple[str, ...]) -> list[SObject]:
    """All objects but Lead, Task and Event; the arguments are the picklists that they share with Lead."""
    return [_user(), *_org_objects(), *_sales_objects(industries, sources)]


def _user() -> SObject:
    return make_object(
        "User",
        "005",
        [
            read_only("Id", "id", length=18, nillable=False, label="User ID"),
            make_field("Username", "string", length=80, nillable=False),
            make_field("LastName", "string", length=80, nillable=False, compound="Name"),
            make_field("FirstName", "string", length=40, compound="Name"),
            read_only("Name", "string", length=121, nillable=False, name_field=True),
            make_field("Department", "string", length=80),
            make_field("Title", "string", length=80),
            make_field("Email", "email", length=128, nillable=False),
            make_field("Alias", "string", length=8, nillable=False),
            make_field("IsActive", "boolean", nillable=False),
            make_field("TimeZoneSidKey", "picklist", length=40, nillable=False),
            make_field("LocaleSidKey", "picklist", length=40, nillable=False, default="en_US"),
            make_field("LanguageLocaleKey", "picklist", length=40, nillable=False, default="en_US"),
            make_field("EmailEncodingKey", "picklist", length=40, nillable=False, default="UTF-8"),
            reference("UserRoleId", "UserRole", "UserRole"),
            reference("ProfileId", "Profile", "Profile", nillable=False),
            read_only(
                "UserType", "picklist", length=40, default="Standard", picklist=("Standard", "AutomatedProcess")
            ),
            reference("ManagerId", "Manager", "User"),
            *system_fields(),
            make_field("Territories__c", "multipicklist", custom=True, label="Territories", length=4099),
        ],
        deletable=False,
        indexes=("Email",),
    )


def _org_objects() -> list[SObject]:
    """Users, queues and what describes the org."""
    plain_id = read_only("Id", "id", length=18, nillable=False)
    return [
        _user(),
        reading_object(
            "Group",
            "00G",
            [
                plain_id,
                name_field(40),
                make_field("DeveloperName", "string", length=80),
                reference("RelatedId", "Related", "User"),
                make_field("Type", "picklist", picklist=("Regular", "Queue", "Organization"), nillable=False),
                make_field("Email", "email"),
                *system_fields(),
            ],
        ),
        reading_object(
            "GroupMember",
            "011",
            [
                plain_id,
                reference("GroupId", "Group", "Group", nillable=False),
                reference("UserOrGroupId", "UserOrGroup", "Group", "User", nillable=False),
                read_only("SystemModstamp", "datetime", nillable=False),
            ],
        ),
        reading_object(
            "QueueSobject",
            "03g",
            [
                plain_id,
                reference("QueueId", "Queue", "Group", nillable=False),
                make_field("SobjectType", "picklist", picklist=("Lead", "Task"), nillable=False),
                reference("CreatedById", "CreatedBy", "User"),
                read_only("SystemModstamp", "datetime", nillable=False),
            ],
        ),
        reading_object(
            "LeadStatus",
            "01J",
            [
                plain_id,
                make_field("MasterLabel", "string", nillable=False, name_field=True),
                make_field("ApiName", "string", nillable=False),
                make_field("SortOrder", "int"),
                make_field("IsDefault", "boolean", nillable=False),
                make_field("IsConverted", "boolean", nillable=False),
                *system_fields(),
            ],
            plural="LeadStatuses",
        ),
        reading_object(
            "Organization",
            "00D",
            [
                plain_id,
                name_field(),
                make_field("Country", "string", length=80),
                make_field("TimeZoneSidKey", "picklist", length=40),
                make_field("LanguageLocaleKey", "picklist", length=40),
                make_field("DefaultLocaleSidKey", "picklist", length=40),
                make_field("OrganizationType", "picklist", length=40),
                make_field("IsSandbox", "boolean", nillable=False),
                make_field("InstanceName", "string", length=5),
                make_field("NamespacePrefix", "string", length=15),
                make_field("TrialExpirationDate", "datetime"),
                make_field("FiscalYearStartMonth", "int"),
                *system_fields(),
            ],
        ),
        reading_object(
            "UserRole", "00E", [plain_id, name_field(), make_field("DeveloperName", "string"), *system_fields()[2:]]
        ),
        reading_object("Profile", "00e", [plain_id, name_field(), *system_fields()]),
        reading_object(
            "RecordType",
            "012",
            [
                plain_id,
                name_field(),
                make_field("DeveloperName", "string", length=80),
                make_field("SobjectType", "picklist", length=40),
                make_field("IsActive", "boolean", nillable=False),
                *system_fields(),
            ],
        ),
    ]


def _sales_objects(industries: tuple[str, ...], sources: tuple[str, ...]) -> list[SObject]:
    """What a lead becomes, and where it came from."""
    owner = reference("OwnerId", "Owner", "User", nillable=False)
    return [
        make_object(
            "Account",
            "001",
            [
                *id_fields(),
                name_field(255),
                make_field("Type", "picklist", picklist=("Prospect", "Customer", "Partner", "Other")),
                *address_fields("Billing", "BillingAddress"),
                make_field("Phone", "phone", length=40),
                make_field("Website", "url"),
                make_field("Industry", "picklist", picklist=industries),
                make_field("AnnualRevenue", "currency", scale=0),
                make_field("NumberOfEmployees", "int", label="Employees"),
                make_field("Description", "textarea"),
                owner,
                *system_fields(),
            ],
            children=(Child("Contacts", "Contact", "AccountId"), Child("Opportunities", "Opportunity", "AccountId")),
        ),
        make_object(
            "Contact",
            "003",
            [
                *id_fields(),
                reference("AccountId", "Account", "Account"),
                make_field("LastName", "string", length=80, nillable=False, compound="Name"),
                make_field("FirstName", "string", length=40, compound="Name"),
                read_only("Name", "string", length=121, nillable=False, label="Full Name", name_field=True),
                make_field("Title", "string", length=128),
                make_field("Phone", "phone", length=40),
                make_field("Email", "email", length=80),
                make_field("LeadSource", "picklist", picklist=sources),
                owner,
                *system_fields(),
                read_only("LastActivityDate", "date"),
            ],
            children=(Child("Tasks", "Task", "WhoId"), Child("Events", "Event", "WhoId")),
        ),
        make_object(
            "Opportunity",
            "006",
            [
                *id_fields(),
                reference("AccountId", "Account", "Account"),
                name_field(120),
                make_field(
                    "StageName",
                    "picklist",
                    picklist=("Prospecting", "Qualification", "Proposal/Price Quote", "Closed Won", "Closed Lost"),
                    nillable=False,
                ),
                make_field("Amount", "currency"),
                make_field("CloseDate", "date", nillable=False),
                make_field("LeadSource", "picklist", picklist=sources),
                read_only("IsClosed", "boolean", nillable=False),
                read_only("IsWon", "boolean", nillable=False),
                owner,
                *system_fields(),
            ],
            plural="Opportunities",
        ),
        make_object(
            "Campaign",
            "701",
            [
                *id_fields(),
                name_field(),
                make_field("Type", "picklist", picklist=("Webinar", "Trade Show", "Email", "Other")),
                make_field("Status", "picklist", picklist=("Planned", "In Progress", "Completed")),
                make_field("StartDate", "date"),
                make_field("EndDate", "date"),
                make_field("IsActive", "boolean", nillable=False),
                owner,
                *system_fields(),
            ],
        ),
        make_object(
            "CampaignMember",
            "00v",
            [
                *id_fields(),
                reference("CampaignId", "Campaign", "Campaign", nillable=False),
                reference("LeadId", "Lead", "Lead"),
                reference("ContactId", "Contact", "Contact"),
                make_field("Status", "picklist", picklist=("Sent", "Responded"), default="Sent"),
                make_field("HasResponded", "boolean", nillable=False),
                *system_fields(),
            ],
            indexes=("LeadId", "CampaignId"),
        ),
    ]
