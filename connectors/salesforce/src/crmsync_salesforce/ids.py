"""Salesforce record ids: 15 characters that differ by case, or 18 that do not.

Source: Salesforce Help, "Differences Between 15-Digit and 18-Digit Record IDs".
"""

from __future__ import annotations

import re

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_PAGE = re.compile(
    r"https?://[^/]+/(?:lightning/r/(?:(?P<object>\w+)/)?)?(?P<id>[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?)(?:[/?#]|$)"
)
_PREFIXES = {"Lead": "00Q", "Contact": "003", "Account": "001", "Opportunity": "006"}
"""What ids of standard objects begin with. Source: Salesforce Help, "Standard Field Record ID Prefix Decoder"."""
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def is_id(text: object) -> bool:
    """Whether it is a text of the form of a record id."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def lead_id(text: str, object_name: str | None) -> str | None:
    """The 18-character id in another form of it or in the address of its page, in Lightning or Classic.

    Of an address that does not name the object, only ids that begin as this object's do are meant.
    """
    if is_id(text):
        return long_id(text)
    address = _PAGE.match(text)
    if address is None or object_name is None:
        return None
    if address["object"] is None:
        prefix = _PREFIXES.get(object_name)
        meant = prefix is not None and address["id"].startswith(prefix)
    else:
        meant = address["object"].lower() == object_name.lower()
    return long_id(address["id"]) if meant else None


def long_id(text: str) -> str:
    """The 18-character form: three characters say which of the 15 are upper case, five at a time."""
    if len(text) != 15:
        return text
    groups = (text[start : start + 5] for start in (0, 5, 10))
    return text + "".join(
        _CHECK[sum(1 << place for place, c in enumerate(group) if c.isascii() and c.isupper())] for group in groups
    )
