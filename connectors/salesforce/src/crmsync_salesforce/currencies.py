"""The org's currencies, where it has several.

`CurrencyType` holds for each currency how many units of it are one unit of the corporate currency. Dated rates
(`DatedConversionRate`, advanced currency management) hold for opportunities only: amounts of leads, contacts and
accounts are converted by the plain rate, as `convertCurrency()` does. Source: Object Reference, "CurrencyType";
SOQL Reference, "Querying Currency Fields in Multi-Currency Orgs".
"""

from __future__ import annotations

import math

from crmsync.sdk import Currencies
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.replies import Record
from crmsync_salesforce.transport import Transport

_RATES = "SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType"
_NOT_THERE = {"INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS"}


def read_currencies(transport: Transport) -> Currencies | None:
    """The rates; null when the org has one currency only, or the user may not see them."""
    try:
        records = list(transport.facts(_RATES, what="the query on CurrencyType"))
    except Refusal as refusal:
        if refusal.code in _NOT_THERE:
            return None
        raise
    rates = {code: rate for each in records if (code := _code(each)) and (rate := _rate(each))}
    home = next((code for each in records if each.get("IsCorporate") is True and (code := _code(each))), None)
    return Currencies(home, rates) if home in rates else None


def _code(record: Record) -> str | None:
    code = record.get("IsoCode")
    return code if isinstance(code, str) and code else None


def _rate(record: Record) -> float | None:
    """Null for what is no rate: amounts in that currency are not converted then."""
    rate = record.get("ConversionRate")
    return (
        float(rate) if isinstance(rate, int | float) and not isinstance(rate, bool) and 0 < rate < math.inf else None
    )
