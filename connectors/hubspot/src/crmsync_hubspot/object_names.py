"""HubSpot's names for its objects: the plural that crmsync goes by, behind any name that the API takes."""

from __future__ import annotations

from collections.abc import Mapping

CONTACTS, COMPANIES, LEADS = "contacts", "companies", "leads"
TYPE_IDS: Mapping[str, str] = {
    CONTACTS: "0-1",
    COMPANIES: "0-2",
    "deals": "0-3",
    "tickets": "0-5",
    LEADS: "0-136",
    "calls": "0-48",
    "meetings": "0-47",
    "emails": "0-49",
    "notes": "0-46",
    "tasks": "0-27",
}
_PLURALS = {
    **{type_id: name for name, type_id in TYPE_IDS.items()},
    **{name.removesuffix("s"): name for name in TYPE_IDS},
    "company": COMPANIES,
}


def plural(object_name: str) -> str:
    """`leads` for `lead` and `0-136`; a name that is not one of these stays as it is."""
    return _PLURALS.get(object_name, object_name)
