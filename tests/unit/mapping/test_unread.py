"""What a page holds and crmsync could make nothing of: found, named by its values, and nothing personal in them."""

from __future__ import annotations

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.contract import Choice, Currencies, NativeField
from crmsync.errors import ConfigurationError
from crmsync.mapping import (
    CrmMapping,
    activities_from,
    choices_known,
    known_words,
    leads_from,
    mapping_from,
    native_types,
)
from crmsync.mapping.field_types import NOTHING_TOLD, NativeTypes
from crmsync.mapping.unread import shown_value

TEXT = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate, name: [FirstName, LastName]}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: New}}
facts:
  employees: {field: [Exact, Employees], type: integer}
  revenue: {field: Revenue, type: money}
  budget: {field: Budget, type: choice}
  need: {field: Need, type: choice, values: {"Ja": some, "-": null}}
activities:
  - object: calls
    at: Day
    kind: [{from: Kind, values: {D: demo, X: null}}, {is: call}]
    outcome: [{from: Own}, {from: Result, values: {A: connected, B: null}}]
    direction: {from: Way, values: {IN: inbound}}
  - object: logs
    at: Day
    kind: [{is: call, when: {Kind: Call}}, {is: email, when: {Kind: [Mail, List], Sent: true}}]
"""
RATES = Currencies("EUR", {"EUR": 1.0, "USD": 1.1, "JPY": 160.0})


@pytest.fixture
def mapping() -> CrmMapping:
    return mapping_from(read_document(TEXT, "mappings/salesforce.yaml"))


def leads(*rows: dict[str, str | None]) -> pl.DataFrame:
    names = ("@id", "Email", "CreatedDate", "FirstName", "LastName", "OwnerId", "Status", "Exact", "Employees",
             "Revenue", "Budget", "Need", "Currency")  # fmt: skip
    filled = [{**dict.fromkeys(names), "@id": str(number), **row} for number, row in enumerate(rows)]
    return pl.DataFrame(filled, schema=dict.fromkeys(names, pl.String()))


def types(mapping: CrmMapping, **more: str | None) -> NativeTypes:
    """`Exact` is a number, `Revenue` an amount in the currency of `Currency`; `more`: fact → the policy's unit."""
    fields = [
        NativeField("Exact", "", "double", writable=True, kind="number"),
        NativeField("Revenue", "", "currency", writable=True, kind="money", currency_field="Currency"),
        NativeField("Budget", "", "picklist", writable=True, kind="choice", choices=(Choice("a", "a"),)),
    ]
    return native_types(fields, mapping, RATES, {name: str(unit) for name, unit in more.items()})


def test_a_number_of_the_crms_own_is_read_and_text_with_a_parting_point_is_unknown(
    mapping: CrmMapping,
) -> None:
    page = leads({"Exact": "250.0"}, {"Exact": "1.000"}, {"Employees": "1.000"}, {"Employees": "250.0"})
    mapped = leads_from(mapping, page, "UTC", types(mapping))
    assert mapped.frame["fact.employees"].to_list() == [250, 1, None, 250]
    assert mapped.unread.select("record", "field", "value").rows() == [("2", "Exact, Employees", "1.000")]


def test_what_is_translated_is_the_admins_own_number() -> None:
    text = TEXT.replace(
        "Employees], type: integer}", 'Employees], type: integer, values: {"1.000": 1000, 11-50: 11}}'
    )
    mapping = mapping_from(read_document(text, "m.yaml"))
    mapped = leads_from(mapping, leads({"Employees": "1.000"}, {"Employees": "11-50"}, {"Employees": "7"}), "UTC")
    assert mapped.frame["fact.employees"].to_list() == [1000, 11, None]


@pytest.mark.parametrize(
    ("amount", "currency", "unit", "value"),
    [
        ("9000000", "JPY", None, 56_250.0),
        ("9000000", "JPY", "USD", 61_875.0),
        ("1100", "USD", "USD", 1100.0),
        ("1100", None, "USD", 1210.0),
        ("1100", "EUR", "people", 1100.0),
        ("1100", "CHF", None, None),
    ],
)
def test_amounts_are_brought_to_one_currency_or_unknown(
    mapping: CrmMapping, amount: str, currency: str | None, unit: str | None, value: float | None
) -> None:
    page = leads({"Revenue": amount, "Currency": currency})
    mapped = leads_from(mapping, page, "UTC", types(mapping, revenue=unit) if unit else types(mapping))
    assert mapped.frame["fact.revenue"].to_list() == [pytest.approx(value) if value else None]
    told = [] if value else [("revenue", "Revenue", "1100 CHF")]
    assert mapped.unread.select("name", "field", "value").rows() == told


def test_without_rates_only_the_policys_own_currency_counts(mapping: CrmMapping) -> None:
    blind = NativeTypes(currency_fields={"Revenue": "Currency"}, wanted={"revenue": "EUR"})
    page = leads({"Revenue": "5", "Currency": "EUR"}, {"Revenue": "5", "Currency": "JPY"})
    assert leads_from(mapping, page, "UTC", blind).frame["fact.revenue"].to_list() == [5.0, None]


@pytest.mark.parametrize(
    ("rates", "unit", "value"),
    [
        ({"EUR": 1.0}, "USD", None),  # HubSpot: the account's own currency, and no rates
        ({"EUR": 1.0}, "EUR", 1100.0),
        ({"EUR": 1.0}, "people", 1100.0),
        ({"EUR": 1.0}, None, 1100.0),
        ({"EUR": 1.0, "USD": 1.1}, "USD", 1210.0),
        (None, "USD", 1100.0),  # nobody says in which currency it is
    ],
)
def test_amounts_of_one_currency_are_not_taken_for_those_of_another(
    mapping: CrmMapping, rates: dict[str, float] | None, unit: str | None, value: float | None
) -> None:
    money = NativeField("Revenue", "", "number", writable=True, kind="money")
    units = {"revenue": unit, "employees": "USD", "unmapped": "USD"} if unit else {}
    told = native_types([money], mapping, Currencies("EUR", rates) if rates else None, units)
    mapped = leads_from(mapping, leads({"Revenue": "1100", "Employees": "7"}), "UTC", told)
    assert mapped.frame["fact.revenue"].to_list() == [pytest.approx(value) if value else None]
    assert mapped.frame["fact.employees"].to_list() == [7]
    assert mapped.unread.select("name", "value").rows() == ([] if value else [("revenue", "1100 EUR")])


def test_a_currency_that_the_crm_does_not_have_is_no_word_for_people(mapping: CrmMapping) -> None:
    page = leads({"Revenue": "1100", "Currency": "EUR"})
    mapped = leads_from(mapping, page, "UTC", types(mapping, revenue="NOK"))
    assert mapped.frame["fact.revenue"].to_list() == [None]
    assert mapped.unread["value"].to_list() == ["1100 EUR"]


def test_a_choice_that_the_policy_does_not_know_is_unknown_and_told(mapping: CrmMapping) -> None:
    known = choices_known(mapping, {"budget": ("available", "none")})
    mapped = leads_from(known, leads({"Budget": "Available "}, {"Budget": "maybe"}), "UTC")
    assert mapped.frame["fact.budget"].to_list() == ["available", None]
    assert mapped.unread.select("name", "value").rows() == [("budget", "maybe")]


def test_a_value_that_says_nothing_is_unknown_and_nobody_is_told(mapping: CrmMapping) -> None:
    mapped = leads_from(mapping, leads({"Need": "ja"}, {"Need": "-"}, {"Need": "?"}), "UTC")
    assert mapped.frame["fact.need"].to_list() == ["some", None, None]
    assert mapped.unread["value"].to_list() == ["?"]


def test_translations_that_the_facts_type_cannot_hold_are_told_at_their_line() -> None:
    text = TEXT.replace(
        "Employees], type: integer}", "Employees], type: integer, values: {11-50: eleven, big: null}}"
    )
    with pytest.raises(ConfigurationError, match=r"m.yaml:7:\d+: `eleven` is no whole number: `employees`.*“11-50”"):
        mapping_from(read_document(text, "m.yaml"))


def activities(*rows: dict[str, str]) -> pl.DataFrame:
    names = ("@id", "@lead", "Day", "Kind", "Own", "Result", "Way", "Sent")
    filled = [
        {**dict.fromkeys(names), "@id": str(n), "@lead": "l", "Day": "2026-11-20", **row}
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=dict.fromkeys(names, pl.String()))


def test_words_that_no_rule_names_are_found(mapping: CrmMapping) -> None:
    page = activities(
        {"Kind": "D", "Result": "A"},
        {"Kind": "Q", "Result": "busy"},
        {"Kind": "X", "Result": "B"},
        {"Own": "connected", "Result": "busy"},
        {"Way": "SIDE"},
        {"Own": "Abgesagt", "Result": "A"},
        {"Own": "Left Voicemail", "Result": "a", "Way": "in"},
    )
    mapped = activities_from(mapping.activities[0], page, "UTC")
    assert mapped.frame["kind"].to_list() == ["demo", "call", "call", "call", "call", "call", "call"]
    assert mapped.frame["outcome"].to_list() == [
        "connected", "unknown", None, "connected", None, "unknown", "left_voicemail"
    ]  # fmt: skip
    assert mapped.frame["direction"].to_list() == [None] * 6 + ["inbound"]
    assert mapped.unread.select("record", "part", "name", "field", "value").rows() == [
        ("calls:1", "kind", "calls", "Kind", "Q"),
        ("calls:5", "outcome", "calls", "Own", "Abgesagt"),
        ("calls:1", "outcome", "calls", "Result", "busy"),
        ("calls:4", "direction", "calls", "Way", "SIDE"),
    ]


OWN = """
  - object: own
    at: Day
    kind: [{from: Kind}, {from: Kind, values: {Fax: null, Besuch: meeting}}, {is: call}]
    outcome: [{from: Result}, {from: Result, values: {Abgesagt: canceled, "-": null}, when: {Sent: true}}, {is: open}]
    direction: [{from: Way}]
"""


def test_a_field_that_is_taken_as_it_stands_holds_known_words() -> None:
    """Of kinds any word is one, and told; of outcomes a word that nobody knows says nothing, whatever comes below."""
    own = mapping_from(read_document(TEXT + OWN, "m.yaml"))
    page = activities(
        {"Kind": "Discovery-Call", "Result": "No Show", "Way": "Inbound"},
        {"Kind": "Messe", "Result": "interested", "Way": "sideways"},
        {"Kind": "FAX", "Result": "abgesagt", "Sent": "true"},
        {"Kind": "besuch", "Result": "abgesagt", "Sent": "false"},
        {"Result": "_", "Sent": "true"},
    )
    words = known_words(own, ["expo"], ["Interested"])
    mapped = activities_from(own.activities[2], page, "UTC", words)
    assert mapped.frame.select("kind", "outcome", "direction").rows() == [
        ("discovery_call", "no_show", "inbound"),
        ("Messe", "Interested", None),
        ("call", "canceled", None),
        ("meeting", "unknown", None),
        ("call", "open", None),
    ]
    told = mapped.unread.select("record", "part", "value").rows()
    assert told == [("own:1", "kind", "Messe"), ("own:3", "outcome", "abgesagt"), ("own:1", "direction", "sideways")]
    blind = activities_from(own.activities[2], page, "UTC")
    assert blind.frame["outcome"].to_list()[1] == "unknown"


def test_what_a_policy_asks_for_decides_what_is_stored() -> None:
    own = mapping_from(read_document(TEXT + OWN, "m.yaml"))
    shared, more = known_words(own, ["call"], ["connected"]), known_words(own, [], ["interested"])
    assert shared.digest == ""
    assert more.digest != shared.digest


def test_two_spellings_of_one_word_have_one_answer() -> None:
    text = TEXT.replace("{A: connected, B: null}", '{"No Show": no_show, NO_SHOW: no_show, no-show: null}')
    with pytest.raises(ConfigurationError, match=r"m.yaml:15:.*“No Show” and “no-show” are one word"):
        mapping_from(read_document(text, "m.yaml"))


def test_tests_ask_for_words_in_any_spelling() -> None:
    text = TEXT.replace("{Kind: [Mail, List], Sent: true}", "{Kind: [news letter, 1-5], Sent: true}")
    page = activities(*({"Kind": kind, "Sent": "true"} for kind in ("NEWS_LETTER", "1-5", "15")))
    logs = mapping_from(read_document(text, "m.yaml")).activities[1]
    assert activities_from(logs, page, "UTC").frame["activity"].to_list() == ["logs:0", "logs:1"]


def test_of_kinds_asked_for_by_tests_only_records_that_are_left_out_are_told(mapping: CrmMapping) -> None:
    page = activities({"Kind": "Call"}, {"Kind": "List", "Sent": "true"}, {"Kind": "Fax", "Sent": "false"})
    mapped = activities_from(mapping.activities[1], page, "UTC")
    assert mapped.unread.select("record", "field", "value").rows() == [("logs:2", "Kind", "Fax")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1.000", "1.000"),
        ("1.000.000,50", "1.000.000,50"),
        ("11-50", "11-50"),
        ("01.02.2026", "01.02.2026"),
        ("ask jo.fox@firm.example", "ask [e-mail]"),
        ("+49 170 1234567", "[number]"),
        ("Ann  Lee says maybe", "[name] [name] says maybe"),
        ("x" * 99, "x" * 59 + "…"),
    ],
)
def test_what_is_personal_is_masked(value: str, shown: str) -> None:
    assert shown_value(value, ("Ann", "lee", "al")) == shown


def test_values_of_a_list_are_nobodys_own_words() -> None:
    assert shown_value("Ann Arbor 170 1234567", ("Ann",), listed=True) == "Ann Arbor 170 1234567"


def test_names_of_the_lead_are_taken_from_its_own_fields(mapping: CrmMapping) -> None:
    page = leads({"Employees": "ask Jo or fox", "FirstName": "Joanna", "LastName": "Fox", "Email": "ask@x.example"})
    assert leads_from(mapping, page, "UTC", NOTHING_TOLD).unread["value"].to_list() == ["[name] Jo or [name]"]
