"""CurrencyIsoCode: a field of every object with money, which only an org with several currencies shows."""

from __future__ import annotations

from collections.abc import Iterable

from crmsync_practice.salesforce.field_makers import make_field
from crmsync_practice.salesforce.schema import SObject

FIELD, OBJECT = "CurrencyIsoCode", "CurrencyType"
_LESS = {"User", "Organization", "CurrencyType", "OpportunityHistory"}


def add_currency_fields(objects: Iterable[SObject]) -> None:
    """Gives every object with money, leads and contacts the field, hidden until the switch shows it."""
    for each in objects:
        money = any(field.type == "currency" for field in each.fields.values())
        if each.name not in _LESS and (money or each.name in {"Lead", "Contact"}):
            each.add(make_field(FIELD, "picklist", label="Currency ISO Code", length=3, restricted=True, hidden=True))
