"""The object schemas API: what an object consists of; custom objects can be made (wire notes, section 2)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from crmsync_practice.hubspot.associations import known_types
from crmsync_practice.hubspot.call import Answer, Body, Call
from crmsync_practice.hubspot.definitions import BORN, group_of
from crmsync_practice.hubspot.errors import HubSpotError, not_found, validation
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.property_routes import PropertyBody, new_definition
from crmsync_practice.hubspot.settings import PORTAL_ID


class LabelsBody(Body):
    """What an object is called."""

    singular: str | None = None
    plural: str | None = None


class SchemaBody(Body):
    """A custom object to make."""

    name: str
    labels: LabelsBody
    primary_display_property: str | None = None
    required_properties: list[str] = msgspec.field(default_factory=list)
    searchable_properties: list[str] = msgspec.field(default_factory=list)
    properties: list[PropertyBody] = msgspec.field(default_factory=list)
    associated_objects: list[str] = msgspec.field(default_factory=list)


def _schema(portal: Portal, kind: ObjectType) -> dict[str, Any]:
    return {
        "id": kind.id,
        "objectTypeId": kind.id,
        "name": kind.singular,
        "fullyQualifiedName": f"p{PORTAL_ID}_{kind.singular}" if kind.custom else kind.singular.upper(),
        "labels": {"singular": kind.singular.capitalize(), "plural": kind.name.capitalize()},
        "primaryDisplayProperty": kind.display,
        "secondaryDisplayProperties": [],
        "searchableProperties": list(kind.searchable),
        "requiredProperties": [kind.display] if kind.custom else [],
        "properties": [each.json() for each in portal.properties.live(kind).values()],
        "associations": [
            {
                "id": str(how.number),
                "fromObjectTypeId": kind.id,
                "toObjectTypeId": other.id,
                "name": how.v3_name,
            }
            for other in portal.types.all()
            for how in known_types(kind, other)[:1]
        ],
        "archived": False,
        "createdAt": BORN,
        "updatedAt": BORN,
    }


def list_schemas(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/schemas`: the custom objects (the standard ones are read one by one)."""
    archived = call.flag("archived")
    found = [] if archived else [_schema(portal, kind) for kind in portal.types.all() if kind.custom]
    return Answer(200, {"results": found})


def get_schema(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/schemas/{type}`."""
    kind = portal.types.find(call.params["type"])
    if kind is None:
        raise not_found()
    return Answer(200, _schema(portal, kind))


def create_schema(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/schemas`: makes a custom object type, 201."""
    body = call.read(SchemaBody)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", body.name):
        raise validation("Object names must be lower case letters, digits and underscores, a letter first")
    if portal.types.find(body.name) is not None or portal.types.find(f"{body.name}s") is not None:
        raise HubSpotError(409, f"An object named '{body.name}' already exists.", "CONFLICT")
    names = [each.name or "" for each in body.properties]
    display = body.primary_display_property or (names[0] if names else "hs_object_id")
    if display != "hs_object_id" and display not in names:
        raise validation("primaryDisplayProperty must be one of the properties")
    number = 4_000_001 + sum(kind.custom for kind in portal.types.all())
    kind = ObjectType(
        id=f"2-{number}",
        name=f"{body.name}s",
        singular=body.name,
        created="hs_createdate",
        modified="hs_lastmodifieddate",
        defaults=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        searchable=tuple(name for name in body.searchable_properties if name in names) or (display,),
        display=display,
        scope="custom",
        custom=True,
        aliases=(f"p{PORTAL_ID}_{body.name}", f"p_{body.name}"),
    )
    definitions = []
    for each in body.properties:
        each.group_name = each.group_name or group_of(kind.name)
        definitions.append(new_definition(portal, kind, each))
    portal.types.create(kind)
    for definition in definitions:
        portal.properties.put(kind, definition)
    portal.storage.index(kind, [])
    return Answer(201, _schema(portal, kind))
