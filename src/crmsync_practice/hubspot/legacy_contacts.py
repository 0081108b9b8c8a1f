"""Contacts as `/contacts/v1` tells them, which older clients still read and write (documented there)."""

from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot import records
from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.errors import HubSpotError
from crmsync_practice.hubspot.legacy_values import ValuesBody, asked_properties, live_record, values
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import PORTAL_ID
from crmsync_practice.hubspot.storage import COLUMNS, LIVE, Record, record_of

MOST_PER_PAGE = 100
_FEW = ("firstname", "lastname", "company", "lastmodifieddate")


def _contacts(portal: Portal) -> ObjectType:
    return portal.types.named("contacts")


def list_all(portal: Portal, call: Call) -> Answer:
    """`GET /contacts/v1/lists/all/contacts/all?count=&vidOffset=&property=`: ascending ids."""
    count = call.number("count", 20, MOST_PER_PAGE)
    start = records.parse_record_id(call.value("vidOffset") or "0") or 0
    found = portal.storage.page(_contacts(portal), start, count + 1, LIVE)
    page, following = found[:count], found[count].id if len(found) > count else None
    last = page[-1].id if page else 0
    shown = [_shown(portal, call, each, brief=True) for each in page]
    return Answer(200, {"contacts": shown, "has-more": following is not None, "vid-offset": following or last})


def list_recent(portal: Portal, call: Call) -> Answer:
    """`GET /contacts/v1/lists/{recently_updated|all}/contacts/recent?count=&timeOffset=&vidOffset=`: newest first."""
    kind = _contacts(portal)
    column = "updated" if "recently_updated" in call.path else "created"
    count = call.number("count", 20, MOST_PER_PAGE)
    until = records.parse_record_id(call.value("timeOffset") or "") or 2**62
    before = records.parse_record_id(call.value("vidOffset") or "") or 2**62
    rows = portal.storage.connection.execute(
        f"SELECT {COLUMNS} FROM {kind.table} WHERE archived = 0 AND ({column}, id) < (?, ?) "  # noqa: S608 - our names
        f"ORDER BY {column} DESC, id DESC LIMIT ?",
        (until, before, count + 1),
    ).fetchall()
    page = [record_of(row) for row in rows[:count]]
    last = page[-1] if page else None
    return Answer(
        200,
        {
            "contacts": [_shown(portal, call, each, brief=True) for each in page],
            "has-more": len(rows) > count,
            "vid-offset": 0 if last is None else last.id,
            "time-offset": 0 if last is None else getattr(last, column),
        },
    )


def get_by_id(portal: Portal, call: Call) -> Answer:
    """`GET /contacts/v1/contact/vid/{vid}/profile`."""
    return Answer(200, _shown(portal, call, live_record(portal, _contacts(portal), call.params["id"])))


def get_by_email(portal: Portal, call: Call) -> Answer:
    """`GET /contacts/v1/contact/email/{email}/profile`."""
    record = portal.storage.by_value(_contacts(portal), "email", call.params["email"])
    if record is None:
        raise HubSpotError(404, "contact does not exist")
    return Answer(200, _shown(portal, call, record))


def get_batch(portal: Portal, call: Call) -> Answer:
    """`GET /contacts/v1/contact/vids/batch?vid=&vid=`, or `emails/batch?email=`: an object by id."""
    kind = _contacts(portal)
    found = [portal.storage.by_value(kind, "email", each) for each in call.values("email")]
    numbers = [records.parse_record_id(each) for each in call.values("vid")]
    found += [portal.storage.get(kind, number) for number in numbers if number is not None]
    return Answer(
        200,
        {str(each.id): _shown(portal, call, each) for each in found if each is not None and each.archived == LIVE},
    )


def search(portal: Portal, call: Call) -> Answer:
    """`GET /contacts/v1/search/query?q=&count=&offset=`: by e-mail, names and company."""
    kind = _contacts(portal)
    text = (call.value("q") or "").lower()
    count = call.number("count", 20, MOST_PER_PAGE)
    start = records.parse_record_id(call.value("offset") or "0") or 0
    found = [
        each
        for each in portal.storage.every(kind)
        if any(text in each.props.get(name, "").lower() for name in ("email", "firstname", "lastname", "company"))
    ]
    page = found[start : start + count]
    more = start + count < len(found)
    answer = {
        "query": text,
        "offset": start + len(page),
        "has-more": more,
        "total": len(found),
        "contacts": [_shown(portal, call, each) for each in page],
    }
    return Answer(200, answer)


def create(portal: Portal, call: Call) -> Answer:
    """`POST /contacts/v1/contact`."""
    record = records.create(portal, call, _contacts(portal), call.read(ValuesBody).named())
    return Answer(200, _shown(portal, call, record))


def update(portal: Portal, call: Call) -> Answer:
    """`POST /contacts/v1/contact/vid/{vid}/profile`, or `…/email/{email}/profile`: 204."""
    kind = _contacts(portal)
    if "email" in call.params:
        record = portal.storage.by_value(kind, "email", call.params["email"])
        if record is None:
            raise HubSpotError(404, "contact does not exist")
    else:
        record = live_record(portal, kind, call.params["id"])
    records.update(portal, call, kind, record, call.read(ValuesBody).named())
    return Answer(204)


def create_or_update(portal: Portal, call: Call) -> Answer:
    """`POST /contacts/v1/contact/createOrUpdate/email/{email}`: the id, and whether it is new."""
    kind = _contacts(portal)
    given = call.read(ValuesBody).named()
    record = portal.storage.by_value(kind, "email", call.params["email"])
    if record is not None:
        records.update(portal, call, kind, record, given)
        return Answer(200, {"vid": record.id, "isNew": False})
    made = records.create(portal, call, kind, {"email": call.params["email"], **given})
    return Answer(200, {"vid": made.id, "isNew": True})


def delete(portal: Portal, call: Call) -> Answer:
    """`DELETE /contacts/v1/contact/vid/{vid}`."""
    record = live_record(portal, _contacts(portal), call.params["id"])
    records.archive(portal, call, _contacts(portal), record)
    return Answer(200, {"vid": record.id, "deleted": True, "reason": "OK"})


def _shown(portal: Portal, call: Call, record: Record, *, brief: bool = False) -> dict[str, Any]:
    kind = _contacts(portal)
    asked = asked_properties(call, "property", "properties")
    every = portal.properties.live(kind)
    names = asked or (_FEW if brief else every)
    mode = call.value("propertyMode") or ("value_only" if brief else "value_and_history")
    email = record.props.get("email")
    identities = [{"type": "EMAIL", "value": email, "timestamp": record.created, "is-primary": True}] if email else []
    profile = {"vid": record.id, "saved-at-timestamp": record.created, "deleted-changed-timestamp": 0}
    shown = {
        "vid": record.id,
        "canonical-vid": record.id,
        "merged-vids": [],
        "portal-id": PORTAL_ID,
        "is-contact": True,
        "properties": values(portal, kind, record, names, versions=mode == "value_and_history"),
        "form-submissions": [],
        "list-memberships": [],
        "identity-profiles": [{**profile, "identities": identities}],
        "merge-audits": [],
    }
    return {"addedAt": record.created, **shown} if brief else shown
