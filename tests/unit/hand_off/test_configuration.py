"""Wrong settings of the hand-off as a process: each is told at its place, with the mend."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crmsync.configuration import read_document
from crmsync.connection.registry import starter_mapping
from crmsync.contract import Choice, NativeField
from crmsync.errors import ConfigurationError, Finding
from crmsync.hand_off import unmapped_findings
from crmsync.mapping import CrmMapping, hand_off_findings_against, mapping_from, task_findings
from crmsync.operations.rehearse.configuration import mapping_text
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets

POLICY = "format: 1\nextends: saas\nname: Test\n"
STARTERS = ("salesforce", "hubspot")
STARTS = "# hand_off:\n"


def with_hand_off(crm: str) -> str:
    """A starter mapping whose example is taken out of its comments, as its own words say."""
    before, example = starter_mapping(crm).split(STARTS)
    lines, gap, after = (STARTS + example).partition("\n\n")
    assert all(line.startswith("# ") for line in lines.splitlines())
    return before + "\n".join(line.removeprefix("# ") for line in lines.splitlines()) + (gap or "\n") + after


def policy(hand_off: str) -> Policy:
    return policy_from(read_document(f"{POLICY}hand_off: {hand_off}\n", "policy.yaml"), presets())


def mapping(*changes: tuple[str, str], crm: str = "salesforce") -> CrmMapping:
    return mapping_from(read_document(changed(*changes, crm=crm), "mapping.yaml"))


def changed(*changes: tuple[str, str], crm: str = "salesforce") -> str:
    text = with_hand_off(crm)
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def place(text: str, words: str) -> str:
    """line:column at which `words` begin first."""
    start = text.index(words)
    return f"{text.count(chr(10), 0, start) + 1}:{start - text.rfind(chr(10), 0, start)}"


def told(finding: Finding) -> str:
    return str(finding).partition(":")[2]


@pytest.mark.parametrize("crm", STARTERS)
def test_the_example_of_a_starter_mapping_is_valid_and_has_every_key(crm: str) -> None:
    assert mapping_from(read_document(starter_mapping(crm), "starter")).hand_off is None
    found = mapping(crm=crm)
    assert found.hand_off is not None
    assert all(getattr(found.hand_off, name) for name in type(found.hand_off).model_fields)
    whole = "{stage: sql, task: {}, first_touch: {within_hours: 4, remind_after_hours: 4}, returned: {}}"
    document = read_document(with_hand_off(crm), "mapping.yaml")
    assert list(unmapped_findings(policy(whole).every_hand_over[0], found, document)) == []


HOURS = "{stage: sql, first_touch: {within_hours: HOURS}}"
WRONG_POLICIES: Mapping[str, tuple[str, str, str]] = {
    # hand_off, words at whose place it is told, what is told
    "no hours": (HOURS.replace("HOURS", "0"), "0}", "`within_hours`: input should be greater than 0, not `0`"),
    "negative hours": (HOURS.replace("HOURS", "-4"), "-4}", "greater than 0, not `-4`"),
    "hours that are no number": (HOURS.replace("HOURS", ".nan"), ".nan", "`.nan` is not a number"),
    "endless hours": (HOURS.replace("HOURS", ".inf"), ".inf", "`.inf` is not a number"),
    "too many hours": (HOURS.replace("HOURS", "1001"), "1001", "less than or equal to 1000, not `1001`"),
    "no time at all": ("{stage: sql, first_touch: {}}", "first_touch", "`within_hours` is missing"),
    "a stage that is none": ("{stage: sqlx}", "sqlx", "`sqlx` is no stage of this policy\n  → did you mean `sql`?"),
    "a key that is none": (
        "{stage: sql, returns: {to: bdr}}",
        "returns",
        "not known here\n  → did you mean `returned`?",
    ),
    "a key of the task that is none": (
        "{stage: sql, task: {subjekt: Call}}",
        "subjekt",
        "not known here\n  → did you mean `subject`?",
    ),
    "reassigned before the time is over": (
        "{stage: sql, first_touch: {within_hours: 4, reassign_after_hours: 2}}",
        "{within_hours",
        "before its time is over\n  → raise `reassign_after_hours` to `within_hours` (4) or more",
    ),
    "reminded when it is gone": (
        "{stage: sql, first_touch: {within_hours: 4, remind_after_hours: 8, reassign_after_hours: 8}}",
        "{within_hours",
        "nobody would ever be reminded: the lead is with the next one by then\n  → make `remind_after_hours` less",
    ),
    "no kind of activity": (
        "{stage: sql, first_touch: {within_hours: 4, kinds: []}}",
        "[]",
        "`kinds` has too few entries",
    ),
    "an outcome that means both": (
        "{stage: sql, task: {accepted_by: [completed, done], returned_by: [done]}}",
        "{accepted_by",
        "`done` is among `accepted_by` and `returned_by`\n  → an outcome means one of the two",
    ),
    "back to nobody": (
        "{stage: sql, returned: {to: ae}}",
        "ae}",
        "not a valid to\n  → valid here: `bdr`, `giver`, `next`",
    ),
    "never returned": ("{stage: sql, returned: {at_most: 0}}", "0}", "`at_most`: input should be greater than"),
    "at once again": ("{stage: sql, returned: {again_after_days: 0}}", "0}", "`again_after_days`: input should be"),
}


@pytest.mark.parametrize("name", WRONG_POLICIES)
def test_a_wrong_policy_is_told_at_its_place(name: str) -> None:
    text, words, expected = WRONG_POLICIES[name]
    with pytest.raises(ConfigurationError) as raised:
        policy(text)
    [finding] = raised.value.findings
    assert told(finding).startswith(f"{place(f'{POLICY}hand_off: {text}', words)}: ")
    assert expected in str(finding)


RESPONSE = "accepted: accepted, returned: returned"
WRONG_MAPPINGS: Mapping[str, tuple[tuple[str, str], str, str]] = {
    # change, words at whose place it is told, what is told
    "answers that look alike": ((RESPONSE, 'accepted: Done, returned: " done"'), "{field: Hand_Off", "must differ"),
    "an answer like none": ((RESPONSE, 'accepted: "", returned: returned'), "{field: Hand_Off", "must differ"),
    "an answer without a word": (("accepted: accepted, ", ""), "response: {field: Hand_Off", "`accepted` is missing"),
    "one field for two things": (
        ("bdr: Bdr__c", "bdr: Hand_Off_Return_Reason__c"),
        "bdr: Hand",
        "`Hand_Off_Return_Reason__c` stands twice\n  → each field holds one thing",
    ),
    "the owner's field": (("bdr: Bdr__c", "bdr: OwnerId"), "OwnerId   #", "tells the lead's stage or owner already"),
    "the stage's field": (
        ("field: Hand_Off_Response__c", "field: Status"),
        "{field: Status",
        "tells the lead's stage or owner already",
    ),
    "a field of the task for two things": (
        ("body: Description", "body: Subject"),
        "object: Task\n    subject: Subject\n    body",
        "`Subject` stands twice",
    ),
    "a due date that is neither": (("due: ActivityDate", "due: {field: X, type: day}"), "day}", "not a valid type"),
    "a key that is none": (
        ("return_reason:", "returns_reason:"),
        "returns_reason: Hand",
        "did you mean `return_reason`?",
    ),
    "no owner of the task": (("    owner: OwnerId\n    due", "    due"), "task:\n    object", "`owner` is missing"),
}


@pytest.mark.parametrize("name", WRONG_MAPPINGS)
def test_a_wrong_mapping_is_told_at_its_place(name: str) -> None:
    change, words, expected = WRONG_MAPPINGS[name]
    with pytest.raises(ConfigurationError) as raised:
        mapping(change)
    assert [finding for finding in raised.value.findings if expected in str(finding)], str(raised.value)
    finding = next(finding for finding in raised.value.findings if expected in str(finding))
    assert told(finding).startswith(f"{place(changed(change), words)}: "), f"{finding}"


TASK_MAPPED = with_hand_off("salesforce").partition("  task:\n")[2]
UNMAPPED: Mapping[str, tuple[str, tuple[str, str], str, str]] = {
    # policy's hand_off, change, words at whose place it is told, what is told
    "a task": (
        "{stage: sql, task: {}}",
        ("  task:\n" + TASK_MAPPED, ""),
        "hand_off:\n  bdr",
        "no task is mapped\n  → say",
    ),
    "a reminder": (
        "{stage: sql, first_touch: {within_hours: 4, remind_after_hours: 5}}",
        ("  task:\n" + TASK_MAPPED, ""),
        "hand_off:\n  bdr",
        "reminds the receiver by a task, and no task is mapped",
    ),
    "returned by nothing": (
        "{stage: sql, returned: {}}",
        ("  response:", "  # response:"),
        "hand_off:\n  bdr",
        "nothing tells that a lead is returned\n  → map the receiver's answer as `hand_off: response:`",
    ),
    "a task that is not read": (
        "{stage: sql, task: {returned_by: [canceled]}, returned: {}}",
        ("  - object: Task\n", "  - object: Other\n"),
        "Task\n    subject: Subject\n    body",
        "outcomes of the task, and Task is not read\n  → add an entry for Task with its `outcome` to `activities`",
    ),
}


@pytest.mark.parametrize("name", UNMAPPED)
def test_what_the_policy_asks_for_and_the_mapping_lacks_is_told(name: str) -> None:
    text, change, words, expected = UNMAPPED[name]
    document = read_document(changed(change), "mapping.yaml")
    [finding] = unmapped_findings(policy(text).every_hand_over[0], mapping_from(document), document)
    assert told(finding).startswith(f"{place(changed(change), words)}: "), finding
    assert expected in str(finding)


def test_a_first_touch_that_nobody_could_make_is_told() -> None:
    text = changed().replace("      - {from: Activity_Kind__c}\n", "")
    document = read_document(text, "mapping.yaml")
    mapped = mapping_from(document)
    rule = policy("{stage: sql, first_touch: {within_hours: 4, kinds: [fax, letter]}}").every_hand_over[0]
    [finding] = unmapped_findings(rule, mapped, document)
    assert told(finding).startswith(place(text, "activities:\n"))
    assert "no activity here is `fax` or `letter`" in finding.message
    assert finding.hint == "name kinds of this mapping as `first_touch: kinds`: call, email, meeting, note, task"
    one_of_two = policy("{stage: sql, first_touch: {within_hours: 4, kinds: [fax, call]}}").every_hand_over[0]
    assert list(unmapped_findings(one_of_two, mapped, document)) == []
    without = policy("{stage: sql}").every_hand_over[0]
    assert list(unmapped_findings(without, mapped, document)) == []


def native(name: str, *choices: str, writable: bool = True, open_choices: bool = False) -> NativeField:
    listed = tuple(Choice(value, value) for value in choices)
    return NativeField(name, name, "text", writable, listed, open_choices)


def test_what_the_crm_does_not_let_us_write_is_told_at_its_place() -> None:
    text = changed()
    document = read_document(text, "mapping.yaml")
    lead = {
        "Bdr__c": native("Bdr__c", writable=False),
        "Hand_Off_Response__c": native("Hand_Off_Response__c", "Accepted", "returned"),
    }
    findings = list(hand_off_findings_against(mapping_from(document), lead, document))
    assert [told(finding) for finding in findings] == [
        f"{place(text, 'Bdr__c   #')}: `Bdr__c` on Lead cannot be written by the signed-in user\n"
        "  → give the integration user edit permission for it, or map a field it may write",
        f"{place(text, 'accepted, returned')}: Hand_Off_Response__c has no active value `accepted`\n"
        "  → did you mean `Accepted`?",
    ]
    opened = {**lead, "Hand_Off_Response__c": native("Hand_Off_Response__c", "Accepted", open_choices=True)}
    assert len(list(hand_off_findings_against(mapping_from(document), opened, document))) == 3, (
        "a CRM that takes any text shows it in no list: crmsync does not write it"
    )


def test_what_the_task_lacks_in_the_crm_is_told_at_its_place() -> None:
    text = changed()
    document = read_document(text, "mapping.yaml")
    mapped = mapping_from(document).hand_off
    assert mapped is not None
    assert mapped.task is not None
    fields = {name: native(name) for name in ("Subject", "Descriptions", "OwnerId", "Status")}
    fields["ActivityDate"] = native("ActivityDate", writable=False)
    fields["Priority"] = native("Priority", "Normal", "Urgent")
    last = text[text.index("  task:\n") :]
    offset = text.count("\n", 0, text.index("  task:\n"))

    def where(words: str) -> str:
        line, column = place(last, words).split(":")
        return f"{int(line) + offset}:{column}"

    findings = [told(finding) for finding in task_findings(mapped.task, fields, document, ("hand_off", "task"))]
    assert [finding.partition("\n")[0] for finding in findings] == [
        f"{where('Description')}: Task has no field `Description` that the signed-in user can see",
        f"{where('ActivityDate')}: `ActivityDate` on Task cannot be written by the signed-in user",
        f"{where('High}')}: Priority has no active value `High`",
    ]
    assert "did you mean `Descriptions`?" in findings[0]


def test_the_fields_of_the_hand_off_are_no_facts_of_a_rehearsal() -> None:
    attributes = {
        "bdr": ("Bdr__c", "text"),
        "hand_off_response": ("Hand_Off_Response__c", "text"),
        "x": ("X__c", "text"),
    }
    text = mapping_text("salesforce", attributes)
    facts = mapping_from(read_document(text, "mapping.yaml")).facts
    assert "x" in facts
    assert not {"bdr", "hand_off_response"} & set(facts)
    assert STARTS in text, "the example in comments is still there"
