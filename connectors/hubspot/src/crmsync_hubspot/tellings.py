"""HubSpot's webhooks: whether HubSpot sent them, and which records they are about. Values in them are not read.

Source: HubSpot developer docs, "Validating requests" (signature v3: base64 of HMAC-SHA256 over method, address, body
and timestamp; older than five minutes is refused) and "Webhooks" (an array of at most 100 events, in any order, some
of them twice). Events of the older kind name their object (`contact.creation`), those of the generic kind its type id
(`object.creation`, `objectTypeId`).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from crmsync.sdk import ALL_ACTIVITIES, Delivery, Doubt, Telling
from crmsync_hubspot.activities import ACTIVITY_OBJECTS
from crmsync_hubspot.forms import FORM_SUBMISSIONS
from crmsync_hubspot.object_names import plural
from crmsync_hubspot.settings import HubSpotSettings

SIGNED_WITHIN = timedelta(minutes=5)
MOST_EVENTS = 1_000
"""HubSpot sends at most 100 at once."""

_SIGNATURE, _TIMESTAMP = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
    "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""Escapes of an address that are undone before it is signed, and no others."""

_OF_FORMS = ("recent_conversion_", "num_conversion_events", "hs_latest_form")
_OF_ENGAGEMENTS = (
    "notes_", "num_notes", "num_contacted_notes", "hs_last_sales_activity", "hs_latest_meeting",
    "engagements_last_meeting", "hs_sales_email_last",
)  # fmt: skip
"""Beginnings of names of contacts' properties that HubSpot moves when a form is sent, or an engagement is logged."""


class WebhookReader:
    """Reads deliveries that are signed with the app's secret."""

    acknowledgement = (b"", "text/plain")

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def read(self, delivery: Delivery) -> tuple[Telling, ...] | Doubt:
        """What the events are about; or why they are not believed."""
        if (doubt := self._doubt(delivery)) is not None:
            return doubt
        try:
            events = msgspec.json.decode(delivery.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return "not_readable"
        if (
            not isinstance(events, list)
            or len(events) > MOST_EVENTS
            or not all(isinstance(it, dict) for it in events)
        ):
            return "not_readable"
        return tuple(telling for event in events for telling in _tellings(event))

    def _doubt(self, delivery: Delivery) -> Doubt | None:
        signature, timestamp = delivery.headers.get(_SIGNATURE), delivery.headers.get(_TIMESTAMP, "")
        if not signature or not timestamp:
            return "unsigned"
        signed = delivery.method.encode() + _decoded(delivery.url).encode() + delivery.body + timestamp.encode()
        expected = base64.b64encode(hmac.digest(self._secret, signed, "sha256"))
        if not hmac.compare_digest(expected, signature.encode()):
            return "wrong_signature"
        at = _instant(int(timestamp)) if timestamp.isascii() and timestamp.isdigit() else None
        return None if at is not None and abs(delivery.came_at - at) <= SIGNED_WITHIN else "old"


def reader(settings: HubSpotSettings) -> WebhookReader | None:
    """Null where nothing says with what HubSpot signs."""
    return WebhookReader(settings.signing_secret) if settings.signing_secret else None


def _decoded(url: str) -> str:
    for escaped, plain in _DECODED.items():
        url = url.replace(escaped, plain).replace(escaped.lower(), plain)
    return url


def _instant(milliseconds: object) -> datetime | None:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _tellings(event: dict[str, Any]) -> Iterator[Telling]:
    """Nothing for an event that names no record: its kind may be one that came after this was written."""
    account, at = _number(event.get("portalId")), _instant(event.get("occurredAt"))
    kind, _, what = str(event.get("subscriptionType") or "").partition(".")
    if not account or not what:
        return
    if what == "associationChange":
        for name, number in _ends(event, kind):
            yield Telling(account, name, (number,), at)
        return
    name = plural(str(event.get("objectTypeId") or "") or kind)
    told = [event.get("objectId")]
    if what == "merge":
        merged = event.get("mergedObjectIds")
        told += [
            event.get("primaryObjectId"),
            event.get("newObjectId"),
            *(merged if isinstance(merged, list) else ()),
        ]
    numbers = tuple(dict.fromkeys(number for each in told if (number := _number(each))))
    if numbers:
        yield Telling(account, name, numbers, at, _activities(what, str(event.get("propertyName") or "")))


def _activities(what: str, changed: str) -> tuple[str, ...]:
    """Which activities of a record may be new with this. An engagement may be told by itself, too."""
    if what in {"creation", "merge", "restore"}:
        return ALL_ACTIVITIES
    if changed.startswith(_OF_FORMS):
        return (FORM_SUBMISSIONS,)
    return ACTIVITY_OBJECTS if changed.startswith(_OF_ENGAGEMENTS) else ()


def _ends(event: dict[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    """Both records of an association, with their objects: by type ids, or by a name such as CONTACT_TO_CALL."""
    begin, _, end = str(event.get("associationType") or "").partition("_TO_")
    for number, type_id, word in (
        (event.get("fromObjectId"), event.get("fromObjectTypeId"), begin or kind),
        (event.get("toObjectId"), event.get("toObjectTypeId"), end),
    ):
        name = plural(str(type_id or "") or word.lower())
        if name and (told := _number(number)):
            yield name, told


def _number(told: object) -> str:
    """A record's id, or an account's, as text; empty for what is none."""
    if isinstance(told, bool) or not isinstance(told, int | str):
        return ""
    text = str(told)
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else ""
