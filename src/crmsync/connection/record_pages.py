"""Addresses of leads' pages in the CRM, as the connection's connector makes them. No call is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

from crmsync.connection import registry
from crmsync.connection.prepared import Prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import Org
from crmsync.errors import UsageError
from crmsync.patterns import late_pattern

RecordPages = Callable[[str], str | None]
"""Native id of a lead → the address of its page; null where there is none."""

_ADDRESS = late_pattern(r"https?://[A-Za-z0-9.:-]+/[A-Za-z0-9._~/?#=&%:@!+-]{0,500}")
"""What stands as it is in HTML, Markdown, CSV and a terminal's link, whatever a connector gives."""
_LOOPBACK = ("127.0.0.1", "localhost")


def record_pages(prepared: Prepared) -> RecordPages:
    """The pages of the connection's leads."""
    page = _way(prepared.configuration.settings.connector)
    if page is None:
        return lambda _: None
    org, object_name = prepared.org, prepared.mapping.lead.object
    return lambda lead: sound(page(org, object_name, lead))


def stored_pages(connector: str, lead_object: str, known: Snapshot | None) -> RecordPages:
    """The pages of leads as they were last seen, of the object that was read then; none before that.

    `lead_object`: the mapping's, where it was not noted which one that was.
    """
    page = _way(connector)
    if page is None or known is None:
        return lambda _: None
    org, object_name = known.org, known.lead_object or lead_object
    return lambda lead: sound(page(org, object_name, lead))


@cache
def _way(connector: str) -> Callable[[Org, str, str], str | None] | None:
    try:
        return registry.load(connector).record_page
    except UsageError:  # a store that is read where the connector is not installed
        return None


def sound(address: str | None) -> str | None:
    """The address, if a reader may be sent there: https, or a practice CRM on this machine."""
    if address is None or not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if not parts.hostname or (parts.scheme == "http" and parts.hostname not in _LOOPBACK):
        return None
    return address
