"""Mapping: native text to facts, activities, stages and back, and every mistake with its place."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from pydantic import ValidationError

from crmsync.configuration import read_document
from crmsync.contract import Choice, NativeField
from crmsync.errors import ConfigurationError
from crmsync.mapping import (
    CrmMapping,
    FactMapping,
    activities_from,
    activity_fields,
    findings_against,
    labels_resolved,
    leads_from,
    mapping_from,
    writes_for,
)

TEXT = """
format: 1
connector: hubspot
lead: {object: contacts, email: email, created_at: createdate, name: [firstname, lastname], company: company}
owner: {field: hubspot_owner_id}
stage:
  field: lifecyclestage
  values:
    disqualified: {set: {hs_lead_status: UNQUALIFIED}, leaving: {hs_lead_status: null}}
    lead: lead
    mql: [marketingqualifiedlead, mql_old]
    sal: {label: Sales Accepted Lead}
facts:
  employees: {field: numemployees, type: integer}
  revenue: {field: annualrevenue, type: money}
  timeline: {field: timeline, type: choice, values: {0-3 months: this_quarter, now: now}}
  demo_wanted: {field: demo, type: boolean}
  closes_on: {field: closedate, type: date}
  industry: {field: [industry_x, industry], type: text}
  goals: unmapped
activities:
  - object: calls
    at: [hs_timestamp]
    by: hubspot_owner_id
    subject: hs_call_title
    kind:
      - {is: discovery_call, when: {hs_call_title: {matches: "(?i)discovery"}}}
      - {is: call}
    outcome:
      - {from: hs_call_disposition, values: {f240: connected, 73a0: no_answer}}
      - {is: completed, when: {hs_call_status: [COMPLETED]}}
    direction: {from: hs_call_direction, values: {INBOUND: inbound, OUTBOUND: outbound}}
"""


@pytest.fixture
def mapping() -> CrmMapping:
    return mapping_from(read_document(TEXT, "mappings/hubspot.yaml"))


def native(**columns: list[str | None]) -> pl.DataFrame:
    height = max(len(values) for values in columns.values())
    names = ["email", "createdate", "firstname", "lastname", "company", "hubspot_owner_id", "lifecyclestage"]
    names += [
        "hs_lead_status",
        "numemployees",
        "annualrevenue",
        "timeline",
        "demo",
        "closedate",
        "industry_x",
        "industry",
    ]
    empty: dict[str, list[str | None]] = {name: [None] * height for name in names}
    ids: dict[str, list[str | None]] = {"@id": [str(number) for number in range(height)]}
    return pl.DataFrame({**ids, **empty, **columns}, schema=dict.fromkeys({**ids, **empty, **columns}, pl.String))


def test_lead_columns(mapping: CrmMapping) -> None:
    page = native(
        email=[" Ann@Example.COM ", ""],
        createdate=["2026-01-31T23:30:00.250Z", "2026-01-31T23:30:00.000+0000"],
        firstname=["Ann", None],
        lastname=["Lee", None],
        hubspot_owner_id=["7", None],
    )
    frame = leads_from(mapping, page, "Europe/Berlin").frame
    assert frame["email"].to_list() == ["ann@example.com", None]
    assert frame["created_at"].to_list() == [datetime(2026, 1, 31, 23, 30, tzinfo=UTC)] * 2
    assert frame["name"].to_list() == ["Ann Lee", None]
    assert frame["owner"].to_list() == ["7", None]


@pytest.mark.parametrize(
    ("field", "fact", "text", "value"),
    [
        ("numemployees", "employees", "250", 250),
        ("numemployees", "employees", " 250.0 ", 250),
        ("annualrevenue", "revenue", "1e6", 1_000_000.0),
        ("annualrevenue", "revenue", "0.126", 0.13),
        ("annualrevenue", "revenue", "1234.567", 1234.57),
        ("timeline", "timeline", " 0-3 MONTHS", "this_quarter"),
        ("demo", "demo_wanted", "TRUE", True),
        ("closedate", "closes_on", "2026-02-01", date(2026, 2, 1)),
        ("closedate", "closes_on", "2026-01-31T23:30:00Z", date(2026, 2, 1)),
        ("industry", "industry", "software", "software"),
    ],
)
def test_a_fact_is_read(mapping: CrmMapping, field: str, fact: str, text: str, value: object) -> None:
    mapped = leads_from(mapping, native(**{field: [text]}), "Europe/Berlin")
    assert mapped.frame[f"fact.{fact}"].to_list() == [value]
    assert mapped.unread.is_empty()


@pytest.mark.parametrize(
    ("field", "fact", "text"),
    [
        ("numemployees", "employees", "about 250"),
        ("numemployees", "employees", "250.5"),
        ("numemployees", "employees", "1.000"),
        ("numemployees", "employees", "10.000"),
        ("annualrevenue", "revenue", "-1.000"),
        ("annualrevenue", "revenue", "1.500"),
        ("annualrevenue", "revenue", "1.000.000"),
        ("numemployees", "employees", "NaN"),
        ("annualrevenue", "revenue", "NaN"),
        ("annualrevenue", "revenue", "inf"),
        ("annualrevenue", "revenue", "1,000"),
        ("annualrevenue", "revenue", "1e999"),
        ("timeline", "timeline", "some day"),
        ("demo", "demo_wanted", "yes"),
        ("closedate", "closes_on", "2026-02-30"),
        ("closedate", "closes_on", "31.01.2026"),
        ("createdate", "created_at", "yesterday"),
    ],
)
def test_text_that_does_not_convert_is_unknown_and_told(
    mapping: CrmMapping, field: str, fact: str, text: str
) -> None:
    mapped = leads_from(mapping, native(**{field: [text, None]}), "UTC")
    column = fact if fact == "created_at" else f"fact.{fact}"
    part = "lead" if fact == "created_at" else "fact"
    assert mapped.frame[column].to_list() == [None, None]
    assert mapped.unread.rows() == [("0", "0", part, fact, field, text)]


@pytest.mark.parametrize(
    ("lifecycle", "status", "stage", "managed"),
    [
        ("mql_old", None, "mql", True),
        ("marketingqualifiedlead", "UNQUALIFIED", "disqualified", True),
        (None, "UNQUALIFIED", "disqualified", True),
        (None, "NEW", None, True),
        ("customer", None, None, False),
    ],
)
def test_stage_read(
    mapping: CrmMapping, lifecycle: str | None, status: str | None, stage: str | None, managed: bool
) -> None:
    frame = leads_from(mapping, native(lifecyclestage=[lifecycle], hs_lead_status=[status]), "UTC").frame
    assert (frame["stage"][0], frame["managed"][0]) == (stage, managed)


def test_stage_and_owner_written(mapping: CrmMapping) -> None:
    held: dict[str, str | None] = {"lifecyclestage": "lead", "hs_lead_status": "UNQUALIFIED"}
    assert writes_for(mapping, held, stage=("disqualified", "mql"), owner=("7", "9")) == {
        "hs_lead_status": ("UNQUALIFIED", None),
        "lifecyclestage": ("lead", "marketingqualifiedlead"),
        "hubspot_owner_id": ("7", "9"),
    }
    assert writes_for(mapping, held, stage=("disqualified", "disqualified"), owner=("7", None)) == {}


def test_what_an_activity_is_about(mapping: CrmMapping) -> None:
    call = mapping.activities[0].model_copy(update={"about": "campaign"})
    assert "campaign" in activity_fields(call)
    page = pl.DataFrame({"@id": ["1", "2"], "@lead": ["a", "a"], "campaign": [" Spring ", " "]})
    others = [name for name in activity_fields(call) if name not in page.columns]
    page = page.with_columns(pl.lit("2026-02-03").alias(name) for name in others)
    assert activities_from(call, page, "UTC").frame["about"].to_list() == ["Spring", None]


def test_activities(mapping: CrmMapping) -> None:
    page = pl.DataFrame(
        {
            "@id": ["1", "2", "2", "3"],
            "@lead": ["a", "a", "b", "a"],
            "hs_timestamp": ["2026-01-31T23:30:00Z", "2026-02-03", "2026-02-03", "soon"],
            "hubspot_owner_id": ["7", None, None, None],
            "hs_call_title": ["Discovery with Ann", "Hello", "Hello", "Hello"],
            "hs_call_disposition": ["f240", "other", "other", None],
            "hs_call_status": [None, "COMPLETED", "COMPLETED", None],
            "hs_call_direction": ["INBOUND", None, None, None],
        }
    )
    mapped = activities_from(mapping.activities[0], page, "Europe/Berlin")
    assert mapped.frame.drop("at", "subject", "about").rows() == [
        ("calls:1", "a", "discovery_call", date(2026, 2, 1), "inbound", "connected", "7"),
        ("calls:2", "a", "call", date(2026, 2, 3), None, "unknown", None),
        ("calls:2", "b", "call", date(2026, 2, 3), None, "unknown", None),
    ]
    other = ("outcome", "calls", "hs_call_disposition", "other")
    assert sorted(mapped.unread.rows()) == [
        ("calls:2", "a", *other),
        ("calls:2", "b", *other),
        ("calls:3", "a", "day", "calls", "hs_timestamp", "soon"),
    ]
    assert mapping.provided_kinds == {"discovery_call", "call"}


def test_labels_become_values_and_mistakes_become_findings(mapping: CrmMapping) -> None:
    def choice(value: str, label: str) -> Choice:
        return Choice(value, label)

    stage = NativeField(
        "lifecyclestage",
        "Lifecycle stage",
        "enumeration",
        True,
        (choice("lead", "Lead"), choice("94943285", "Sales accepted lead"), choice("mql", "MQL")),
    )
    fields = {name: NativeField(name, name, "string", True) for name in mapping.lead_fields if name != "numemployees"}
    fields |= {"lifecyclestage": stage, "hubspot_owner_id": NativeField("hubspot_owner_id", "Owner", "x", False)}
    resolved = labels_resolved(mapping, fields)
    assert resolved.stage.values["sal"].set == {"lifecyclestage": ("94943285",)}
    told = [str(finding) for finding in findings_against(resolved, fields, read_document(TEXT, "m.yaml"))]
    assert len(told) == 3
    assert told[0].startswith("m.yaml:14:22: contacts has no field `numemployees`")
    assert told[1].startswith("m.yaml:5:16: `hubspot_owner_id` on contacts cannot be written")
    assert told[2].startswith(
        "m.yaml:11:5: lifecyclestage has no active value `marketingqualifiedlead` for stage `mql`"
    )


def test_one_word_never_means_two_things() -> None:
    """Letter case and spaces around do not tell values of a field apart."""
    fact = {"field": "Budget__c", "type": "choice"}
    FactMapping.model_validate({**fact, "values": {"Ja": "available", " ja": "available", "nein": None}})
    with pytest.raises(ValidationError, match="“Ja” and “JA ” are one word, with two answers"):
        FactMapping.model_validate({**fact, "values": {"Ja": "available", "nein": "none", "JA ": "none"}})


def test_stages_that_cannot_be_told_apart_are_refused() -> None:
    wrong = TEXT.replace(", leaving: {hs_lead_status: null}", "")
    with pytest.raises(
        ConfigurationError, match="going from `disqualified` to `lead` would still read as `disqualified`"
    ):
        mapping_from(read_document(wrong, "m.yaml"))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{won_on: closes_on, amount: revenue}", None),
        ("{won_on: closes_on}", None),
        ("{won_on: industry}", "there is no fact `industry` of type date or datetime here"),
        ("{won_on: goals}", "there is no fact `goals` of type date or datetime here"),
        (
            "{won_on: closes_on, amount: closes_on}",
            "there is no fact `closes_on` of type money or number or integer here",
        ),
    ],
)
def test_what_became_of_a_lead_is_told_by_facts_of_the_right_kind(written: str, told: str | None) -> None:
    text = f"{TEXT}outcome: {written}\n"
    if told is None:
        outcome = mapping_from(read_document(text, "m.yaml")).outcome
        assert outcome is not None and outcome.won_on == "closes_on"
        return
    with pytest.raises(ConfigurationError) as refused:
        mapping_from(read_document(text, "m.yaml"))
    [finding] = refused.value.findings
    assert (finding.message, finding.line) == (told, text.count("\n"))
