"""A mapping against a CRM's fields: values that cannot be written are wrong, what hardly fits is worth a look."""

from __future__ import annotations

from typing import Any

import pytest

from crmsync.configuration import read_document
from crmsync.contract import Choice, NativeField
from crmsync.mapping import choices_known, findings_against, hand_off_findings_against, mapping_from, task_findings
from crmsync.mapping.doubts import account_doubts, activity_doubts, lead_doubts
from crmsync.mapping.field_meant import field_meant
from crmsync.mapping.offered import written_findings
from crmsync.mapping.word_lists import SHARED_WORDS

TEXT = """
connector: hubspot
lead: {object: contacts, email: email, created_at: createdate}
owner: {field: owner}
stage:
  field: stage
  values:
    out: {set: {status: NO}, leaving: {status: OPEN}}
    lead: [lead, subscriber]
    mql: mql
facts:
  employees: {field: bands, type: integer}
  staff: {field: staff, type: integer}
  size: {field: bands, type: integer, values: {1-5: 1, 5-25: 5, 9999: 9}}
  rank: {field: rank, type: choice}
  day: {field: day, type: datetime}
  heat: {field: heat, type: number}
  wish: {field: wish, type: choice}
activities:
  - object: calls
    at: [when, title]
    kind: [{is: demo, when: {type: [Demo, Demmo]}}, {is: call}]
    outcome: {from: result, values: {A: connected, Z: no_answer}}
hand_off:
  bdr: short
  task: {object: tasks, subject: subject, owner: owner, due: {field: until, type: date}, set: {status: WAITNG}}
"""


def field(name: str, *choices: str, **more: Any) -> NativeField:
    listed = tuple(Choice(*(choice.split("=") if "=" in choice else (choice, choice))) for choice in choices)
    return NativeField(name, more.pop("label", name), "x", writable=True, choices=listed, **more)


LEAD = {
    each.name: each
    for each in (
        field("email", kind="text"),
        field("createdate", kind="datetime"),
        field("owner", kind="reference"),
        field("stage", "lead", "mql", "77=Customer", kind="choice"),
        field("status", "NEW", "NO", "OPEN_DEAL", kind="choice", open_choices=True),
        field("bands", "1-5", "5-25", "25-50", kind="choice"),
        field("staff", kind="text"),
        field("rank", "A", "B", "Chef", kind="choice"),
        field("day", kind="date"),
        field("heat", kind="number", calculated=True),
        field("wish", kind="text"),
        field("short", kind="text", max_length=15),
    )
}
CALLS = {
    each.name: each
    for each in (
        field("when", kind="datetime"),
        field("title", kind="text"),
        field("type", "Demo", "Call", kind="choice"),
        field("result", "A", "B", kind="choice"),
    )
}
DOCUMENT = read_document(TEXT, "m.yaml")
MAPPING = mapping_from(DOCUMENT)


def told(findings: Any) -> list[tuple[int, str, str]]:
    return [(each.line, each.severity, each.message) for each in findings]


def test_every_value_that_may_be_written_is_one_that_the_crm_offers() -> None:
    [finding] = findings_against(MAPPING, LEAD, DOCUMENT)
    assert str(finding) == (
        "m.yaml:8:48: status has no active value `OPEN`, which a lead gets that leaves `out`\n"
        "  → did you mean `OPEN_DEAL`?"
    )


def test_what_hardly_fits_is_worth_a_look() -> None:
    used = choices_known(MAPPING, {"rank": ("a", "b"), "wish": ("x",)})
    assert told(lead_doubts(used, MAPPING, LEAD, DOCUMENT)) == [
        (12, "warning",
         "`employees` is of type integer, and bands offers `1-5`, `5-25`, `25-50`: unknown for every such lead"),
        (13, "warning", "`staff` is of type integer, and staff holds any text: unknown for what does not convert"),
        (14, "warning", "bands does not offer `9999`, which `values` of `size` names"),
        (15, "warning", "rank offers `Chef`, which the policy does not know of `rank`: unknown for such leads"),
        (16, "warning", "`day` is of type datetime, and day holds days: unknown for what does not convert"),
        (17, "warning", "`heat` stands in heat, which the CRM calculates: it changes without a change of the record"),
        (9, "warning", "stage does not offer `subscriber`, which is read as `lead`"),
    ]  # fmt: skip


def test_amounts_in_several_currencies_are_told() -> None:
    money = field("heat", kind="money", currency_field="currency")
    [first] = (each for each in lead_doubts(MAPPING, MAPPING, {"heat": money}, DOCUMENT))
    assert first.message == "the amounts of heat are in several currencies: currency says in which"


def test_a_fact_behind_stars_is_told() -> None:
    [first] = (each for each in lead_doubts(MAPPING, MAPPING, {"heat": field("heat", masked=True)}, DOCUMENT))
    assert first.message.startswith("`heat` stands in heat, which is encrypted")


def test_accounts_wait_for_words_that_the_crm_offers() -> None:
    text = TEXT.replace(
        "hand_off:", "accounts: [{object: Deal, owner: o, name: n, when: {stage: [Open, Won], x: 1}}]\nhand_off:"
    )
    document = read_document(text, "m.yaml")
    fields = {"stage": field("stage", "open", "closed", kind="choice"), "x": field("x", kind="number")}
    found = account_doubts(mapping_from(document).accounts[0], fields, document, ("accounts", 0))
    assert [each.message for each in found] == ["stage does not offer `Won`: this entry waits for it in vain"]


def test_words_that_rules_wait_for_in_vain_are_told() -> None:
    assert told(activity_doubts(MAPPING.activities[0], CALLS, SHARED_WORDS, DOCUMENT, ("activities", 0))) == [
        (21, "warning", "title holds any text; it says no day on which something happened"),
        (22, "warning", "type does not offer `Demmo`: this rule waits for it in vain"),
        (23, "warning", "result does not offer `Z`: this rule waits for it in vain"),
        (23, "warning", "result offers `B`, which no rule names: the outcome of such records is unknown"),
    ]


def test_a_hand_off_writes_what_its_fields_can_hold() -> None:
    task = MAPPING.hand_off and MAPPING.hand_off.task
    assert task is not None
    tasks = {
        each.name: each
        for each in (
            field("subject", kind="text"),
            field("owner", "yes", "no", kind="choice"),
            field("until", kind="datetime"),
            field("status", "WAITING=Waiting for contact", kind="choice", open_choices=True),
        )
    }
    place = ("hand_off", "task")
    found = [*hand_off_findings_against(MAPPING, LEAD, DOCUMENT), *task_findings(task, tasks, DOCUMENT, place)]
    mend = "name a field for users, or a text of at least 18 characters"
    assert [str(each) for each in found] == [
        f"m.yaml:25:8: short cannot hold a CRM user's id\n  → {mend}",
        "m.yaml:26:104: status has no active value `WAITNG`\n  → did you mean `WAITING` (Waiting for contact)?",
        f"m.yaml:26:50: owner cannot hold a CRM user's id\n  → {mend}",
        "m.yaml:26:62: until holds an instant\n  → write `due: {field: until, type: datetime}`",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("there", "value", "message"),
    [
        (field("f", kind="number"), "12.5", None),
        (field("f", kind="number"), "many", "f cannot hold `many`: it takes a number"),
        (field("f", kind="number"), "nan", "f cannot hold `nan`: it takes a number"),
        (field("f", kind="boolean"), "true", None),
        (field("f", kind="boolean"), "yes", "f cannot hold `yes`: it takes `true` or `false`"),
        (field("f", kind="date"), "2026-01-31", None),
        (field("f", kind="date"), "soon", "f cannot hold `soon`: it takes a day such as 2026-01-31"),
        (field("f", kind="datetime"), "2026-01-31",
         "f cannot hold `2026-01-31`: it takes an instant such as 2026-01-31T09:30:00Z"),
        (field("f", kind="text", max_length=3), "abc", None),
        (field("f", kind="text", max_length=3), "abcd", "f takes at most 3 characters, and this has 4"),
        (field("f", "a", "b", kind="choices"), "a;b", None),
        (field("f", "a", "b", kind="choices"), "a;c", "f has no active value `c`"),
        (field("f", "a"), None, None),
        (field("f", "Call", "Email", kind="text", open_choices=True), "Anything", None),
        (None, "a", None),
    ],
)  # fmt: skip
def test_a_value_that_a_field_cannot_hold_is_told(
    there: NativeField | None, value: str | None, message: str | None
) -> None:
    found = [finding.message for finding in written_findings(there, value, DOCUMENT, ("lead",))]
    assert found == ([] if message is None else [message])


@pytest.mark.parametrize(
    ("word", "labels", "hint"),
    [
        ("Sales Accepted Lead", True,
         "`Sales Accepted Lead` is the label of `94`: write `94` or `{label: Sales Accepted Lead}`"),
        ("sales accepted lead", False, "`Sales Accepted Lead` is the label of `94`: write `94`"),
        ("label:Sales Akzepted Lead", True, "did you mean `94` (Sales Accepted Lead)?"),
        ("zzz", True, "valid here: `lead` (Lead), `94` (Sales Accepted Lead), `mql`"),
        ("gone", True, "it is switched off in the CRM: switch it on there, or write "
         "`lead` (Lead), `94` (Sales Accepted Lead), `mql`"),
    ],
)  # fmt: skip
def test_hints_pair_values_with_their_labels(word: str, labels: bool, hint: str) -> None:
    stage = field("stage", "lead=Lead", "94=Sales Accepted Lead", "mql")
    stage = NativeField(
        "stage", "Stage", "x", writable=True, choices=(*stage.choices, Choice("gone", "Gone", active=False))
    )
    [finding] = written_findings(stage, word, DOCUMENT, ("lead",), labels=labels)
    assert finding.hint == hint


@pytest.mark.parametrize(
    ("there", "odd"),
    [
        ("Sales\u00a0Qualified", "no-break space (U+00A0)"),
        ("Sales Qualified\u200b", "zero width space (U+200B)"),
        ("Sales  Qualified", "spaces elsewhere"),
        ("\uff33ales Qualified", "fullwidth latin capital letter s (U+FF33)"),
    ],
)
def test_a_value_that_only_looks_the_same_is_told_with_what_differs(there: str, odd: str) -> None:
    """Its label is the same word, so to say "write the value" would be no help."""
    status = NativeField(
        "f", "f", "x", writable=True, choices=(Choice(there, "Sales Qualified"), Choice("New", "New"))
    )
    [finding] = written_findings(status, "Sales Qualified", DOCUMENT, ("lead",), labels=True)
    assert finding.hint is not None
    assert f"looks the same and has {odd}: " in finding.hint


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Budget__c", "Budget_Confirmed__c"),
        ("Bugdet_Confirmed__c", "Budget_Confirmed__c"),
        ("Budget_status__c", "Budget_Confirmed__c"),
        ("Employees__c", "NumberOfEmployees"),
        ("hs_call_titel", "hs_call_title"),
        ("Turnover__c", "AnnualRevenue"),
        ("Qqq__c", None),
    ],
)
def test_a_field_is_suggested_by_its_words_and_its_label(name: str, meant: str | None) -> None:
    fields = [
        field("Bdr__c", label="Handed off by"),
        field("Budget_Confirmed__c", label="Budget confirmed"),
        field("Status_Now__c", label="Status now"),
        field("NumberOfEmployees", label="Employees"),
        field("AnnualRevenue", label="Turnover of a year"),
        field("hs_call_title", label="Call title"),
        field("hs_call_body", label="Call notes"),
    ]
    found = field_meant(name, fields)
    assert (found.name if found else None) == meant
