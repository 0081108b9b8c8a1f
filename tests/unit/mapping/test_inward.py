"""Native frames as leads and activities, where a page says more than one thing of a record."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.mapping import CrmMapping, activities_from, leads_from, mapping_from

TEXT = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate, name: [FirstName, LastName]}
owner: {field: OwnerId}
stage:
  field: Status
  values: {sql: {set: {Status: Working, Sub: Ready}, leaving: {Sub: null}}, mql: Working, lead: New}
facts:
  employees: {field: Employees, type: integer}
activities:
  - {object: Task, at: ActivityDate, kind: {from: Type}, subject: Subject}
"""
LEAD = {"Email": None, "CreatedDate": None, "FirstName": None, "LastName": None, "OwnerId": None, "Sub": None}


@pytest.fixture
def mapping() -> CrmMapping:
    return mapping_from(read_document(TEXT, "mappings/salesforce.yaml"))


def records(*rows: dict[str, str | None]) -> pl.DataFrame:
    filled = [{**LEAD, "Employees": None, **row} for row in rows]
    return pl.DataFrame(filled, schema=dict.fromkeys(filled[0], pl.String()))


def test_of_two_rows_of_one_record_the_later_one_counts(mapping: CrmMapping) -> None:
    page = records(
        {"@id": "1", "Status": "New", "Employees": "many", "OwnerId": "ben"},
        {"@id": "2", "Status": "New"},
        {"@id": "1", "Status": "Working", "Employees": "12", "OwnerId": "anna"},
    )
    mapped = leads_from(mapping, page, "UTC")
    rows = mapped.frame.select("lead", "stage", "owner", "fact.employees").rows()
    assert sorted(rows) == [("1", "mql", "anna", 12), ("2", "lead", None, None)]
    assert mapped.unread.is_empty(), "what the earlier row held is not told either"


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("9999-12-31T23:59:59Z", "UTC", date(9999, 12, 31)),
        ("9999-12-31T23:59:59Z", "Europe/Berlin", None),
        ("0001-01-01T00:00:00Z", "UTC", date(1, 1, 1)),
        ("0001-01-01T00:00:00Z", "America/New_York", None),
        ("9999-12-31T23:59:59-05:00", "UTC", None),
        ("0000-12-31", "UTC", None),
    ],
)
def test_a_day_that_there_is_not_is_unknown_and_told(text: str, zone: str, day: date | None) -> None:
    """Programs write the ends of time for "never"; in another zone they lie beyond, where no day is."""
    written = TEXT.replace("{field: Employees, type: integer}", "{field: Employees, type: date}")
    page = records({"@id": "1", "Status": "New", "Employees": text})
    mapped = leads_from(mapping_from(read_document(written, "mappings/salesforce.yaml")), page, zone)
    assert mapped.frame["fact.employees"].to_list() == [day]
    assert mapped.unread.is_empty() == (day is not None)


def test_of_two_stages_that_match_the_first_of_the_file_is_read(mapping: CrmMapping) -> None:
    page = records({"@id": "1", "Status": "Working", "Sub": "Ready"}, {"@id": "2", "Status": "Working"})
    assert leads_from(mapping, page, "UTC").frame["stage"].to_list() == ["sql", "mql"]


def test_a_name_is_made_of_what_is_there(mapping: CrmMapping) -> None:
    page = records(
        {"@id": "1", "Status": "New", "FirstName": " Ann ", "LastName": "Lee"},
        {"@id": "2", "Status": "New", "FirstName": None, "LastName": "Lee"},
        {"@id": "3", "Status": "New", "FirstName": " ", "LastName": ""},
    )
    assert leads_from(mapping, page, "UTC").frame["name"].to_list() == ["Ann Lee", "Lee", None]


def test_an_activity_is_one_row_for_each_of_its_leads_the_later_one_of_two(mapping: CrmMapping) -> None:
    rows = [
        ("1", "a", "call", "2026-11-20", "first told"),
        ("1", "b", "call", "2026-11-20", "for b"),
        ("1", "a", "call", "2026-11-21", "told again"),
        ("2", "a", None, "2026-11-21", "of no kind"),
        ("3", "a", "call", None, "on no day"),
    ]
    page = pl.DataFrame(rows, schema=["@id", "@lead", "Type", "ActivityDate", "Subject"], orient="row")
    mapped = activities_from(mapping.activities[0], page, "UTC")
    assert sorted(mapped.frame.select("activity", "lead", "subject").rows()) == [
        ("Task:1", "a", "told again"),
        ("Task:1", "b", "for b"),
    ]
    assert mapped.unread.is_empty(), "no day at all is nothing that could have been read"
