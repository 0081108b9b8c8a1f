"""The forms API and the list of a form's submissions (wire notes, section 3.3)."""

from __future__ import annotations

import base64
import re
from typing import Any

import msgspec

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.errors import bad_parameter, not_found
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.objects import next_link
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.records import parse_record_id

MOST_SUBMISSIONS = 50
_CONFIGURATION = {
    "language": "en",
    "cloneable": True,
    "editable": True,
    "archivable": True,
    "recaptchaEnabled": False,
    "createNewContactForNewEmail": False,
    "prePopulateKnownValues": True,
    "allowLinkToResetKnownValues": False,
    "notifyContactOwner": False,
    "notifyRecipients": [],
    "lifecycleStages": [],
    "postSubmitAction": {"type": "thank_you", "value": "Thank you."},
}
_DISPLAY = {
    "renderRawHtml": False,
    "theme": "default_style",
    "submitButtonText": "Submit",
    "style": {
        "fontFamily": "arial, helvetica, sans-serif",
        "backgroundWidth": "100%",
        "labelTextColor": "#33475b",
        "labelTextSize": "14px",
        "helpTextColor": "#7C98B6",
        "helpTextSize": "11px",
        "legalConsentTextColor": "#33475b",
        "legalConsentTextSize": "14px",
        "submitColor": "#ff7a59",
        "submitAlignment": "left",
        "submitFontColor": "#ffffff",
        "submitSize": "12px",
    },
}


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


def _field(name: str) -> dict[str, Any]:
    email = name == "email"
    field = {
        "objectTypeId": "0-1",
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "required": email,
        "hidden": name == "hs_object_id",
        "fieldType": "email" if email else "single_line_text",
        "dependentFields": [],
    }
    if email:
        field["validation"] = {"blockedEmailDomains": [], "useDefaultBlockList": False}
    return field


def _form(guid: str, name: str, created: int) -> dict[str, Any]:
    fields = [_field(each) for each in ("email", "firstname", "lastname", "company", "hs_object_id")]
    return {
        "id": guid,
        "name": name,
        "formType": "hubspot",
        "createdAt": iso(created),
        "updatedAt": iso(created),
        "archived": False,
        "fieldGroups": [{"groupType": "default_group", "richTextType": "text", "fields": fields}],
        "configuration": _CONFIGURATION,
        "displayOptions": _DISPLAY,
        "legalConsentOptions": {"type": "none"},
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
