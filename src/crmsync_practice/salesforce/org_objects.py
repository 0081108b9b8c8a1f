"""Users, queues and what describes the org, as far as clients look at them."""

from __future__ import annotations

from typing import Any

from crmsync_practice.salesforce.field_makers import (
    make_field,
    make_object,
    name_field,
    read_only,
    reading_object,
    reference,
    system_fields,
)
from crmsync_practice.salesforce.schema import Field, SObject

_PLAIN_ID = read_only("Id", "id", length=18, nillable=False)
_STAMP = read_only("SystemModstamp", "datetime", nillable=False)
_SYSTEM = tuple(system_fields())

_USER = (
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
    read_only("UserType", "picklist", length=40, default="Standard", picklist=("Standard", "AutomatedProcess")),
    reference("ManagerId", "Manager", "User"),
    *_SYSTEM,
    make_field("Territories__c", "multipicklist", custom=True, label="Territories", length=4099),
)
_GROUP_TYPES = ("Regular", "Queue", "Organization", "Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal")
_GROUP = (
    _PLAIN_ID,
    name_field(40),
    make_field("DeveloperName", "string", length=80),
    reference("RelatedId", "Related", "User"),
    make_field("Type", "picklist", picklist=_GROUP_TYPES, nillable=False),
    make_field("Email", "email"),
    *_SYSTEM,
)
_GROUP_MEMBER = (
    _PLAIN_ID,
    reference("GroupId", "Group", "Group", nillable=False),
    reference("UserOrGroupId", "UserOrGroup", "Group", "User", nillable=False),
    _STAMP,
)
_QUEUE_SOBJECT = (
    _PLAIN_ID,
    reference("QueueId", "Queue", "Group", nillable=False),
    make_field("SobjectType", "picklist", picklist=("Lead", "Task"), nillable=False),
    reference("CreatedById", "CreatedBy", "User"),
    _STAMP,
)
_LEAD_STATUS = (
    _PLAIN_ID,
    make_field("MasterLabel", "string", nillable=False, name_field=True),
    make_field("ApiName", "string", nillable=False),
    make_field("SortOrder", "int"),
    make_field("IsDefault", "boolean", nillable=False),
    make_field("IsConverted", "boolean", nillable=False),
    *_SYSTEM,
)
_ORGANIZATION = (
    _PLAIN_ID,
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
    *_SYSTEM,
)
_RECORD_TYPE = (
    _PLAIN_ID,
    name_field(),
    make_field("DeveloperName", "string", length=80),
    make_field("NamespacePrefix", "string", length=15),
    make_field("Description", "string"),
    make_field("SobjectType", "picklist", length=40, picklist=("Lead",)),
    make_field("IsActive", "boolean", nillable=False),
    *_SYSTEM,
)
_USER_ROLE = (
    _PLAIN_ID,
    name_field(),
    make_field("DeveloperName", "string"),
    reference("ParentRoleId", "ParentRole", "UserRole"),
    *_SYSTEM[2:],
)
_READ_ONLY: tuple[tuple[str, str, tuple[Field, ...], dict[str, Any]], ...] = (
    ("Group", "00G", _GROUP, {}),
    ("GroupMember", "011", _GROUP_MEMBER, {}),
    ("QueueSobject", "03g", _QUEUE_SOBJECT, {}),
    ("LeadStatus", "01J", _LEAD_STATUS, {"plural": "LeadStatuses"}),
    ("Organization", "00D", _ORGANIZATION, {}),
    ("UserRole", "00E", _USER_ROLE, {}),
    ("Profile", "00e", (_PLAIN_ID, name_field(), *_SYSTEM), {}),
    ("RecordType", "012", _RECORD_TYPE, {}),
)


def org_objects() -> list[SObject]:
    """Fresh descriptions of these objects."""
    user = make_object("User", "005", list(_USER), deletable=False, indexes=("Email",))
    return [
        user,
        *(reading_object(name, prefix, list(fields), **given) for name, prefix, fields, given in _READ_ONLY),
    ]
