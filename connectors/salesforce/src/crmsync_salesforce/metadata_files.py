"""Provisions as files of Salesforce's Metadata API, in the shape that a deployment takes.

Sources: Metadata API Developer Guide, "CustomField", "StandardValueSet", "PermissionSet", "ListView", "Sample
package.xml Manifest Files". A value that a deployed list leaves out is deactivated, so lists come with all they have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from crmsync.sdk import AccessProvision, Choice, FieldKind, FieldProvision, ListProvision

_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
STANDARD_VALUE_SETS: Mapping[str, str] = {
    "Lead.Status": "LeadStatus",
    "Lead.LeadSource": "LeadSource",
    "Lead.Industry": "Industry",
    "Lead.Rating": "AccountRating",
    "Contact.LeadSource": "LeadSource",
    "Task.Status": "TaskStatus",
    "Task.Type": "TaskType",
    "Event.Type": "EventType",
}
"""Standard picklists → the set that holds their values. Source: Metadata API Developer Guide, "StandardValueSet Names
and Standard Picklist Fields".
"""
USER_PERMISSIONS = ("ActivitiesAccess", "ApiEnabled", "ViewRoles")
"""To read tasks and events, to call the API, and to read roles for the roster."""
_MAKES: Mapping[str, str] = {"Task": "EditTask", "Event": "EditEvent"}
"""To make activities."""
_TRANSFERS: Mapping[str, str] = {"Lead": "TransferAnyLead"}
_TRANSFER_OTHERS = "TransferAnyEntity"
"""To give records to others: *Transfer Leads*, and *Transfer Record* for other objects."""
_OWNER = "OwnerId"
WITHOUT_OBJECT_PERMISSIONS = frozenset({"Task", "Event", "CampaignMember", "User", "OpportunityContactRole"})
"""Objects whose access follows from other permissions."""
_LIST_COLUMNS: Mapping[str, str] = {
    "Lead.Name": "FULL_NAME",
    "Lead.FirstName": "LEAD.FIRST_NAME",
    "Lead.LastName": "LEAD.LAST_NAME",
    "Lead.Company": "LEAD.COMPANY",
    "Lead.Status": "LEAD.STATUS",
    "Lead.Email": "LEAD.EMAIL",
    "Lead.OwnerId": "CORE.USERS.ALIAS",
    "Lead.LeadSource": "LEAD.LEAD_SOURCE",
    "Contact.Name": "FULL_NAME",
    "Contact.FirstName": "CONTACT.FIRST_NAME",
    "Contact.LastName": "CONTACT.LAST_NAME",
    "Contact.Account.Name": "ACCOUNT.NAME",
    "Contact.Email": "CONTACT.EMAIL",
    "Contact.Title": "CONTACT.TITLE",
    "Contact.OwnerId": "CORE.USERS.ALIAS",
    "Contact.LeadSource": "CONTACT.LEAD_SOURCE",
}
"""What list views call standard fields; custom ones stand under their own names."""
_LONG_TEXT_CHARACTERS = 255
_VISIBLE_LINES = 4


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A picklist with its values as they stand now, and those to add. `metadata`: as the Tooling API tells it."""

    object: str
    field: str
    metadata: Mapping[str, Any]
    new: tuple[Choice, ...]


@dataclass
class Package:
    """What one deployment brings. `access`: with the fields that permissions can be given on, by object."""

    fields: list[FieldProvision] = field(default_factory=list)
    values: list[ValueSet] = field(default_factory=list)
    lists: list[ListProvision] = field(default_factory=list)
    access: list[tuple[AccessProvision, Mapping[str, frozenset[str]]]] = field(default_factory=list)

    def files(self, api_version: str) -> dict[str, str]:
        """Path → text; empty where nothing is brought."""
        files: dict[str, str] = {}
        members: dict[str, list[str]] = {}
        objects = (
            *(each.object for each in self.fields),
            *(each.object for each in self._custom_values()),
            *(each.object for each in self.lists),
        )
        for name in dict.fromkeys(objects):
            files[f"objects/{name}.object"] = self._object(name, members)
        for each in self.values:
            standard = STANDARD_VALUE_SETS.get(f"{each.object}.{each.field}")
            if standard is not None:
                files[f"standardValueSets/{standard}.standardValueSet"] = _standard_values(each)
                members.setdefault("StandardValueSet", []).append(standard)
        for access, permissionable in self.access:
            files[f"permissionsets/{access.name}.permissionset"] = permission_set(access, permissionable)
            members.setdefault("PermissionSet", []).append(access.name)
        if files:
            files["package.xml"] = _manifest(members, api_version)
        return files

    def _custom_values(self) -> Iterator[ValueSet]:
        return (each for each in self.values if f"{each.object}.{each.field}" not in STANDARD_VALUE_SETS)

    def _object(self, name: str, members: dict[str, list[str]]) -> str:
        parts: list[str] = []
        for each in self.fields:
            if each.object == name:
                parts.append(_element("fields", custom_field(each)))
                members.setdefault("CustomField", []).append(f"{name}.{each.name}")
        for values in self._custom_values():
            if values.object == name:
                parts.append(_element("fields", {"fullName": values.field, **_extended(values)}))
                members.setdefault("CustomField", []).append(f"{name}.{values.field}")
        for view in self.lists:
            if view.object == name:
                parts.append(_element("listViews", list_view(view)))
                members.setdefault("ListView", []).append(f"{name}.{developer_name(view.label)}")
        return _document("CustomObject", parts)


_NEVER_REQUIRED = ("LongTextArea", "Checkbox")
"""Types whose definitions, as Salesforce itself writes them, do not say whether they are."""


def custom_field(wanted: FieldProvision) -> dict[str, Any]:
    """A field's definition."""
    base: dict[str, Any] = {"fullName": wanted.name, "label": wanted.label}
    kind = _type(wanted)
    if kind["type"] not in _NEVER_REQUIRED:
        base["required"] = False
    if wanted.about:
        base |= {"description": wanted.about, "inlineHelpText": wanted.about}
    return base | kind


def _type(wanted: FieldProvision) -> dict[str, Any]:
    characters = wanted.characters or _LONG_TEXT_CHARACTERS
    values = {"sorted": False, "value": [_value(choice) for choice in wanted.choices]}
    listed = {"valueSet": {"restricted": True, "valueSetDefinition": values}}
    digits = {"type": "Number", "precision": wanted.digits or 18, "scale": 0}
    lookup = {
        "type": "Lookup",
        "referenceTo": "User",
        "relationshipName": re.sub(r"\W+", "", wanted.name.removesuffix("__c")),
        "deleteConstraint": "SetNull",
    }
    text = {"type": "Text", "length": characters}
    if characters > _LONG_TEXT_CHARACTERS:
        text = {"type": "LongTextArea", "length": characters, "visibleLines": _VISIBLE_LINES}
    types: Mapping[FieldKind, dict[str, Any]] = {
        "number": digits,
        "money": digits,
        "date": {"type": "Date"},
        "datetime": {"type": "DateTime"},
        "boolean": {"type": "Checkbox", "defaultValue": "false"},
        "reference": lookup,
        "choice": {"type": "Picklist", **listed},
        "choices": {"type": "MultiselectPicklist", **listed, "visibleLines": _VISIBLE_LINES},
    }
    return types.get(wanted.kind, text)


def list_view(wanted: ListProvision) -> dict[str, Any]:
    """A list view for everybody who may see the object."""
    test = {"field": _column(wanted.object, wanted.field), "operation": "equals", "value": ",".join(wanted.values)}
    return {
        "fullName": developer_name(wanted.label),
        "columns": [_column(wanted.object, name) for name in wanted.columns],
        "filterScope": "Everything",
        "filters": test,
        "label": wanted.label[:40],
    }


def developer_name(label: str) -> str:
    """`crmsync: to be worked` → `crmsync_to_be_worked`."""
    return re.sub(r"\W+", "_", label).strip("_")[:80]


def permission_set(access: AccessProvision, permissionable: Mapping[str, frozenset[str]]) -> str:
    """What the access asks for; fields on which no permission can be given (an owner, say) are left out."""
    parts = [
        _element("description", "What crmsync reads and writes, and nothing else"),
        *(_element("fieldPermissions", each) for each in field_permissions(access, permissionable)),
        _element("hasActivationRequired", "false"),
        _element("label", access.name),
        *(_element("objectPermissions", each) for each in _object_permissions(access)),
        *(_element("userPermissions", {"enabled": True, "name": name}) for name in _user_permissions(access)),
    ]
    return _document("PermissionSet", parts)


def _user_permissions(access: AccessProvision) -> list[str]:
    """What every user needs, and what it takes to give away what is edited and to make what is made, by name."""
    given = {_TRANSFERS.get(name, _TRANSFER_OTHERS) for name, fields in access.edits.items() if _OWNER in fields}
    makes = {_MAKES[name] for name in access.makes if name in _MAKES}
    return sorted({*USER_PERMISSIONS, *given, *makes})


def field_permissions(
    access: AccessProvision, permissionable: Mapping[str, frozenset[str]]
) -> Iterator[dict[str, Any]]:
    """`editable`, `field`, `readable` of every field that is read or written."""
    written: dict[str, set[str]] = {}
    for fields in (access.edits, access.makes):
        for name, names in fields.items():
            written.setdefault(name, set()).update(names)
    for name in sorted({*access.reads, *written}):
        wanted = {*access.reads.get(name, ()), *written.get(name, ())} & permissionable.get(name, frozenset())
        for each in sorted(wanted):
            yield {"editable": each in written.get(name, ()), "field": f"{name}.{each}", "readable": True}


def _object_permissions(access: AccessProvision) -> Iterator[dict[str, Any]]:
    for name in sorted({*access.reads, *access.edits}):
        if name not in WITHOUT_OBJECT_PERMISSIONS:
            yield {
                "allowCreate": False,
                "allowDelete": False,
                "allowEdit": name in access.edits,
                "allowRead": True,
                "modifyAllRecords": False,
                "object": name,
                "viewAllRecords": True,
            }


def _column(object_name: str, name: str) -> str:
    return _LIST_COLUMNS.get(f"{object_name}.{name}", name)


def _value(choice: Choice) -> dict[str, Any]:
    return {"fullName": choice.value, "default": False, "label": choice.label}


def _extended(values: ValueSet) -> dict[str, Any]:
    """A custom picklist's definition as it is, with the new values behind the others."""
    told = _deployable(values.metadata)
    value_set = told["valueSet"]
    definition = value_set["valueSetDefinition"]
    value = [*_listed(definition.get("value")), *(_value(choice) for choice in values.new)]
    return {**told, "valueSet": {**value_set, "valueSetDefinition": {**definition, "value": value}}}


def _standard_values(values: ValueSet) -> str:
    told = _deployable(values.metadata)
    standard = [*_listed(told.get("standardValue")), *(_value(choice) for choice in values.new)]
    parts = [_element("sorted", told.get("sorted", False)), *(_element("standardValue", each) for each in standard)]
    return _document("StandardValueSet", parts)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _deployable(told: Any) -> Any:
    """The Tooling API's JSON as the Metadata API takes it: without what is null, `valueName` called `fullName`."""
    if isinstance(told, Mapping):
        return {
            "fullName" if key == "valueName" else key: _deployable(value)
            for key, value in told.items()
            if value is not None and key != "urls"
        }
    return [_deployable(each) for each in told] if isinstance(told, list) else told


def _manifest(members: Mapping[str, Iterable[str]], api_version: str) -> str:
    types = [_element("types", {"members": sorted(names), "name": kind}) for kind, names in sorted(members.items())]
    return _document("Package", [*types, _element("version", api_version)])


def _document(root: str, parts: Sequence[str]) -> str:
    inner = "".join(parts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{inner}</{root}>\n'


def _element(name: str, value: Any, depth: int = 1) -> str:
    """One element, or one for each of a list; mappings nest."""
    if isinstance(value, list | tuple):
        return "".join(_element(name, each, depth) for each in value)
    indent = "    " * depth
    if isinstance(value, Mapping):
        inner = "".join(_element(key, each, depth + 1) for key, each in value.items())
        return f"{indent}<{name}>\n{inner}{indent}</{name}>\n"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{indent}<{name}>{escape(text)}</{name}>\n"
