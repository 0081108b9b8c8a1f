"""Fields of a contact's primary company, against the practice portal: with all contacts, then with what changed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from crmsync.contract import PullRequest
from crmsync.errors import UsageError

FIELDS = ("lastname", "company.industry", "company.numberofemployees")


def people(count):
    stamps = {"created_at": "2026-01-05T10:00:00Z", "modified_at": "2026-02-05T10:00:00Z"}
    return [
        {
            "id": f"p{number}",
            "email": f"p{number}@example.com",
            "first_name": "P",
            "last_name": f"N{number}",
            **stamps,
        }
        for number in range(count)
    ]


@pytest.fixture
def portal(start_practice, import_directory):
    return start_practice("--import", import_directory(leads=people(5)))


def made(portal, **properties):
    return portal.call("POST", "/crm/v3/objects/companies", {"properties": properties})["id"]


def link(portal, contact, company):
    portal.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")


def an_hour_later(portal):
    """Beyond the overlap of one reading with the next."""
    later = datetime.fromisoformat(portal.now()) + timedelta(hours=1)
    portal.call("PUT", "/_practice/clock", {"now": later.isoformat()})


def pulled(connector, cursor=None, fields=FIELDS):
    pages = list(connector.pull(PullRequest("contacts", fields, cursor=cursor)))
    rows = [row for page in pages for row in page.records.iter_rows(named=True)]
    assert [name for name, times in Counter(row["@id"] for row in rows).items() if times > 1] == []
    assert all(page.records.columns == ["@id", *(["@changed"] if cursor else []), *fields] for page in pages)
    without = [{name: value for name, value in row.items() if name != "@changed"} for row in rows]
    return {row["lastname"]: row for row in without}, pages[-1].cursor


def test_a_company_stands_beside_each_of_its_contacts(portal, connect):
    connector = connect(portal.url)
    ids = {row["lastname"]: row["@id"] for row in pulled(connector)[0].values()}
    firm = made(portal, name="Firm", industry="COMPUTER_SOFTWARE", numberofemployees="250")
    for name in ("N0", "N1"):
        link(portal, ids[name], firm)
    an_hour_later(portal)
    rows, cursor = pulled(connector)
    told = {name: (row["company.industry"], row["company.numberofemployees"]) for name, row in rows.items()}
    held = ("COMPUTER_SOFTWARE", "250")
    assert told == {"N0": held, "N1": held, "N2": (None, None), "N3": (None, None), "N4": (None, None)}
    assert connector.read("contacts", [ids["N1"], ids["N2"]], FIELDS).records.rows() == [
        (ids["N1"], "N1", *held),
        (ids["N2"], "N2", None, None),
    ]

    an_hour_later(portal)
    assert pulled(connector, cursor)[0] == {}
    # A change of the company alone is news of its contacts, each of them once.
    portal.call("PATCH", f"/crm/v3/objects/companies/{firm}", {"properties": {"numberofemployees": "900"}})
    portal.call("PATCH", f"/crm/v3/objects/contacts/{ids['N1']}", {"properties": {"lastname": "N1"}})
    portal.call("PATCH", f"/crm/v3/objects/contacts/{ids['N3']}", {"properties": {"firstname": "Else"}})
    changed, _ = pulled(connector, cursor)
    told = {name: row["company.numberofemployees"] for name, row in changed.items()}
    assert told == {"N0": "900", "N1": "900", "N3": None}


def test_another_than_the_primary_company_says_nothing(portal, connect):
    connector = connect(portal.url)
    ids = {row["lastname"]: row["@id"] for row in pulled(connector)[0].values()}
    first, second = made(portal, name="First", industry="BANKING"), made(portal, name="Second", industry="RETAIL")
    for firm in (first, second):
        link(portal, ids["N0"], firm)
    an_hour_later(portal)
    rows, cursor = pulled(connector)
    an_hour_later(portal)
    assert rows["N0"]["company.industry"] == "BANKING"
    portal.call("PATCH", f"/crm/v3/objects/companies/{second}", {"properties": {"industry": "ACCOUNTING"}})
    assert pulled(connector, cursor)[0] == {}


def test_calls_are_one_for_each_hundred_companies(portal, connect):
    connector = connect(portal.url)
    ids = [row["@id"] for row in pulled(connector)[0].values()]
    for number, contact in enumerate(ids):
        link(portal, contact, made(portal, name=f"Firm {number}"))
    before = connector.usage().calls
    pulled(connector)
    assert connector.usage().calls - before == 2, "one page of contacts, one batch of companies"


def test_a_property_that_companies_lack_is_named(portal, connect):
    with pytest.raises(UsageError, match=r"companies have no property named 'industri'"):
        pulled(connect(portal.url), fields=("lastname", "company.industri"))


def test_only_contacts_have_a_primary_company(portal, connect):
    with pytest.raises(UsageError, match="deals have no primary company"):
        list(connect(portal.url).pull(PullRequest("deals", ("dealname", "company.industry"))))
