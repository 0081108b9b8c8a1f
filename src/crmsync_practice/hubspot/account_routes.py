"""Owners, account details and API usage: the smaller read-only APIs (wire notes, sections 4 and 6.1)."""

from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.errors import bad_parameter, not_found
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.objects import next_link
from crmsync_practice.hubspot.owners import Owner
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.records import parse_record_id
from crmsync_practice.hubspot.settings import PORTAL_ID

MOST_OWNERS = 500


def list_owners(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/owners?limit=&after=&email=&archived=`: 100 a page, at most 500."""
    limit = call.number("limit", 100, MOST_OWNERS)
    archived = call.flag("archived")
    email = call.value("email")
    start = call.value("after")
    after = 0 if start is None else parse_record_id(start)
    if after is None:
        raise bad_parameter("after", start or "")
    found = [
        owner
        for owner in portal.owners.all()
        if owner.active != archived
        and owner.id >= after
        and (email is None or (owner.user.get("email") or "").lower() == email.lower())
    ]
    payload: dict[str, Any] = {"results": [owner.json() for owner in found[:limit]]}
    if len(found) > limit:
        following = str(found[limit].id)
        payload["paging"] = {"next": {"after": following, "link": next_link(call, following)}}
    return Answer(200, payload)


def get_owner(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/owners/{id}?idProperty=id|userId&archived=`."""
    owner: Owner | None
    if call.value("idProperty") == "userId":
        owner = portal.owners.by_user_id(call.params["id"])
    else:
        owner = portal.owners.get(call.params["id"])
    if owner is None or owner.active == call.flag("archived"):
        raise not_found()
    return Answer(200, owner.json())


def account_details(portal: Portal, _: Call) -> Answer:
    """`GET /account-info/v3/details`: the time zone is the one given to the practice CRM."""
    now = portal.context.clock.now().astimezone(portal.context.zone)
    offset = now.strftime("%z")
    return Answer(
        200,
        {
            "portalId": PORTAL_ID,
            "accountType": "STANDARD",
            "timeZone": portal.context.timezone,
            "companyCurrency": "EUR",
            "additionalCurrencies": [],
            "utcOffset": f"{offset[:3]}:{offset[3:5]}",
            "utcOffsetMilliseconds": int((now.utcoffset() or (now - now)).total_seconds() * 1_000),
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "eu1",
        },
    )


def api_usage(portal: Portal, _: Call) -> Answer:
    """`GET /account-info/v3/api-usage/daily/private-apps`: today's calls against the daily limit."""
    return Answer(200, {"results": [usage_of(portal, "private-apps-api-calls-daily")]})


def usage_of(portal: Portal, name: str) -> dict[str, Any]:
    """Today's calls against the daily limit."""
    limits = portal.limits
    return {
        "name": name,
        "usageLimit": portal.settings.daily,
        "currentUsage": limits.used_today(),
        "collectedAt": iso(portal.now()),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(limits.resets_at()),
    }


def integration_details(portal: Portal, call: Call) -> Answer:
    """`GET /integrations/v1/me`: the same account, with `currency` beside the newer name."""
    details = account_details(portal, call).payload
    return Answer(200, {**details, "currency": details["companyCurrency"]})
