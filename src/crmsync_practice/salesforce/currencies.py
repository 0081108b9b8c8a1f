"""Several currencies: CurrencyType, CurrencyIsoCode on every object with money, and what a new record starts with.

The switch `currencies` gives each currency's rate, units for one unit of the corporate currency, whose own rate is 1:
{"EUR": 1, "USD": 1.1}. Without it the org has one currency, and neither the object nor the fields exist (documented).
Amounts stay as they were entered; `convertCurrency()` in SOQL divides by the rate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from crmsync_practice.salesforce.catalogue.currency_fields import FIELD, OBJECT
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.schema import Schema
from crmsync_practice.salesforce.storage import Store

CORPORATE = "EUR"
RATES: Mapping[str, float] = {
    "EUR": 1.0, "USD": 1.1, "GBP": 0.85, "CHF": 0.95, "JPY": 160.0, "AUD": 1.7, "BRL": 6.0, "CAD": 1.5, "CNY": 7.8,
    "CZK": 25.0, "DKK": 7.46, "HKD": 8.6, "HUF": 390.0, "INR": 92.0, "KRW": 1500.0, "MXN": 20.0, "NOK": 11.7,
    "NZD": 1.85, "PLN": 4.3, "SEK": 11.4, "SGD": 1.45, "TRY": 36.0, "ZAR": 20.0,
}  # fmt: skip
"""What an import's currencies start with, round figures: a rehearsal's rates, nobody's quotation."""
_WITHOUT_CENTS = {"HUF", "JPY", "KRW"}


def corporate_of(rates: Mapping[str, float]) -> str:
    """The corporate currency: the first with the rate 1."""
    return next((code for code, rate in rates.items() if rate == 1), CORPORATE)


def rates_of(codes: Collection[str]) -> dict[str, float]:
    """Rates of the currencies that an import names, with the corporate one; none when it names none."""
    return {code: RATES[code] for code in dict.fromkeys((CORPORATE, *sorted(codes)))} if codes else {}


def declare(store: Store, rates: Mapping[str, float], stamp: str) -> None:
    """Makes these the org's currencies. Records without one get the corporate currency."""
    store.in_transaction(lambda: _write(store, rates, stamp))


def _write(store: Store, rates: Mapping[str, float], stamp: str) -> None:
    corporate = corporate_of(rates)
    by = INTEGRATION_USER_ID
    made = {"CreatedDate": stamp, "CreatedById": by, "LastModifiedDate": stamp, "LastModifiedById": by}
    kind = store.schema[OBJECT]
    known = {row["IsoCode"]: row["Id"] for row in store.all_rows(kind)}
    for code, rate in rates.items():
        values = {
            "ConversionRate": float(rate),
            "DecimalPlaces": 0 if code in _WITHOUT_CENTS else 2,
            "IsActive": 1,
            "IsCorporate": int(code == corporate),
            "SystemModstamp": stamp,
        }
        if code in known:
            store.update(kind, known.pop(code), values)
        else:
            store.insert(kind, {"IsoCode": code, **values, **made})
    for gone in known.values():
        store.delete_row(kind, gone)
    for name in ("User", "Organization"):
        store.connection.execute(
            f"UPDATE {store.schema[name].table} SET DefaultCurrencyIsoCode = ?",  # noqa: S608 - a table of the schema
            (corporate,),
        )
    if rates:
        _fill(store, store.schema, corporate)
    store.write_meta("currencies", dict(rates))


def _fill(store: Store, schema: Schema, corporate: str) -> None:
    for each in schema:
        if FIELD in each.fields:
            store.connection.execute(
                f"UPDATE {each.table} SET {FIELD} = ? WHERE {FIELD} IS NULL",  # noqa: S608 - a table of the schema
                (corporate,),
            )
