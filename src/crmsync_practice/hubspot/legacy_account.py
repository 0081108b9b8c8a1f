"""Owners and users as old paths tell them, and what the practice portal has none of: lists, e-mail, workflows.

What there is none of answers an empty page in its own shape: connectors begin with such paths and stop at a 404.
"""

from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot.account_routes import usage_of
from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.errors import not_found
from crmsync_practice.hubspot.owners import Owner
from crmsync_practice.hubspot.paths import Handler
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import PORTAL_ID


def owners(portal: Portal, call: Call) -> Answer:
    """`GET /owners/v2/owners?includeInactive=&email=`: a bare array."""
    everyone = call.flag("includeInactive")
    email = (call.value("email") or "").lower()
    return Answer(
        200,
        [
            _owner(owner)
            for owner in portal.owners.all()
            if (owner.active or everyone) and (not email or (owner.user.get("email") or "").lower() == email)
        ],
    )


def owner(portal: Portal, call: Call) -> Answer:
    """`GET /owners/v2/owners/{id}`."""
    found = portal.owners.get(call.params["id"])
    if found is None or not (found.active or call.flag("includeInactive")):
        raise not_found()
    return Answer(200, _owner(found))


def _owner(owner: Owner) -> dict[str, Any]:
    newer = owner.json()
    remote = {"id": owner.id, "portalId": PORTAL_ID, "ownerId": owner.id, "remoteId": str(owner.user_id)}
    return {
        "portalId": PORTAL_ID,
        "ownerId": owner.id,
        "type": newer["type"],
        "firstName": newer["firstName"],
        "lastName": newer["lastName"],
        "email": newer["email"],
        "createdAt": owner.created,
        "updatedAt": owner.updated,
        "remoteList": [{**remote, "remoteType": "HUBSPOT", "active": owner.active}],
        "hasContactsAccess": True,
        "isActive": owner.active,
        "activeUserId": owner.user_id if owner.active else None,
        "userIdIncludingInactive": owner.user_id,
    }


def users(portal: Portal, _: Call) -> Answer:
    """`GET /settings/v3/users`: the people among the owners."""
    people = [owner for owner in portal.owners.all() if owner.active and owner.user.get("type") != "queue"]
    return Answer(
        200,
        {
            "results": [
                {
                    "id": str(each.user_id),
                    "email": each.user.get("email"),
                    "firstName": each.json()["firstName"],
                    "lastName": each.json()["lastName"],
                    "roleIds": [],
                    "primaryTeamId": None if each.team_id is None else str(each.team_id),
                    "superAdmin": False,
                }
                for each in people
            ]
        },
    )


def teams(portal: Portal, _: Call) -> Answer:
    """`GET /settings/v3/users/teams`."""
    members: dict[tuple[int, str], list[str]] = {}
    for each in portal.owners.all():
        if each.team_id is not None:
            members.setdefault((each.team_id, each.user["team"]), []).append(str(each.user_id))
    shown = [
        {"id": str(number), "name": name, "userIds": ids, "secondaryUserIds": []}
        for (number, name), ids in members.items()
    ]
    return Answer(200, {"results": shown})


def daily_limit(portal: Portal, _: Call) -> Answer:
    """`GET /integrations/v1/limit/daily`: a bare array, times in ms."""
    usage = usage_of(portal, "api-calls-daily")
    return Answer(200, [{**usage, "collectedAt": portal.now(), "resetsAt": portal.limits.resets_at()}])


def nothing(shape: dict[str, Any] | list[Any]) -> Handler:
    """A handler that always answers this empty page."""

    def answer(_: Portal, __: Call) -> Answer:
        return Answer(200, shape)

    return answer
