"""Owners, account details, API usage, forms and submissions: the smaller read-only APIs."""

from __future__ import annotations

import base64
import re
from typing import Any

import msgspec

from crmsync.practice.hubspot.call import Answer, Call
from crmsync.practice.hubspot.errors import bad_parameter, not_found
from crmsync.practice.hubspot.instants import iso
from crmsync.practice.hubspot.objects import next_link
from crmsync.practice.hubspot.owners import Owner
from crmsync.practice.hubspot.portal import Portal
from crmsync.practice.hubspot.records import parse_record_id
from crmsync.practice.hubspot.settings import PORTAL_ID

MOST_OWNERS = 500
MOST_SUBMISSIONS = 50


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
    limits = portal.limits
    return Answer(
        200,
        {
            "results": [
                {
                    "name": "private-apps-api-calls-daily",
                    "usageLimit": portal.settings.daily,
                    "currentUsage": limits.used_today(),
                    "collectedAt": iso(portal.now()),
                    "fetchStatus": "SUCCESS",
                    "resetsAt": iso(limits.resets_at()),
                }
            ]
        },
    )


def list_forms(portal: Portal, call: Call) -> Answer:
    """`GET /marketing/v3/forms?limit=&after=&formTypes=`."""
    limit = call.number("limit", 20, 100)
    types = call.values("formTypes")
    after = parse_record_id(call.value("after") or "0")
    if after is None:
        raise bad_parameter("after", call.value("after") or "")
    forms = portal.forms.all() if not types or "hubspot" in types or "all" in types else []
    found = [form for form in forms if form[0] >= after]
    payload: dict[str, Any] = {"results": [_form(*form[1:]) for form in found[:limit]]}
    if len(found) > limit:
        following = str(found[limit][0])
        payload["paging"] = {"next": {"after": following, "link": next_link(call, following)}}
    return Answer(200, payload)


def get_form(portal: Portal, call: Call) -> Answer:
    """`GET /marketing/v3/forms/{guid}`."""
    for _, guid, name, created in portal.forms.all():
        if guid == call.params["id"]:
            return Answer(200, _form(guid, name, created))
    raise not_found()


def _form(guid: str, name: str, created: int) -> dict[str, Any]:
    fields = [
        {
            "objectTypeId": "0-1",
            "name": field,
            "label": field.capitalize(),
            "required": field == "email",
            "hidden": field == "hs_object_id",
            "fieldType": "email" if field == "email" else "single_line_text",
        }
        for field in ("email", "firstname", "lastname", "company", "hs_object_id")
    ]
    return {
        "id": guid,
        "name": name,
        "formType": "hubspot",
        "createdAt": iso(created),
        "updatedAt": iso(created),
        "archived": False,
        "fieldGroups": [{"groupType": "default_group", "richTextType": "text", "fields": fields}],
        "configuration": {"language": "en", "cloneable": True, "editable": True, "archivable": True},
    }


def list_submissions(portal: Portal, call: Call) -> Answer:
    """`GET /form-integrations/v1/submissions/forms/{guid}?limit=&after=`: newest first, at most 50 a page."""
    connection = portal.storage.connection
    row = connection.execute("SELECT seq FROM hubspot_forms WHERE guid = ?", (call.params["guid"],)).fetchone()
    if row is None:
        raise not_found()
    limit = call.number("limit", 20, MOST_SUBMISSIONS)
    at, seq = _cursor(call)
    found = connection.execute(
        "SELECT at, seq, record FROM hubspot_submissions WHERE form = ? AND (at, seq) <= (?, ?) "
        "ORDER BY at DESC, seq DESC LIMIT ?",
        (row[0], at, seq, limit + 1),
    ).fetchall()
    payload: dict[str, Any] = {"results": [msgspec.Raw(text.encode()) for _, _, text in found[:limit]]}
    if len(found) > limit:
        after = base64.urlsafe_b64encode(f"{found[limit][0]}:{found[limit][1]}".encode()).decode()
        payload["paging"] = {"next": {"after": after, "link": next_link(call, after)}}
    return Answer(200, payload)


def _cursor(call: Call) -> tuple[int, int]:
    """Where a page starts: the time and number of its first submission, as an opaque text on the wire."""
    text = call.value("after")
    if text is None:
        return 2**62, 2**62
    try:
        decoded = base64.urlsafe_b64decode(text.encode()).decode("ascii")
    except ValueError:
        raise bad_parameter("after", text) from None
    found = re.fullmatch(r"(-?[0-9]{1,16}):([0-9]{1,16})", decoded)
    if found is None:
        raise bad_parameter("after", text)
    return int(found.group(1)), int(found.group(2))
