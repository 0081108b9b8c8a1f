"""The steps of names that lead beside an object's own properties: `company.industry`, `contact.open_deals.count`."""

from __future__ import annotations

COMPANY = "company."
CONTACT = "contact."
OPEN_DEALS = "open_deals"
"""The step of a path, and the object that `fields` describes behind it."""


def is_of_deals(name: str) -> bool:
    """Whether a field's path leads through open deals."""
    return name.removeprefix(CONTACT).removeprefix(COMPANY).startswith(f"{OPEN_DEALS}.")
