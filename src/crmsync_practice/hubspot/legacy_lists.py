"""Property definitions, groups, pipelines and forms in the shapes of the first two generations (documented there).

Bare arrays without paging, times in epoch milliseconds.
"""

from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.definitions import Definition
from crmsync_practice.hubspot.errors import HubSpotError, not_found
from crmsync_practice.hubspot.instants import parse_ms
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.pipeline_routes import pipelines_of
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import PORTAL_ID

_BY_PATH = {"contacts": "contacts", "companies": "companies", "deals": "deals"}


def _kind(portal: Portal, call: Call) -> ObjectType:
    """The object of `/properties/v1/{type}/…`, or of `/contacts/v1/…` and its kin."""
    return portal.types.require(call.params.get("type") or _BY_PATH[call.path.strip("/").split("/")[0]])


def properties(portal: Portal, call: Call) -> Answer:
    """`GET /properties/{v1|v2}/{type}/properties`, `/contacts/v1/properties`, `/companies/v2/properties` …"""
    return Answer(200, [_property(each) for each in portal.properties.live(_kind(portal, call)).values()])


def one_property(portal: Portal, call: Call) -> Answer:
    """`GET …/properties/named/{name}`."""
    found = portal.properties.live(_kind(portal, call)).get(call.params["name"])
    if found is None:
        raise HubSpotError(404, f"Property {call.params['name'][:100]} does not exist")
    return Answer(200, _property(found))


def groups(portal: Portal, call: Call) -> Answer:
    """`GET /properties/{v1|v2}/{type}/groups?includeProperties=`, `/contacts/v1/groups` …"""
    live = portal.properties.live(_kind(portal, call)).values()
    with_properties = call.flag("includeProperties")
    return Answer(
        200,
        [
            {
                "name": name,
                "displayName": name.capitalize(),
                "displayOrder": order,
                "hubspotDefined": True,
                "properties": [_property(each) for each in live if each.group == name] if with_properties else None,
            }
            for order, name in enumerate(dict.fromkeys(each.group for each in live))
        ],
    )


def _property(definition: Definition) -> dict[str, Any]:
    newer = definition.json()
    options = [{**each, "readOnly": False, "doubleData": 0.0} for each in newer["options"]]
    return {
        **newer,
        "options": options,
        "createdAt": parse_ms(definition.created_at),
        "updatedAt": parse_ms(definition.updated_at),
        "deleted": False,
        "readOnlyValue": definition.read_only,
        "readOnlyDefinition": definition.standard,
        "mutableDefinitionNotDeletable": definition.standard,
        "favorited": False,
        "favoritedOrder": -1,
        "displayMode": "current_value",
        "hubspotDefined": definition.standard,
        "textDisplayHint": None,
        "numberDisplayHint": None,
    }


def pipelines(portal: Portal, call: Call) -> Answer:
    """`GET /crm-pipelines/v1/pipelines/{type}`."""
    kind = portal.types.require(call.params["type"])
    shown = [
        {
            "pipelineId": each["id"],
            "objectType": kind.singular.upper(),
            "objectTypeId": kind.id,
            "label": each["label"],
            "displayOrder": each["displayOrder"],
            "active": True,
            "default": True,
            "createdAt": parse_ms(each["createdAt"]),
            "updatedAt": parse_ms(each["updatedAt"]),
            "stages": [
                {
                    "stageId": stage["id"],
                    "label": stage["label"],
                    "displayOrder": stage["displayOrder"],
                    "metadata": stage["metadata"],
                    "active": True,
                    "createdAt": parse_ms(stage["createdAt"]),
                    "updatedAt": parse_ms(stage["updatedAt"]),
                }
                for stage in each["stages"]
            ],
        }
        for each in pipelines_of(portal, kind)
    ]
    return Answer(200, {"results": shown})


def deal_pipelines(portal: Portal, _: Call) -> Answer:
    """`GET /deals/v1/pipelines`."""
    return Answer(200, _deal_pipelines(portal))


def deal_pipeline(portal: Portal, call: Call) -> Answer:
    """`GET /deals/v1/pipelines/{id}`."""
    for each in _deal_pipelines(portal):
        if each["pipelineId"] == call.params["id"]:
            return Answer(200, each)
    raise not_found()


def _deal_pipelines(portal: Portal) -> list[dict[str, Any]]:
    return [
        {
            "pipelineId": each["id"],
            "label": each["label"],
            "displayOrder": each["displayOrder"],
            "active": True,
            "staticDefault": each["id"] == "default",
            "stages": [
                {
                    "stageId": stage["id"],
                    "label": stage["label"],
                    "displayOrder": stage["displayOrder"],
                    "active": True,
                    "probability": float(stage["metadata"]["probability"]),
                    "closedWon": stage["id"] == "closedwon",
                }
                for stage in each["stages"]
            ],
        }
        for each in pipelines_of(portal, portal.types.named("deals"))
    ]


def forms(portal: Portal, _: Call) -> Answer:
    """`GET /forms/v2/forms`."""
    return Answer(
        200,
        [
            {
                "portalId": PORTAL_ID,
                "guid": guid,
                "name": name,
                "createdAt": created,
                "updatedAt": created,
                "formType": "HUBSPOT",
                "formFieldGroups": [],
            }
            for _, guid, name, created in portal.forms.all()
        ],
    )
