"""Hand-overs in a policy: what may be said, what is told of mistakes, and that one `hand_off` is a list of one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crmsync.configuration import read_document
from crmsync.errors import ConfigurationError
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets

HEAD = """format: 1
name: Test
facts: {budget: {type: choice, values: [none, enough]}}
criteria: {can_pay: {fact: budget, is: enough}}
ladder: [{stage: lead}, {stage: mql, when: can_pay}, {stage: sql, when: can_pay}]
disqualified: {reasons: [{name: no_budget, when: {fact: budget, is: none}}]}
"""


def policy(text: str, head: str = HEAD) -> Policy:
    return policy_from(read_document(head + text, "policy.yaml"), presets())


def listed(*entries: str) -> str:
    return "hand_overs:\n" + "".join(f"  - {entry}\n" for entry in entries)


MISTAKES: Mapping[str, tuple[str, str]] = {
    "both": (
        "hand_off: {stage: sql}\n" + listed("{name: a, stage: sql}"),
        "`hand_off` and `hand_overs` say the same thing in two ways",
    ),
    "nothing says when": (listed("{name: a}"), "nothing says when leads are handed over"),
    "on the ladder and off it": (
        listed("{name: a, stage: sql, leaving: true}"),
        "a lead that leaves the ladder stands on none of its stages",
    ),
    "no such stage": (listed("{name: a, stage: sqll}"), "`sqll` is no stage of this policy\n  → did you mean `sql`?"),
    "beside the ladder": (
        listed("{name: a, stage: disqualified}"),
        "`disqualified` is no stage of the ladder\n  → name a stage of the ladder; `leaving`",
    ),
    "the only one beside the ladder": (
        "hand_off: {stage: disqualified}\n",
        "`disqualified` is no stage of the ladder",
    ),
    "no such criterion": (
        listed("{name: a, when: can_pey}"),
        "`can_pey` is no criterion of this policy\n  → did you mean `can_pay`?",
    ),
    "no such reason": (
        listed("{name: a, leaving: no_budgett}"),
        "`no_budgett` is no reason of this policy\n  → did you mean `no_budget`?",
    ),
    "leaving nothing": (listed("{name: a, leaving: false}"), "`true` or names of reasons belong here, not `false`"),
    "no such origin": (
        listed("{name: a, stage: sql, from: nobdy}"),
        "`nobdy` says nothing about an owner\n  →",
    ),
    "two origins in one": (
        listed("{name: a, stage: sql, from: [{queue: In, role: bdr}]}"),
        "one thing belongs here\n  → write `{queue: NAME}` or `{role: ROLE}`",
    ),
    "from nowhere": (listed("{name: a, stage: sql, from: []}"), "`from` has too few entries"),
    "twice": (listed("{name: a, stage: mql}", "{name: a, stage: sql}"), "the hand-over `a` stands twice"),
    "a word of the roster": (listed("{name: new_lead, stage: mql}"), "`new_lead` means something else in the roster"),
    "a key of receivers": (listed("{name: team, stage: mql}"), "`team` means something else in the roster"),
    "two of one label": (
        listed("{name: a, stage: mql, label: b}", "{name: b, stage: sql}"),
        "two hand-overs are called `b`\n  → tasks are told apart by it",
    ),
    "in the wrong order": (
        listed("{name: to_ae, stage: sql}", "{name: to_bdr, stage: mql}"),
        "`to_ae` would never count: `to_bdr`, further down, counts wherever it does",
    ),
    "covered without its criterion": (
        listed("{name: a, stage: sql, when: can_pay}", "{name: b, stage: sql}"),
        "`a` would never count: `b`",
    ),
    "a reason after all": (
        listed("{name: a, leaving: no_budget}", "{name: b, leaving: true}"),
        "`a` would never count: `b`",
    ),
    "of a segment": (
        listed("{name: a, stage: sql}")
        + "segments:\n  - {name: big, when: can_pay, policy: {hand_overs: [{name: b, stage: mql}]}}\n",
        "a segment has no hand-overs of its own",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_its_file_with_the_mend(name: str) -> None:
    text, told = MISTAKES[name]
    with pytest.raises(ConfigurationError) as refused:
        policy(text)
    words = [str(finding) for finding in refused.value.findings]
    assert any(told in each for each in words), words
    assert all(each.startswith("policy.yaml:") for each in words)


def test_nobody_leaves_where_there_is_no_such_stage() -> None:
    head = HEAD.partition("disqualified:")[0]
    with pytest.raises(ConfigurationError, match="no lead leaves the ladder"):
        policy(listed("{name: a, leaving: true}"), head)


def test_orders_in_which_each_may_be_the_last_are_allowed() -> None:
    found = policy(
        listed(
            "{name: to_bdr, stage: mql, from: nobody}",
            "{name: to_ae, stage: sql}",
            "{name: big, stage: mql, when: [can_pay]}",
            "{name: any, leaving: true}",
            "{name: nurture, leaving: no_budget}",
        )
    )
    assert [found.stages_of(each) for each in found.hand_overs] == [
        ("mql", "sql"),
        ("sql",),
        ("mql", "sql"),
        ("disqualified",),
        ("disqualified",),
    ]
    assert found.stages_handed_over == ("mql", "sql")
    assert [each.key for each in found.every_hand_over] == ["to_bdr", "to_ae", "big", "any", "nurture"]


def test_one_hand_off_is_a_list_of_one_and_says_nothing_new() -> None:
    one = policy("hand_off: {stage: sql, task: {subject: Call}}\n")
    [rule] = one.every_hand_over
    assert (rule.key, rule.name, rule.stage, rule.from_) == (None, "hand_off", "sql", None)
    assert rule.task == one.hand_off.task  # type: ignore[union-attr]
    assert "hand_overs" not in one.model_dump(), "digests of policies from before there were any stay as they were"
    assert policy("").every_hand_over == ()


def test_who_writes_one_does_not_take_over_the_other() -> None:
    based = "format: 1\nname: Test\nextends: saas\n"
    assert policy("", based).hand_off is not None
    several = policy(listed("{name: to_bdr, stage: mql}"), based)
    assert (several.hand_off, [each.name for each in several.hand_overs]) == (None, ["to_bdr"])
    none = policy("hand_off: null\n", based)
    assert none.every_hand_over == ()


def test_segments_take_the_main_hand_overs_over() -> None:
    found = policy(listed("{name: a, stage: sql}") + "segments: [{name: big, when: can_pay, policy: {}}]\n")
    assert [each.name for each in found.every_hand_over] == ["a"]
