"""Addresses of records' pages in Salesforce's Lightning Experience."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crmsync.sdk import Org
from crmsync_salesforce.ids import is_id

_MY_DOMAIN = re.compile(r"(?P<domain>[a-z0-9-]+(?:\.[a-z]+)?)\.my\.salesforce\.com")
"""An org's API, its kind (such as `sandbox`) within; the pages of the same org are on lightning.force.com."""
_OWN = (".salesforce.com", ".salesforce.mil", ".force.com", ".cloudforce.com")
_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


def record_page(org: Org, object_name: str, record_id: str) -> str | None:
    """The record's page in Lightning; null where the org's address is not known."""
    if org.pages is None or not _OBJECT.fullmatch(object_name) or not is_id(record_id):
        return None
    return f"{org.pages}/lightning/r/{object_name}/{record_id}/view"


def pages_of(instance_url: str, *, loopback: bool) -> str | None:
    """Where people open the org whose API is at this address, as signing in has told it.

    A host that is none of Salesforce's is not linked to. A practice org shows its records where its API is; hosts of
    other forms send a browser on to Lightning.
    """
    if loopback:
        return instance_url
    try:
        parts = urlsplit(instance_url.lower())
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme != "https" or not re.fullmatch(r"[a-z0-9.-]+", host) or not host.endswith(_OWN):
        return None
    mine = _MY_DOMAIN.fullmatch(host)
    return f"https://{mine['domain']}.lightning.force.com" if mine else f"https://{host}"
