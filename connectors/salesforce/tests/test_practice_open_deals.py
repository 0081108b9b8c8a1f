"""Facts of open opportunities, of contacts and of a lead's account, against the practice org: all, then changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from practice_org import PracticeOrg, served

from crmsync.contract import PullRequest
from crmsync.errors import UsageError
from crmsync_salesforce.connection import SalesforceConnector
from suite.lookups import let_leads_have_an_account

Open = Callable[..., SalesforceConnector]
NAMES = ("count", "largest_amount", "latest_stage", "next_close_date")
OWN = tuple(f"open_deals.{name}" for name in NAMES)
WON = ("won_deals.last_close_date", "won_deals.last_amount")
ACCOUNTS = tuple(f"Account.open_deals.{name}" for name in NAMES)
PARTNERS = tuple(f"Partner__r.open_deals.{name}" for name in NAMES)
NOTHING = ("0", None, None, None)


def deal(org: PracticeOrg, stage: str = "Prospecting", close: str = "2030-06-01", **values: Any) -> str:
    return org.create("Opportunity", {"Name": "D", "StageName": stage, "CloseDate": close, **values})


def contact(org: PracticeOrg, name: str, **values: Any) -> str:
    return org.create("Contact", {"LastName": name, **values})


def role(org: PracticeOrg, deal_id: str, contact_id: str, **values: Any) -> str:
    return org.create("OpportunityContactRole", {"OpportunityId": deal_id, "ContactId": contact_id, **values})


def pulled(
    connector: SalesforceConnector, object_name: str, fields: tuple[str, ...], cursor: str | None = None
) -> tuple[dict[str, tuple[str | None, ...]], str]:
    """By id what the fields hold, and the cursor of the last page; each record once."""
    pages = list(connector.pull(PullRequest(object_name, fields, cursor=cursor)))
    rows = [row for page in pages for row in page.records.iter_rows(named=True)]
    assert len({row["@id"] for row in rows}) == len(rows)
    assert [page.cursor for page in pages[:-1]] == [None] * (len(pages) - 1)
    assert all(page.records.columns == ["@id", *(["@changed"] if cursor else []), *fields] for page in pages)
    assert pages[-1].cursor
    return {row["@id"]: tuple(row[name] for name in fields) for row in rows}, pages[-1].cursor


def test_the_open_opportunities_of_a_contact_are_summed_up(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org)
    one, two, none = (contact(org, name) for name in ("One", "Two", "None"))
    deals = [
        deal(org, "Prospecting", "2030-06-01", Amount=9000.5),
        deal(org, "Proposal/Price Quote", "2030-04-01", Amount=700),
        deal(org, "Qualification", "2030-05-01"),
        deal(org, "Closed Won", "2026-01-01", Amount=1_000_000),
    ]
    for each in deals:
        role(org, each, one)
    role(org, deals[0], one, Role="Evaluator")
    role(org, deals[1], two)
    told, _ = pulled(connector, "Contact", OWN)
    assert told[one] == ("3", "9000.5", "Proposal/Price Quote", "2030-04-01")
    assert told[two] == ("1", "700", "Proposal/Price Quote", "2030-04-01")
    assert told[none] == NOTHING
    role(org, deal(org, "Closed Won", "2026-02-01", Amount=40), one)
    role(org, deal(org, "Closed Lost", "2026-03-01", Amount=9), one)
    won, _ = pulled(connector, "Contact", WON)
    assert won[one] == ("2026-02-01", "40"), "of the one that was won last"
    assert won[two] == won[none] == (None, None)
    both = connector.read("Contact", [one], ("open_deals.count", *WON)).records
    assert both.rows() == [(one, "3", "2026-02-01", "40")]
    again = connector.read("Contact", [two, none], OWN).records
    assert again.rows() == [(two, *told[two]), (none, *NOTHING)]


def test_an_opportunity_that_changes_brings_its_contacts_again(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org)
    one, two, other = (contact(org, name) for name in ("A", "B", "C"))
    number, taken = deal(org, Amount=100), deal(org)
    mine = [role(org, number, each) for each in (one, two)]
    leaves = role(org, taken, other)
    org.control("PUT", "clock", {"now": _later(org, hours=1)})
    _, cursor = pulled(connector, "Contact", ("LastName", *OWN))
    org.control("PUT", "clock", {"now": _later(org, hours=1)})
    assert pulled(connector, "Contact", OWN, cursor)[0] == {}
    org.update("Opportunity", number, {"Amount": 250})
    org.update("Contact", two, {"Title": "Else"})
    told, _ = pulled(connector, "Contact", OWN, cursor)
    assert {name: facts[1] for name, facts in told.items()} == {one: "250", two: "250"}
    org.update("Opportunity", number, {"StageName": "Closed Lost"})
    org.delete(leaves, "OpportunityContactRole")
    told, _ = pulled(connector, "Contact", OWN, cursor)
    assert {name: facts[0] for name, facts in told.items()} == dict.fromkeys((one, two, other), "0")
    assert mine


def test_an_accounts_opportunities_are_its_contacts_facts(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org)
    firm = org.create("Account", {"Name": "Firm"})
    one, alone = contact(org, "Of a firm", AccountId=firm), contact(org, "Of none")
    number = deal(org, AccountId=firm, Amount=100)
    fields = (*ACCOUNTS, "Account.Name", "open_deals.count")
    org.control("PUT", "clock", {"now": _later(org, hours=1)})
    told, cursor = pulled(connector, "Contact", fields)
    assert told[one] == ("1", "100", "Prospecting", "2030-06-01", "Firm", "0")
    assert told[alone] == (None, None, None, None, None, "0"), "without an account nothing is known of its deals"
    org.control("PUT", "clock", {"now": _later(org, hours=1)})
    org.delete(number, "Opportunity")
    changed, _ = pulled(connector, "Contact", fields, cursor)
    # The clock was set further by the test before: its contacts may come again.
    assert {name: changed[name][0] for name in (one, alone) if name in changed} == {one: "0"}


@pytest.fixture
def with_lookup() -> Iterator[PracticeOrg]:
    for each in served(8):
        let_leads_have_an_account(each.url)
        yield each


def test_a_lead_has_those_of_the_account_that_a_lookup_names(with_lookup: PracticeOrg, open_to: Open) -> None:
    org, connector = with_lookup, open_to(with_lookup)
    firm = org.create("Account", {"Name": "Firm"})
    first, second = sorted(org.values())[:2]
    org.update("Lead", first, {"Partner__c": firm})
    number = deal(org, "Qualification", AccountId=firm, Amount=5)
    org.control("PUT", "clock", {"now": _later(org, hours=1)})
    told, cursor = pulled(connector, "Lead", PARTNERS)
    assert set(told) == set(org.values())
    assert (told[first], told[second]) == (("1", "5", "Qualification", "2030-06-01"), (None,) * 4)
    assert connector.read("Lead", [first], PARTNERS).records.rows() == [(first, *told[first])]
    org.control("PUT", "clock", {"now": _later(org, hours=1)})
    org.update("Opportunity", number, {"StageName": "Closed Won"})
    assert pulled(connector, "Lead", PARTNERS, cursor)[0] == {first: NOTHING}
    with pytest.raises(UsageError, match="a Lead has no opportunities of its own") as refused:
        pulled(connector, "Lead", OWN)
    assert "Partner__r.open_deals.count" in refused.value.hint


def test_calls_are_few(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org)
    for name in ("A", "B"):
        role(org, deal(org), contact(org, name))
    plain = connector.usage().calls
    pulled(connector, "Contact", ("LastName",))
    plain = connector.usage().calls - plain
    before = connector.usage().calls
    pulled(connector, "Contact", OWN)
    assert connector.usage().calls - before <= plain + 3, "the opportunities, their fields, their stages"


def test_fields_tell_the_stages_in_which_an_opportunity_is_open(org: PracticeOrg, open_to: Open) -> None:
    connector = open_to(org)
    fields = {field.name: field for field in connector.fields("open_deals")}
    assert tuple(fields) == NAMES
    stages = [choice.value for choice in fields["latest_stage"].choices]
    assert stages == ["Prospecting", "Qualification", "Proposal/Price Quote"]
    assert [name for name in ("Lead", "Contact", "Account") if "open_deals" in connector.parents(name)] == [
        "Contact",
        "Account",
    ]
    assert connector.parents("Contact")["Account"].objects == ("Account",)


def test_what_is_not_told_of_opportunities_is_named(org: PracticeOrg, open_to: Open) -> None:
    with pytest.raises(UsageError, match=r"open_deals\.cuont") as refused:
        pulled(open_to(org), "Contact", ("open_deals.cuont",))
    assert "largest_amount" in refused.value.hint
    with pytest.raises(UsageError, match=r"won_deals\.count") as refused:
        pulled(open_to(org), "Contact", ("won_deals.count",))
    assert "last_amount" in refused.value.hint


def _later(org: PracticeOrg, *, hours: int) -> str:
    return (datetime.fromisoformat(org.control("GET", "clock")["now"]) + timedelta(hours=hours)).isoformat()
