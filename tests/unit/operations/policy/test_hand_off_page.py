"""The hand-off on the page of a policy: what is told to whom, for every rule and its absence."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crmsync.configuration import read_document
from crmsync.operations.policy.hand_off_page import hand_off_blocks
from crmsync.operations.policy.page import Block, Table
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets

AE, BDR, BOTH = "The receiver (AE)", "Whoever handed off (BDR)", "Marketing and sales"
REPORT = (BOTH, "See who was in touch in time, and what came back and why: `crmsync report hand-offs`.")
RULES: Mapping[str, tuple[str, list[tuple[str, str]]]] = {
    "a task alone": (
        "{stage: sql, task: {}}",
        [(AE, "Gets a task “Get in touch”, which tells the reasons."), REPORT],
    ),
    "a task with its own time": (
        "{stage: sql, task: {subject: Call, due_hours: 1}, first_touch: {within_hours: 4}}",
        [
            (AE, "Gets a task “Call”, due within 1 working hour, which tells the reasons."),
            (AE, "Is in touch within 4 working hours: what counts is their own call, email or meeting, or accepting "
             "the lead."),
            REPORT,
        ],
    ),
    "the task's outcomes": (
        "{stage: sql, task: {accepted_by: [completed], returned_by: [not_a_fit, canceled]}, "
        "first_touch: {within_hours: 0.5, kinds: [call], remind_after_hours: 2.5, reassign_after_hours: 1000}, "
        "returned: {at_most: 1, again_after_days: 1}}",
        [
            (AE, "Gets a task “Get in touch”, due within 0.5 working hours, which tells the reasons."),
            (AE, "Is in touch within 0.5 working hours: what counts is their own call, or accepting the lead or the "
             "task's outcome completed."),
            (AE, "Without contact for 2.5 working hours: gets a second task as a reminder, due now."),
            (AE, "Without contact for 1000 working hours: loses the lead to the next receiver."),
            (AE, "Gives a lead back by the answer “returned” in the CRM, or by the task's outcome not a fit or "
             "canceled, and says why."),
            (BDR, "A lead that is given back returns to them, with the reason. It is handed off again when the "
             "answer is taken back in the CRM, or 1 day later. If they have left, it goes to the next receiver."),
            (BOTH, "After 1 return a lead stays where it is, and a person decides."),
            REPORT,
        ],
    ),
    "to the next": (
        "{stage: sql, returned: {to: next}}",
        [
            (AE, "Gives a lead back by the answer “returned” in the CRM, and says why."),
            (BDR, "A lead that is given back goes to the next receiver, not to one who had it before."),
            (BOTH, "After 3 returns a lead stays where it is, and a person decides."),
            REPORT,
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_each_rule_is_told_to_whom_it_concerns(name: str) -> None:
    text, expected = RULES[name]
    tables = [block for block in blocks(text) if isinstance(block, Table)]
    assert [list(table.rows) for table in tables] == [expected]


def test_without_a_process_one_sentence_tells_all() -> None:
    [said] = blocks("{stage: sql}")
    told = "From Sales qualified lead on, a lead belongs to somebody who receives leads; the roster says who."
    assert said.to_json() == {"paragraph": told}
    [none] = blocks("null")
    assert none.to_json() == {"paragraph": "No stage hands a lead over to somebody else."}


def blocks(hand_off: str) -> list[Block]:
    text = f"format: 1\nname: Test\nextends: saas\nhand_off: {hand_off}\n"
    return list(hand_off_blocks(policy_from(read_document(text, "policy.yaml"), presets())))
