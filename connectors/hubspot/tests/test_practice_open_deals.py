"""Facts of open deals, of the contact itself and of its company, against the practice portal: all, then changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crmsync.contract import PullRequest
from crmsync.errors import UsageError
from crmsync_hubspot.open_deals import OpenDeals
from crmsync_hubspot.parts import JsonObject

NAMES = ("count", "largest_amount", "latest_stage", "next_close_date")
OWN = tuple(f"open_deals.{name}" for name in NAMES)
WON = ("won_deals.last_close_date", "won_deals.last_amount")
COMPANYS = tuple(f"company.open_deals.{name}" for name in NAMES)


def people(count):
    stamps = {"created_at": "2026-01-05T10:00:00Z", "modified_at": "2026-02-05T10:00:00Z"}
    named = [{"id": f"p{n}", "email": f"p{n}@example.com", "last_name": f"N{n}"} for n in range(count)]
    return [{**person, "first_name": "P", **stamps} for person in named]


@pytest.fixture
def portal(start_practice, import_directory):
    return start_practice("--import", import_directory(leads=people(5)))


def an_hour_later(portal):
    """Beyond the overlap of one reading with the next."""
    later = datetime.fromisoformat(portal.now()) + timedelta(hours=1)
    portal.call("PUT", "/_practice/clock", {"now": later.isoformat()})


def deal(portal, stage="appointmentscheduled", **properties):
    told = {"dealname": "D", "pipeline": "default", "dealstage": stage, **properties}
    return portal.call("POST", "/crm/v3/objects/deals", {"properties": told})["id"]


def change(portal, number, **properties):
    portal.call("PATCH", f"/crm/v3/objects/deals/{number}", {"properties": properties})


def tie(portal, number, to, record):
    portal.call("PUT", f"/crm/v4/objects/deals/{number}/associations/default/{to}/{record}")


def pulled(connector, cursor=None, fields=OWN):
    pages = list(connector.pull(PullRequest("contacts", ("lastname", *fields), cursor=cursor)))
    rows = [row for page in pages for row in page.records.iter_rows(named=True)]
    assert len({row["@id"] for row in rows}) == len(rows)
    return {row["lastname"]: tuple(row[name] for name in fields) for row in rows}, pages[-1].cursor


def ids_of(connector):
    pages = list(connector.pull(PullRequest("contacts", ("lastname",))))
    return {row["lastname"]: row["@id"] for page in pages for row in page.records.iter_rows(named=True)}


def test_the_open_deals_of_a_contact_are_summed_up(portal, connect):
    connector = connect(portal.url)
    ids = ids_of(connector)
    deals = [
        deal(portal, "appointmentscheduled", amount="9000.50", closedate="2026-06-01T12:00:00Z"),
        deal(portal, "contractsent", amount="700", closedate="2026-04-01T12:00:00Z"),
        deal(portal, "qualifiedtobuy"),
        deal(portal, "closedwon", amount="1000000", closedate="2026-01-01T12:00:00Z"),
    ]
    for number in deals:
        tie(portal, number, "contacts", ids["N0"])
    tie(portal, deals[1], "contacts", ids["N1"])
    nothing = ("0", None, None, None)
    told, _ = pulled(connector)
    assert told == {
        "N0": ("3", "9000.5", "contractsent", "2026-04-01T12:00:00.000Z"),
        "N1": ("1", "700", "contractsent", "2026-04-01T12:00:00.000Z"),
        **dict.fromkeys(("N2", "N3", "N4"), nothing),
    }
    change(portal, deals[2], dealstage="closedwon", closedate="2026-02-01T12:00:00Z", amount="40")
    deal_lost = deal(portal, "closedlost", amount="9", closedate="2026-03-01T12:00:00Z")
    tie(portal, deal_lost, "contacts", ids["N0"])
    won, _ = pulled(connector, fields=WON)
    assert won["N0"] == ("2026-02-01T12:00:00.000Z", "40"), "of the one that was won last"
    assert won["N1"] == (None, None)
    again = connector.read("contacts", [ids["N1"], ids["N2"]], OWN).records
    assert again.rows() == [(ids["N1"], *told["N1"]), (ids["N2"], *nothing)]


def test_a_deal_that_changes_brings_its_contacts_again(portal, connect):
    connector = connect(portal.url)
    ids = ids_of(connector)
    number = deal(portal, amount="100")
    for name in ("N0", "N1"):
        tie(portal, number, "contacts", ids[name])
    an_hour_later(portal)
    before, cursor = pulled(connector)
    assert before["N0"][:2] == before["N1"][:2] == ("1", "100")
    an_hour_later(portal)
    assert pulled(connector, cursor)[0] == {}
    change(portal, number, amount="250")
    portal.call("PATCH", f"/crm/v3/objects/contacts/{ids['N1']}", {"properties": {"firstname": "Else"}})
    assert {name: facts[1] for name, facts in pulled(connector, cursor)[0].items()} == {"N0": "250", "N1": "250"}
    change(portal, number, dealstage="closedlost")
    assert {name: facts[0] for name, facts in pulled(connector, cursor)[0].items()} == {"N0": "0", "N1": "0"}


def test_a_companys_deals_are_its_contacts_facts(portal, connect):
    connector = connect(portal.url)
    ids = ids_of(connector)
    firm = portal.call("POST", "/crm/v3/objects/companies", {"properties": {"name": "Firm"}})["id"]
    for name in ("N0", "N1"):
        portal.call("PUT", f"/crm/v4/objects/contacts/{ids[name]}/associations/default/companies/{firm}")
    number = deal(portal, amount="100", closedate="2026-04-01T12:00:00Z")
    tie(portal, number, "companies", firm)
    an_hour_later(portal)
    fields = (*COMPANYS, "company.name", "open_deals.count")
    told, cursor = pulled(connector, fields=fields)
    whole = ("1", "100", "appointmentscheduled", "2026-04-01T12:00:00.000Z", "Firm", "0")
    assert told["N0"] == told["N1"] == whole
    assert told["N2"] == (None, None, None, None, None, "0"), "without a company nothing is known of its deals"
    an_hour_later(portal)
    change(portal, number, amount="300")
    changed, _ = pulled(connector, cursor, fields)
    assert {name: facts[1] for name, facts in changed.items()} == {"N0": "300", "N1": "300"}


def test_a_second_company_that_changes_hides_no_change_of_the_first(portal, connect):
    """Read again for a company that is not its own, and left aside, a contact is still to be read for its own."""
    connector = connect(portal.url)
    contact = ids_of(connector)["N0"]
    firms = [portal.call("POST", "/crm/v3/objects/companies", {"properties": {"name": name}})["id"] for name in "AB"]
    for firm in firms:
        portal.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{firm}")
    number = deal(portal, amount="100")
    tie(portal, number, "companies", firms[0])
    an_hour_later(portal)
    fields = ("company.open_deals.largest_amount", "company.name")
    told, cursor = pulled(connector, fields=fields)
    assert told["N0"] == ("100", "A")
    an_hour_later(portal)
    change(portal, number, amount="300")
    portal.call("PATCH", f"/crm/v3/objects/companies/{firms[1]}", {"properties": {"name": "Bee"}})
    assert pulled(connector, cursor, fields)[0] == {"N0": ("300", "A")}


def test_calls_are_few(portal, connect):
    connector = connect(portal.url)
    for contact in ids_of(connector).values():
        tie(portal, deal(portal), "contacts", contact)
    before = connector.usage().calls
    pulled(connector)
    assert connector.usage().calls - before == 4, "the contacts, which deals are theirs, the deals, the pipelines"


def test_fields_tell_the_stages_in_which_a_deal_is_open(portal, connect):
    connector = connect(portal.url)
    fields = {field.name: field for field in connector.fields("open_deals")}
    assert tuple(fields) == NAMES
    stages = [choice.value for choice in fields["latest_stage"].choices]
    assert (stages[0], stages[-1]) == ("appointmentscheduled", "contractsent")
    assert [name for name in ("contacts", "companies", "deals") if "open_deals" in connector.parents(name)] == [
        "contacts",
        "companies",
    ]


@pytest.mark.parametrize("name", ["open_deals.cuont", "company.open_deals.amount", "won_deals.count"])
def test_what_is_not_told_of_deals_is_named(portal, connect, name):
    with pytest.raises(UsageError, match=name) as refused:
        pulled(connect(portal.url), fields=(name,))
    assert ("last_amount" if "won" in name else "largest_amount") in refused.value.hint


def test_only_who_has_deals_has_them(portal, connect):
    with pytest.raises(UsageError, match="tasks have no deals"):
        list(connect(portal.url).pull(PullRequest("tasks", ("open_deals.count",))))


@pytest.mark.parametrize("told", [{}, {"amount": "9"}], ids=str)
def test_beside_a_torn_deal_nothing_is_known_of_all(forge, reply, connect, told):
    """Not that there are fewer."""
    names = ("amount", "amount_in_home_currency", "deal_currency_code", "dealstage", "closedate")
    whole = {**dict.fromkeys(names), "dealstage": "open"}
    deals = [{"id": "7", "properties": whole}, {"id": "8", "properties": told}]

    def answer(seen):
        if "associations" in seen.path:
            belong = {"1": ["7", "8"], "2": ["7"]}
            asked = [each["id"] for each in seen.json["inputs"]]
            ties = [{"from": {"id": it}, "to": [{"toObjectId": deal} for deal in belong[it]]} for it in asked]
            return reply(200, {"results": ties})
        if "pipelines" in seen.path:
            stage = {"id": "open", "label": "Open", "displayOrder": 1, "metadata": {"isClosed": "false"}}
            return reply(200, {"results": [{"id": "p", "stages": [stage]}]})
        contacts = [{"id": each, "properties": {}} for each in "12"]
        return reply(200, {"results": deals if "deals" in seen.path else contacts})

    forge.answer = answer
    reading = connect(forge.url).read("contacts", ["1", "2"], ["open_deals.count"])
    assert reading.records.rows() == [("1", None), ("2", "1")]


class Portal:
    """Answers of an account in euros; counts who asks for the account."""

    def __init__(self, *deals: JsonObject) -> None:
        self.deals = deals

    def account(self) -> JsonObject:
        return {"companyCurrency": "EUR"}


@pytest.mark.parametrize(
    ("properties", "amount"),
    [
        ({"amount": "5"}, "5"),
        ({"amount": "5", "deal_currency_code": "EUR"}, "5"),
        ({"amount": "5", "deal_currency_code": "USD"}, None),
        ({"amount": "5", "deal_currency_code": "USD", "amount_in_home_currency": "4.5"}, "4.5"),
        ({"amount": "about 5"}, None),
        ({"amount": "NaN"}, None),
        ({"amount": "1E+3"}, "1000"),
        ({}, None),
    ],
)
def test_amounts_are_in_the_accounts_own_currency(properties, amount):
    deals = OpenDeals(Portal(), "contacts", ("open_deals.largest_amount",))
    assert deals._summed([properties])["largest_amount"] == amount
