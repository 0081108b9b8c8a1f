"""Addresses of records' pages in HubSpot."""

from __future__ import annotations

import re

from crmsync.sdk import Org
from crmsync_hubspot.object_names import TYPE_IDS, plural

_APP = re.compile(r"app(-[a-z0-9]{1,10})?\.hubspot\.com")
"""The app's hosts: the first one, and those of other data centres."""
_TYPE_ID = re.compile(r"[0-9]{1,3}-[0-9]{1,12}")
_PAGE = re.compile(r"https?://[^/]+/contacts/\d+/(?:record/(?P<type>[0-9-]+)|contact)/(?P<id>\d+)(?:[/?#]|$)")
_PEOPLE = "0-1"
"""What the form of address before this one was for."""


def lead_id(text: str, object_name: str | None) -> str | None:
    """The record's id in the address of its page, in today's form or the one before; an id is one by itself.

    Records of different objects may have the same number, so only the page of one of this object names it.
    """
    if _is_number(text):
        return text
    address = _PAGE.match(text)
    if address is None or object_name is None:
        return None
    return address["id"] if (address["type"] or _PEOPLE) == _type_id(object_name) else None


def record_page(org: Org, object_name: str, record_id: str) -> str | None:
    """The page of a record in the account's own app; null for an object that has none."""
    type_id = _type_id(object_name)
    if org.pages is None or not _TYPE_ID.fullmatch(type_id) or not _is_number(record_id) or not _is_number(org.id):
        return None
    return f"{org.pages}/contacts/{org.id}/record/{type_id}/{record_id}"


def pages_of(ui_domain: object, url: str, *, loopback: bool) -> str | None:
    """Where people open the account: the host that HubSpot names, if it is one of the app's.

    A practice portal shows its records where its API is.
    """
    if loopback:
        return url
    return f"https://{ui_domain}" if isinstance(ui_domain, str) and _APP.fullmatch(ui_domain) else None


def _type_id(object_name: str) -> str:
    name = plural(object_name)
    return TYPE_IDS.get(name, name)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
