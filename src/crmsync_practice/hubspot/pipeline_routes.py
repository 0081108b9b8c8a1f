"""The pipelines API for deals, leads and tickets, each with one pipeline (wire notes, section 4)."""

from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.definitions import Definition
from crmsync_practice.hubspot.errors import not_found
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal


def _stages(definition: Definition, *, closed: tuple[str, ...]) -> list[dict[str, Any]]:
    count = max(len(definition.options) - 1, 1)
    return [
        {
            "id": option.value,
            "label": option.label,
            "displayOrder": option.order,
            "metadata": {
                "isClosed": "true" if option.value in closed else "false",
                "probability": "0.0" if "lost" in option.value else f"{option.order / count:.1f}",
            },
            "archived": False,
            "createdAt": definition.created_at,
            "updatedAt": definition.updated_at,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }
        for option in definition.options
    ]


_PIPELINES = {
    "deals": ("pipeline", "dealstage", ("closedwon", "closedlost")),
    "leads": ("hs_pipeline", "hs_pipeline_stage", ("qualified-stage-id", "unqualified-stage-id")),
    "tickets": ("hs_pipeline", "hs_pipeline_stage", ("4",)),
}


def pipelines_of(portal: Portal, kind: ObjectType) -> list[dict[str, Any]]:
    """The pipelines of an object; none for most."""
    if kind.name not in _PIPELINES:
        return []
    pipeline, stage, closed = _PIPELINES[kind.name]
    defined = portal.properties.of(kind)
    return [
        {
            "id": option.value,
            "label": option.label,
            "displayOrder": option.order,
            "archived": False,
            "createdAt": defined[pipeline].created_at,
            "updatedAt": defined[pipeline].updated_at,
            "stages": _stages(defined[stage], closed=closed),
        }
        for option in defined[pipeline].options
    ]


def list_pipelines(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/pipelines/{type}`."""
    return Answer(200, {"results": pipelines_of(portal, portal.types.require(call.params["type"]))})


def get_pipeline(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/pipelines/{type}/{id}`."""
    for each in pipelines_of(portal, portal.types.require(call.params["type"])):
        if each["id"] == call.params["id"]:
            return Answer(200, each)
    raise not_found()


def list_pipeline_stages(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/pipelines/{type}/{id}/stages`."""
    found = get_pipeline(portal, call)
    return Answer(200, {"results": found.payload["stages"]})


def get_pipeline_stage(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/pipelines/{type}/{id}/stages/{id}`."""
    for each in get_pipeline(portal, call).payload["stages"]:
        if each["id"] == call.params["stage"]:
            return Answer(200, each)
    raise not_found()
