"""Accounts and opportunities, which belong to no lead, against the practice org: all of them, then what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from practice_org import PracticeOrg

from crmsync.contract import Page, PullRequest
from crmsync.errors import UsageError
from crmsync_salesforce.connection import SalesforceConnector

Open = Callable[..., SalesforceConnector]

ACCOUNT = ("Name", "Website", "OwnerId")
OPPORTUNITY = ("Account.Name", "Account.Website", "OwnerId", "IsClosed")


def pulled(
    connector: SalesforceConnector, name: str, fields: tuple[str, ...], cursor: str | None = None
) -> list[Page]:
    return list(connector.pull(PullRequest(name, fields, cursor=cursor)))


def rows(pages: list[Page]) -> dict[str, Mapping[str, str | None]]:
    """Id → values; each record once."""
    found = [row for page in pages for row in page.records.iter_rows(named=True)]
    assert len({row["@id"] for row in found}) == len(found)
    return {
        row["@id"]: {name: value for name, value in row.items() if name not in {"@id", "@changed"}} for row in found
    }


def gone(pages: list[Page]) -> set[str]:
    return {record for page in pages for record in page.gone}


def made(org: PracticeOrg, object_name: str, **values: Any) -> str:
    """Somebody else makes a record; its id."""
    return org.create(object_name, values)


def test_accounts_are_read_whole_and_then_what_changed(org: PracticeOrg, open_to: Open) -> None:
    owner, other = (user["native_id"] for user in org.state()["users"][:2])
    names = [f"Firm {number}" for number in range(5)]
    ids = [made(org, "Account", Name=name, Website="https://firm.example", OwnerId=owner) for name in names]
    connector = open_to(org)
    full = pulled(connector, "Account", ACCOUNT)
    assert {id_: rows(full)[id_] for id_ in ids} == {
        id_: {"Name": name, "Website": "https://firm.example", "OwnerId": owner}
        for id_, name in zip(ids, names, strict=True)
    }
    assert gone(full) == set()
    org.update("Account", ids[0], {"OwnerId": other})
    org.delete(ids[1], "Account")
    new = made(org, "Account", Name="New", OwnerId=owner)
    changes = pulled(connector, "Account", ACCOUNT, full[-1].cursor)
    assert rows(changes)[ids[0]]["OwnerId"] == other
    assert rows(changes)[new] == {"Name": "New", "Website": None, "OwnerId": owner}
    assert ids[1] in gone(changes)
    assert ids[1] not in rows(changes)
    before = connector.usage().calls
    pulled(connector, "Account", ACCOUNT, changes[-1].cursor)
    assert connector.usage().calls == before + 2


def test_an_opportunity_brings_its_accounts_name_and_tells_when_it_is_closed(org: PracticeOrg, open_to: Open) -> None:
    owner = org.state()["users"][0]["native_id"]
    account = made(org, "Account", Name="Amber Labs", Website="amber.example", OwnerId=owner)
    deal = {"StageName": "Prospecting", "CloseDate": "2030-01-01", "OwnerId": owner}
    with_account = made(org, "Opportunity", Name="One", AccountId=account, **deal)
    without = made(org, "Opportunity", Name="Two", **deal)
    connector = open_to(org)
    full = pulled(connector, "Opportunity", OPPORTUNITY)
    company = {"Account.Name": "Amber Labs", "Account.Website": "amber.example"}
    assert rows(full)[with_account] == {**company, "OwnerId": owner, "IsClosed": "false"}
    assert rows(full)[without] == {**dict.fromkeys(company), "OwnerId": owner, "IsClosed": "false"}
    org.update("Opportunity", with_account, {"StageName": "Closed Lost"})
    org.delete(without, "Opportunity")
    changes = pulled(connector, "Opportunity", OPPORTUNITY, full[-1].cursor)
    assert rows(changes)[with_account]["IsClosed"] == "true"
    assert without in gone(changes)


def test_a_parents_field_that_is_not_there_is_named(org: PracticeOrg, open_to: Open) -> None:
    for field in ("Account.Web_Site__c", "Acount.Name"):
        with pytest.raises(UsageError, match=field):
            pulled(open_to(org), "Opportunity", ("OwnerId", field))


def test_a_contact_tells_its_account_and_a_lead_has_none(org: PracticeOrg, open_to: Open) -> None:
    account = made(org, "Account", Name="Firm", Industry="Technology", NumberOfEmployees=250)
    contact = made(org, "Contact", LastName="Person", AccountId=account)
    alone = made(org, "Contact", LastName="Alone")
    connector = open_to(org)
    fields = ("LastName", "Account.Industry", "Account.NumberOfEmployees")
    full = rows(pulled(connector, "Contact", fields))
    assert full[contact] == {
        "LastName": "Person",
        "Account.Industry": "Technology",
        "Account.NumberOfEmployees": "250",
    }
    assert full[alone] == {"LastName": "Alone", "Account.Industry": None, "Account.NumberOfEmployees": None}
    again = connector.read("Contact", [contact], fields).records
    assert again.rows() == [(contact, "Person", "Technology", "250")]
    with pytest.raises(UsageError, match=r"Lead has no field 'Account\.Industry'"):
        pulled(connector, "Lead", ("Account.Industry",))
