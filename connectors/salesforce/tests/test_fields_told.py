"""What the connector tells of fields and currencies, so that the core can see what it decides by."""

from __future__ import annotations

from collections.abc import Callable

import responses
from practice_org import PracticeOrg

from crmsync.contract import Currencies, NativeField
from crmsync_salesforce.connection import SalesforceConnector

Open = Callable[..., SalesforceConnector]
DATA = "https://acme.my.salesforce.com/services/data/v62.0"


def field(name: str, kind: str, **more: object) -> dict[str, object]:
    """A described field."""
    return {"name": name, "type": kind, "label": name, "updateable": True, **more}


AMOUNT = field("AnnualRevenue", "currency")
RATES = [
    {"IsoCode": "EUR", "ConversionRate": 1.0, "IsCorporate": True},
    {"IsoCode": "JPY", "ConversionRate": 160.0, "IsCorporate": False},
]


def told(open_connector: Open, crm: responses.RequestsMock, *fields: dict[str, object]) -> dict[str, NativeField]:
    crm.get(f"{DATA}/sobjects/Account/describe", json={"name": "Account", "fields": [field("Id", "id"), *fields]})
    return {each.name: each for each in open_connector().fields("Account")}


def test_fields_are_told_in_the_contracts_words(open_connector: Open, token: responses.RequestsMock) -> None:
    fields = told(
        open_connector,
        token,
        AMOUNT,
        field("Formula__c", "double", calculated=True),
        field("Short__c", "string", length=15),
        field("Many__c", "multipicklist", length=4099),
        field("Place__c", "location"),
        field("Score__c", "percent"),
        field("Secret__c", "encryptedstring"),
    )
    kinds = {name: each.kind for name, each in fields.items()}
    assert kinds == {
        "Id": "reference",
        "AnnualRevenue": "money",
        "Formula__c": "number",
        "Short__c": "text",
        "Many__c": "choices",
        "Place__c": "unknown",
        "Score__c": "number",
        "Secret__c": "text",
    }
    assert [name for name, each in fields.items() if each.masked] == ["Secret__c"]
    assert [name for name, each in fields.items() if each.calculated] == ["Formula__c"]
    assert {name: each.max_length for name, each in fields.items() if each.max_length} == {
        "Short__c": 15,
        "Many__c": 4099,
    }
    assert fields["AnnualRevenue"].currency_field is None, "this org has one currency"


def test_amounts_of_an_org_with_several_currencies_name_the_field(
    open_connector: Open, token: responses.RequestsMock
) -> None:
    fields = told(open_connector, token, AMOUNT, field("CurrencyIsoCode", "picklist"), field("Score__c", "double"))
    assert {name for name, each in fields.items() if each.currency_field == "CurrencyIsoCode"} == {"AnnualRevenue"}


def test_rates_are_read_of_the_org(open_connector: Open, token: responses.RequestsMock) -> None:
    token.get(f"{DATA}/query/", json={"records": RATES, "done": True, "totalSize": 2})
    assert open_connector().currencies() == Currencies("EUR", {"EUR": 1.0, "JPY": 160.0})


def test_an_org_with_one_currency_has_no_such_object(open_connector: Open, token: responses.RequestsMock) -> None:
    token.get(f"{DATA}/query/", status=400, json=[{"errorCode": "INVALID_TYPE", "message": "no such type"}])
    assert open_connector().currencies() is None


def test_rates_of_a_practice_org(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org)
    assert connector.currencies() is None
    assert {each.currency_field for each in connector.fields("Lead")} == {None}
    org.control("PUT", "switches", {"currencies": {"EUR": 1, "JPY": 160}})
    try:
        connector = open_to(org)
        assert connector.currencies() == Currencies("EUR", {"EUR": 1.0, "JPY": 160.0})
        [amount] = (each for each in connector.fields("Lead") if each.name == "AnnualRevenue")
        assert (amount.kind, amount.currency_field) == ("money", "CurrencyIsoCode")
    finally:
        org.control("PUT", "switches", {"currencies": {}})
