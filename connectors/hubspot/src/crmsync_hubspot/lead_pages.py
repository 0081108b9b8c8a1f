"""Addresses of contacts' pages in HubSpot."""

from __future__ import annotations

import re

_PAGE = re.compile(r"https?://[^/]+/contacts/\d+/(?:record/0-1|contact)/(\d+)(?:[/?#]|$)")


def lead_id(text: str) -> str | None:
    """The contact's id in the address of its page, in today's form or the one before; an id is one by itself."""
    if text.isascii() and text.isdigit():
        return text
    address = _PAGE.match(text)
    return address[1] if address else None
