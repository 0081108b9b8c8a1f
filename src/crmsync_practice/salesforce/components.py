"""The components of a deployment: what their parts say, and why one is not taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync_practice.salesforce.schema import Field

TYPES = {
    "Text": "string", "LongTextArea": "textarea", "TextArea": "textarea", "Number": "double", "Checkbox": "boolean",
    "Date": "date", "DateTime": "datetime", "Picklist": "picklist", "MultiselectPicklist": "multipicklist",
    "Lookup": "reference",
}  # fmt: skip


class DeployProblem(Exception):
    """Why a component is not taken."""


def new_field(api_name: str, part: Mapping[str, Any]) -> Field:
    kind = TYPES.get(str(part.get("type")))
    if kind is None:
        raise DeployProblem(f"Must specify a non-empty type the practice org knows for {api_name}")
    if not part.get("label"):
        raise DeployProblem(f"Must specify a non-empty label for the CustomField {api_name}")
    long = kind == "textarea"
    if kind in ("picklist", "multipicklist") and not values_of(part):
        raise DeployProblem(f"Picklist {api_name} needs values")
    if kind == "string" and not 1 <= int(part.get("length") or 0) <= 255:
        raise DeployProblem(f"Can not specify 'length' outside 1 to 255 for a CustomField of type Text: {api_name}")
    return Field(
        api_name,
        kind,
        str(part["label"]),
        length=255 if kind in ("picklist", "multipicklist") else int(part.get("length") or 0),
        picklist=tuple(values_of(part)),
        restricted=_set_of(part).get("restricted") == "true",
        targets=(str(part.get("referenceTo")),) if kind == "reference" else (),
        relationship=f"{part.get('relationshipName')}__r" if kind == "reference" else None,
        nillable=kind != "boolean",
        filterable=not long,
        sortable=not long,
        groupable=not long,
        precision=int(part.get("precision") or 0),
        scale=int(part.get("scale") or 0),
        custom=True,
    )


def _set_of(part: Mapping[str, Any]) -> Mapping[str, Any]:
    found = part.get("valueSet")
    return found if isinstance(found, Mapping) else {}


def values_of(part: Mapping[str, Any]) -> list[str]:
    definition = _set_of(part).get("valueSetDefinition")
    values = definition.get("value") if isinstance(definition, Mapping) else None
    return [str(each["fullName"]) for each in many(values)]


def told_value(value: str) -> dict[str, Any]:
    return {
        "color": None,
        "default": False,
        "description": None,
        "isActive": None,
        "label": value,
        "valueName": value,
    }


def set_row(name: str, part: Mapping[str, Any]) -> dict[str, Any]:
    users = {each["name"] for each in many(part.get("userPermissions")) if each.get("enabled") == "true"}
    return {
        "Name": name,
        "Label": part.get("label") or name,
        "Description": part.get("description"),
        "IsOwnedByProfile": 0,
        "IsCustom": 1,
        "Type": "Regular",
        "PermissionsApiEnabled": int("ApiEnabled" in users),
        "PermissionsViewAllData": 0,
        "PermissionsModifyAllData": 0,
    }


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
