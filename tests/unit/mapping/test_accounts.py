"""Accounts, customers and open opportunities: which records count, whose they are, and by what they are found."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync.configuration import read_document
from crmsync.connection.registry import starter_mapping
from crmsync.contract import NativeField
from crmsync.errors import ConfigurationError
from crmsync.mapping import CrmMapping, account_fields, account_findings_against, accounts_from, mapping_from
from crmsync.mapping.domains import domain_of
from crmsync.model import ACCOUNTS

HEAD = """
format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {mql: Open}}
activities: [{object: Task, at: ActivityDate, kind: task}]
accounts:
"""
TEXT = """
  - object: Opportunity
    name: Account.Name
    domain: Account.Website
    owner: OwnerId
    when: {IsClosed: false}
  - {object: Account, owner: Csm__c, name: Name, domain: [Website, Domain__c], when: {Type: [Customer, Partner]}}
  - {object: Account, owner: OwnerId, name: Name, domain: [Website, Domain__c]}
"""


def mapping(accounts: str = TEXT) -> CrmMapping:
    return mapping_from(read_document(HEAD + accounts, "mappings/salesforce.yaml"))


def native(*rows: dict[str, str | None]) -> pl.DataFrame:
    names = ["@id", *(name for fields in account_fields(mapping().accounts).values() for name in fields)]
    return pl.DataFrame(
        [dict.fromkeys(names) | row for row in rows], schema=dict.fromkeys(dict.fromkeys(names), pl.String())
    )


def read(object_name: str, *rows: dict[str, str | None]) -> list[tuple[object, ...]]:
    frame = accounts_from(mapping().accounts, object_name, native(*rows))
    assert dict(frame.schema) == dict(ACCOUNTS)
    return frame.select(pl.exclude("created_at", "facts")).rows()


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("acme.com", "acme.com"),
        (" ACME.com ", "acme.com"),
        ("https://www.acme.com/", "acme.com"),
        ("HTTP://WWW.Acme.com:8080/de/index.html?from=ad#top", "acme.com"),
        ("www2.acme.com", "acme.com"),
        ("//acme.com/x", "acme.com"),
        ("acme.com.", "acme.com"),
        ("acme.com?x=1", "acme.com"),
        ("shop.acme.co.uk", "shop.acme.co.uk"),
        ("user:word@acme.com", "acme.com"),
        ("Info@ACME.com", "acme.com"),
        ("mailto:info@acme.com", "acme.com"),
        ("acme.com/team@berlin", "acme.com"),
        ("acme.com, acme.de", "acme.com"),
        ("müller.example", "müller.example"),
        ("www.com", "www.com"),
        ("linkedin.com", "linkedin.com"),
        ("https://www.linkedin.com/", "linkedin.com"),
        ("https://www.linkedin.com/company/acme", None),
        ("facebook.com/acme", None),
        ("acme", None),
        ("n/a", None),
        ("http://", None),
        ("acme..com", None),
        ("not known yet", None),
        ("@", None),
        ("  ", None),
        (None, None),
    ],
)
def test_a_domain_is_found_in_what_people_write(written: str | None, domain: str | None) -> None:
    frame = pl.DataFrame({"Website": [written]}, schema={"Website": pl.String()})
    assert frame.select(domain_of(("Website",)).alias("domain")).item() == domain


@given(st.lists(st.text(st.sampled_from("aW.w/:@?#-2 \n,ü"), max_size=25)))
def test_a_domain_is_its_own_domain_and_holds_no_capitals_spaces_or_slashes(texts: list[str]) -> None:
    frame = pl.DataFrame({"Website": texts}, schema={"Website": pl.String()})
    found = frame.select(Website=domain_of(("Website",)))
    assert found.select(Website=domain_of(("Website",))).equals(found)
    for domain in found["Website"].drop_nulls():
        assert domain == domain.lower()
        assert not set(domain) & set(" \n/:@?#,")


def test_an_open_opportunity_counts_and_a_closed_one_does_not() -> None:
    company = {"Account.Name": "Acme", "Account.Website": "www.acme.com", "OwnerId": "005A"}
    rows = read(
        "Opportunity", {"@id": "1", "IsClosed": "false", **company}, {"@id": "2", "IsClosed": "true", **company}
    )
    assert rows == [("Opportunity:1", "Acme", "acme.com", "005A", 0)]


def test_a_record_counts_under_the_first_entry_that_fits_and_has_an_owner() -> None:
    both = {"Name": "Acme", "Domain__c": "acme.com", "OwnerId": "005A"}
    rows = read(
        "Account",
        {"@id": "1", "Type": "Customer", "Csm__c": "005P", **both},
        {"@id": "2", "Type": "Customer", **both},
        {"@id": "3", "Type": "Other", "Csm__c": "005P", **both},
    )
    assert sorted(rows) == [
        ("Account:1", "Acme", "acme.com", "005P", 1),
        ("Account:2", "Acme", "acme.com", "005A", 2),
        ("Account:3", "Acme", "acme.com", "005A", 2),
    ]


def test_a_record_that_nobody_owns_or_nothing_finds_is_left_out() -> None:
    assert read(
        "Account",
        {"@id": "1", "Name": "Acme", "OwnerId": " "},
        {"@id": "2", "OwnerId": "005A", "Website": "n/a"},
        {"@id": "3", "OwnerId": "005A", "Website": "https://linkedin.com/company/acme", "Domain__c": "acme.com"},
        {"@id": "4", "OwnerId": "005A", "Name": "Only a name"},
    ) == [("Account:3", None, "acme.com", "005A", 2), ("Account:4", "Only a name", None, "005A", 2)]


TELLING = """
facts: {region: {field: Land, type: choice, values: {Deutschland: DE}}, size: {field: Size, type: integer}}
activities: []
accounts:
  - object: Account
    owner: OwnerId
    name: Name
    created_at: CreatedDate
    facts: {region: [Land, Old__c]}
"""


def telling(text: str = TELLING) -> CrmMapping:
    return mapping_from(read_document(HEAD[: HEAD.index("activities:")] + text, "mappings/salesforce.yaml"))


def test_a_record_tells_since_when_it_is_there_and_what_a_lead_says_too_in_the_words_of_leads() -> None:
    told, names = telling(), ("OwnerId", "Name", "CreatedDate", "Land", "Old__c")
    assert account_fields(told.accounts) == {"Account": names}
    said = [
        {"CreatedDate": "2026-11-01T23:30:00.000+0000", "Land": "deutschland"},
        {"CreatedDate": "never", "Land": "Atlantis"},
        {"Old__c": "Deutschland"},
    ]
    rows = [{"@id": str(number), "OwnerId": "005A", "Name": "A", **row} for number, row in enumerate(said)]
    native = pl.DataFrame(rows, schema=dict.fromkeys(("@id", *names), pl.String()))
    found = accounts_from(told.accounts, "Account", native, {"region": told.mapped_facts["region"].values or {}})
    assert dict(found.schema) == dict(ACCOUNTS)
    assert found.select("created_at", "facts").rows() == [
        (datetime(2026, 11, 1, 23, 30, tzinfo=UTC), '{"region":"DE"}'),
        (None, '{"region":null}'),
        (None, '{"region":"DE"}'),
    ]


def test_a_record_tells_only_facts_of_leads_that_are_words() -> None:
    with pytest.raises(ConfigurationError) as raised:
        telling(TELLING.replace("{region: [Land, Old__c]}", "{regoin: Land, size: Size, region: Land}"))
    findings = raised.value.findings
    assert [(each.line, each.column, each.message) for each in findings] == [
        (15, 13, "leads have no fact `regoin` of type text or choice here"),
        (15, 27, "leads have no fact `size` of type text or choice here"),
    ]
    assert findings[0].hint == "did you mean `region`?"


def test_a_record_that_comes_twice_counts_as_it_came_last() -> None:
    first, last = ({"@id": "1", "Name": name, "OwnerId": "005A"} for name in ("Old", "New"))
    assert read("Account", first, last) == [("Account:1", "New", None, "005A", 2)]
    assert read("Nothing", first) == []


def test_each_object_is_read_once_with_the_fields_of_all_its_entries() -> None:
    assert account_fields(mapping().accounts) == {
        "Opportunity": ("OwnerId", "Account.Name", "Account.Website", "IsClosed"),
        "Account": ("Csm__c", "Name", "Website", "Domain__c", "Type", "OwnerId"),
    }


@pytest.mark.parametrize(
    ("accounts", "place", "words"),
    [
        ("  - {object: Account, owner: OwnerId}", "9:5", "`domain`, `name` or both"),
        ("  - {object: Lead, owner: OwnerId, name: Company}", "9:14", "holds the leads"),
        ("  - {object: Task, owner: OwnerId, name: Subject}", "9:14", "holds activities"),
        ("  - {object: Account, owner: OwnerId, name: Name, when: {Type: {}}}", "9:", "give a value"),
        ("  - {object: Account, owner: OwnerId, name: Name, wen: {Type: x}}", "9:", "wen"),
    ],
)
def test_a_wrong_entry_is_told_with_its_place(accounts: str, place: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        mapping(accounts + "\n")
    assert f"mappings/salesforce.yaml:{place}" in str(refusal.value)
    assert words in str(refusal.value)


def test_fields_that_the_crm_lacks_are_told_with_their_place() -> None:
    document = read_document(HEAD + TEXT, "mappings/salesforce.yaml")
    there = {name: NativeField(name, name, "string", writable=True) for name in ("Name", "Website", "OwnerId")}
    told = list(account_findings_against(mapping().accounts, "Account", there, document))
    assert [(finding.line, finding.message.split("`")[1]) for finding in told] == [
        (15, "Csm__c"),
        (15, "Domain__c"),
        (15, "Type"),
        (16, "Domain__c"),
    ]
    assert list(account_findings_against(mapping().accounts, "Opportunity", {"OwnerId": there["OwnerId"]}, document))


@pytest.mark.parametrize("name", ["salesforce", "hubspot"])
def test_the_starter_mappings_example_is_valid_without_its_comment_signs(name: str) -> None:
    text = starter_mapping(name)
    block = text[text.index("# accounts:\n") :].partition("\n\n")[0]
    plain = "".join(f"{line.removeprefix('# ')}\n" for line in block.splitlines())
    mapping = mapping_from(read_document(f"{text}\n{plain}", f"mappings/{name}.yaml"))
    assert len(mapping.accounts) == {"salesforce": 2, "hubspot": 3}[name]
    assert mapping.accounts[0].when


def test_the_reference_pages_example_is_valid() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "mapping.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(accounts:.*?)```", page, re.DOTALL)
    found = mapping_from(read_document(HEAD.replace("accounts:\n", example), "mappings/salesforce.yaml"))
    assert [account.object for account in found.accounts] == ["Opportunity", "Account"]
