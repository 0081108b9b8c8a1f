"""The properties API: definitions listed, read, made, changed and archived (wire notes, section 4)."""

from __future__ import annotations

from dataclasses import replace

from crmsync_practice.hubspot.batch import Outcome, answer, check_size
from crmsync_practice.hubspot.call import Answer, Body, Call
from crmsync_practice.hubspot.definitions import Definition, Option
from crmsync_practice.hubspot.errors import HubSpotError, not_found, validation
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.properties import FIELD_TYPES, NAME


class OptionBody(Body):
    """One choice of a new property."""

    value: str
    label: str | None = None
    display_order: int | None = None
    hidden: bool = False
    description: str | None = None


class PropertyBody(Body):
    """A property to make or change; a change may leave out anything."""

    name: str | None = None
    label: str | None = None
    type: str | None = None
    field_type: str | None = None
    group_name: str | None = None
    description: str | None = None
    options: list[OptionBody] | None = None
    display_order: int | None = None
    has_unique_value: bool = False
    hidden: bool = False
    form_field: bool = False
    external_options: bool = False
    referenced_object_type: str | None = None


class GroupBody(Body):
    """A group of properties to make."""

    name: str
    label: str
    display_order: int | None = None


class PropertiesBody(Body):
    """A batch of properties to make."""

    inputs: list[PropertyBody]


class NameBody(Body):
    """A property by name."""

    name: str


class NamesBody(Body):
    """A batch of property names."""

    inputs: list[NameBody]
    archived: bool = False


def list_properties(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/properties/{type}`: all of them, no paging."""
    kind = portal.types.require(call.params["type"])
    archived = call.flag("archived")
    found = [each.json() for each in portal.properties.of(kind).values() if each.archived == archived]
    return Answer(200, {"results": found})


def get_property(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/properties/{type}/{name}`."""
    kind = portal.types.require(call.params["type"])
    return Answer(200, _defined(portal, kind, call.params["name"]).json())


def _defined(portal: Portal, kind: ObjectType, name: str) -> Definition:
    found = portal.properties.live(kind).get(name)
    if found is None:
        raise not_found()
    return found


def create_property(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/properties/{type}`: 201."""
    kind = portal.types.require(call.params["type"])
    definition = new_definition(portal, kind, call.read(PropertyBody))
    portal.properties.put(kind, definition)
    return Answer(201, definition.json())


def create_properties(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/properties/{type}/batch/create`: 201, or 207 when some could not be made."""
    started = portal.now()
    kind = portal.types.require(call.params["type"])
    inputs = call.read(PropertiesBody).inputs
    check_size(inputs)
    outcome = Outcome()
    for body in inputs:
        try:
            definition = new_definition(portal, kind, body)
        except HubSpotError as refused:
            outcome.errors.append(refused.row({"name": [body.name or ""]}))
            continue
        portal.properties.put(kind, definition)
        outcome.results.append(definition.json())
    return answer(portal, outcome, started, 201)


def read_properties(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/properties/{type}/batch/read`."""
    started = portal.now()
    kind = portal.types.require(call.params["type"])
    inputs = call.read(NamesBody).inputs
    check_size(inputs)
    found = portal.properties.live(kind)
    outcome = Outcome([found[each.name].json() for each in inputs if each.name in found])
    missing = [each.name for each in inputs if each.name not in found]
    if missing:
        refused = HubSpotError(404, "The requested properties do not exist.", "OBJECT_NOT_FOUND")
        outcome.errors.append(refused.row({"name": missing}))
    return answer(portal, outcome, started, 200)


def update_property(portal: Portal, call: Call) -> Answer:
    """`PATCH /crm/v3/properties/{type}/{name}`: label, description, options …; not the name."""
    kind = portal.types.require(call.params["type"])
    known = _defined(portal, kind, call.params["name"])
    body = call.read(PropertyBody)
    if known.standard and body.options is None:
        raise validation(f"Property {known.name} is defined by HubSpot and cannot be changed")
    changed = replace(
        known,
        label=body.label or known.label,
        description=known.description if body.description is None else body.description,
        options=known.options if body.options is None else _options(body.options),
        updated_at=iso(portal.now()),
    )
    portal.properties.put(kind, changed)
    return Answer(200, changed.json())


def archive_property(portal: Portal, call: Call) -> Answer:
    """`DELETE /crm/v3/properties/{type}/{name}`: 204."""
    kind = portal.types.require(call.params["type"])
    known = _defined(portal, kind, call.params["name"])
    if known.standard:
        raise validation(f"Property {known.name} is defined by HubSpot and cannot be archived")
    portal.properties.remove(kind, known.name)
    return Answer(204)


def _options(bodies: list[OptionBody]) -> tuple[Option, ...]:
    values = [body.value for body in bodies]
    if len(set(values)) < len(values):
        raise validation("Option values must be unique")
    return tuple(
        Option(
            body.value,
            body.label or body.value,
            index if body.display_order is None else body.display_order,
            body.hidden,
            body.description,
        )
        for index, body in enumerate(bodies)
    )


def new_definition(portal: Portal, kind: ObjectType, body: PropertyBody) -> Definition:
    if body.name is None or not NAME.fullmatch(body.name):
        raise validation("Property names must be lower case letters, digits and underscores, a letter first")
    if body.type is None or body.field_type is None or body.group_name is None or body.label is None:
        raise validation("label, type, fieldType and groupName are required")
    if body.field_type not in FIELD_TYPES.get(body.type, ()):
        raise validation(f"fieldType {body.field_type[:30]} does not go with type {body.type[:30]}")
    known = portal.properties.of(kind).get(body.name)
    if known is not None and not known.archived:
        raise HubSpotError(409, f"A property named '{body.name}' already exists.", "CONFLICT")
    unique = sum(each.unique for each in portal.properties.live(kind).values())
    if body.has_unique_value and unique >= 10:
        raise validation("At most 10 properties of an object may have unique values")
    options = _options(body.options or [])
    if body.type == "enumeration" and not options and not body.external_options:
        raise validation("An enumeration needs options")
    if body.referenced_object_type not in (None, "OWNER"):
        raise validation(f"referencedObjectType {str(body.referenced_object_type)[:30]} is none that is known here")
    if all(group["name"] != body.group_name for group in groups_of(portal, kind)):
        raise validation(f"Property group {body.group_name[:60]} does not exist", code="PROPERTY_GROUP_NOT_FOUND")
    now = iso(portal.now())
    return Definition(
        name=body.name,
        label=body.label,
        type=body.type,
        field_type=body.field_type,
        group=body.group_name,
        description=body.description or "",
        options=options,
        order=-1 if body.display_order is None else body.display_order,
        unique=body.has_unique_value,
        hidden=body.hidden,
        form_field=body.form_field,
        external=body.external_options,
        referenced=body.referenced_object_type,
        standard=False,
        created_at=now,
        updated_at=now,
    )


def archive_properties(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/properties/{type}/batch/archive`: 204; names that are not there do not matter."""
    kind = portal.types.require(call.params["type"])
    inputs = call.read(NamesBody).inputs
    check_size(inputs)
    for each in inputs:
        known = portal.properties.live(kind).get(each.name)
        if known is not None and not known.standard:
            portal.properties.remove(kind, known.name)
    return Answer(204)


def groups_of(portal: Portal, kind: ObjectType) -> list[dict[str, object]]:
    """The groups that properties stand in, and those that were made."""
    labels = {each.group: each.group.capitalize() for each in portal.properties.live(kind).values()}
    rows = portal.storage.connection.execute(
        "SELECT name, label FROM hubspot_property_groups WHERE object = ? ORDER BY rowid", (kind.id,)
    )
    labels |= dict(rows.fetchall())
    return [
        {"name": name, "label": label, "displayOrder": order, "archived": False}
        for order, (name, label) in enumerate(labels.items())
    ]


def list_groups(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/properties/{type}/groups`."""
    return Answer(200, {"results": groups_of(portal, portal.types.require(call.params["type"]))})


def get_group(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/properties/{type}/groups/{name}`."""
    for each in groups_of(portal, portal.types.require(call.params["type"])):
        if each["name"] == call.params["name"]:
            return Answer(200, each)
    raise not_found()


def create_group(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/properties/{type}/groups`: 201."""
    kind, body = portal.types.require(call.params["type"]), call.read(GroupBody)
    if not NAME.fullmatch(body.name):
        raise validation("Property group names must be lower case letters, digits and underscores, a letter first")
    known = groups_of(portal, kind)
    if any(each["name"] == body.name for each in known):
        raise HubSpotError(409, f"A property group named '{body.name}' already exists.", "CONFLICT")
    portal.storage.connection.execute(
        "INSERT INTO hubspot_property_groups (object, name, label) VALUES (?, ?, ?)", (kind.id, body.name, body.label)
    )
    made = {"name": body.name, "label": body.label, "displayOrder": len(known), "archived": False}
    return Answer(201, made)
