"""Legacy lists without paging that some connectors still begin with: property definitions and forms, as bare arrays.

Seen in tap-hubspot 4.5.0; the entries are those of the newer resources as far as the names agree.
"""

from __future__ import annotations

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import PORTAL_ID


def properties(portal: Portal, call: Call) -> Answer:
    """`GET /properties/v1/{type}/properties` and `GET /companies/v2/properties`."""
    kind = portal.types.require(call.params.get("type", "companies"))
    return Answer(200, [each.json() for each in portal.properties.live(kind).values()])


def forms(portal: Portal, _: Call) -> Answer:
    """`GET /forms/v2/forms`: times in epoch milliseconds."""
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
