"""The steps of names that lead beside an object's own properties: `company.industry`, `contact.open_deals.count`."""

from __future__ import annotations

COMPANY = "company."
CONTACT = "contact."
OPEN_DEALS, WON_DEALS = "open_deals", "won_deals"
"""The steps of a path, and the objects that `fields` describes behind them."""


def is_of_deals(name: str) -> bool:
    """Whether a field's path leads through open deals, or won ones."""
    return name.removeprefix(CONTACT).removeprefix(COMPANY).startswith((f"{OPEN_DEALS}.", f"{WON_DEALS}."))
