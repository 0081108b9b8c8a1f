"""Movement on the ladder: one table for each kind of policy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import Document
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.examples import Example, differences
from crmsync.qualify.language.reading import policy_from

AS_OF = date(2026, 11, 21)


def data(**parts: Any) -> dict[str, Any]:
    """A ladder by one number: mql from 1, sql from 2, sqo from 3; out below 0."""
    rungs = [
        {"stage": name, "when": {"fact": "n", "at_least": n}} for n, name in ((1, "mql"), (2, "sql"), (3, "sqo"))
    ]
    return {
        "name": "moving",
        "facts": {"n": {"type": "integer"}, "bad": {"type": "boolean"}},
        "ladder": [{"stage": "lead"}, *rungs],
        "disqualified": {"stage": "out", "reasons": [{"name": "minus", "when": {"fact": "n", "below": 0}}]},
        **parts,
    }


def expect(
    policy: dict[str, Any], n: int | None, stage: str | None, told: tuple[str | None, str], **lead: Any
) -> None:
    compiled = compile_policy(
        policy_from(Document("x.yaml", policy, {}, {}), {}), mapped_facts=frozenset({"n", "bad"})
    )
    wanted: dict[str, Any] = {"stage_why": told[1]} | ({"stage": told[0]} if told[0] else {})
    facts = {} if n is None else {"n": n}
    bad = {} if "bad" not in lead else {"bad": lead.pop("bad")}
    review = lead.pop("review", None)
    if review is not None:
        wanted["review_in_days"] = review
    example = Example(name="x", facts=facts | bad, stage=stage, expect=wanted, **lead)  # type: ignore[arg-type]
    assert [str(one) for one in differences(compiled, [example], AS_OF)] == []


@pytest.mark.parametrize(
    ("n", "stage", "told"),
    [
        (2, None, ("sql", "earned")),
        (2, "lead", ("sql", "earned")),
        (2, "sql", ("sql", "earned")),
        (2, "sqo", ("sqo", "kept")),
        (None, None, ("lead", "earned")),
        (None, "sql", ("sql", "kept")),
        (-1, "sql", ("out", "disqualified")),
        (-1, "out", ("out", "disqualified")),
        (3, "out", ("out", "stays_disqualified")),
        (3, "customer", (None, "unmanaged")),
    ],
)
def test_forward_by_default_backward_never(n: int | None, stage: str | None, told: tuple[str | None, str]) -> None:
    expect(data(), n, stage, told)


def test_an_unmanaged_lead_is_untouched() -> None:
    expect(data(), 3, None, (None, "unmanaged"), managed=False)
    expect(data(), -1, None, (None, "unmanaged"), managed=False)


@pytest.mark.parametrize(
    ("edited", "told", "review"),
    [
        (0, ("mql", "hands_off"), 15),
        (14, ("mql", "hands_off"), 1),
        (15, ("sqo", "earned"), "never"),
        (-2, ("sqo", "earned"), 2),
    ],
)
def test_hands_off(edited: int, told: tuple[str, str], review: Any) -> None:
    policy = data(movement={"hands_off_days": 14})
    expect(policy, 3, "mql", told, stage_edited_days_ago=edited, review=review)


def test_hands_off_is_stronger_than_disqualification() -> None:
    expect(data(movement={"hands_off_days": 14}), -1, "mql", ("mql", "hands_off"), stage_edited_days_ago=3)


def test_protected_stages_stay() -> None:
    policy = data(movement={"protected": ["sql"]})
    expect(policy, 3, "sql", ("sql", "protected"))
    expect(policy, -1, "sql", ("sql", "protected"))
    expect(policy, 3, "mql", ("sqo", "earned"))


@pytest.mark.parametrize(
    ("since", "told", "review"),
    [
        (10, ("sql", "cooling_down"), 1),
        (11, ("mql", "moved_back"), "never"),
        (None, ("sql", "cooling_down"), "never"),
    ],
)
def test_backward_after_cooling_down(since: int | None, told: tuple[str, str], review: Any) -> None:
    policy = data(movement={"backward": "allowed", "cool_down_days": 10})
    expect(policy, 1, "sql", told, stage_since_days_ago=since, review=review)


def test_backward_at_once() -> None:
    expect(data(movement={"backward": "allowed"}), None, "sqo", ("lead", "moved_back"))


def ladder_with(stage: str, **more: Any) -> list[dict[str, Any]]:
    return [{**rung, **(more if rung["stage"] == stage else {})} for rung in data()["ladder"]]


def test_people_set_a_stage() -> None:
    policy = data(ladder=ladder_with("sqo", set_by="people"))
    expect(policy, 3, "lead", ("sql", "earned"))
    expect(policy, 3, "sql", ("sql", "left_to_people"))
    expect(policy, 3, "sqo", ("sqo", "earned"))


def test_a_stage_that_stands_alone() -> None:
    ladder = data()["ladder"]
    ladder[3] = {"stage": "sqo", "when": {"fact": "bad", "is": False}, "stands_alone": True}
    expect(data(ladder=ladder), None, "lead", ("sqo", "earned"), bad=False)
    expect(data(ladder=ladder), 2, "lead", ("sql", "earned"), bad=True)


RECYCLE = {"after_days": 30, "on_new_engagement": {"kind": "form"}}


@pytest.mark.parametrize(
    ("n", "since", "form", "told"),
    [
        (2, 30, None, ("sql", "recycled")),
        (2, 29, None, ("out", "stays_disqualified")),
        (2, 10, 9, ("sql", "recycled")),
        (2, 10, 10, ("out", "stays_disqualified")),
        (2, None, 1, ("out", "stays_disqualified")),
        (-1, 90, 1, ("out", "disqualified")),
        (None, 30, None, ("lead", "recycled")),
    ],
)
def test_recycling(n: int | None, since: int | None, form: int | None, told: tuple[str, str]) -> None:
    policy = data()
    policy["disqualified"]["recycle"] = RECYCLE
    activities = [] if form is None else [{"kind": "form", "days_ago": form}]
    expect(policy, n, "out", told, stage_since_days_ago=since, activities=activities)


def test_recycling_to_a_stage() -> None:
    policy = data()
    policy["disqualified"]["recycle"] = {"after_days": 30, "to": "lead"}
    expect(policy, -1, "out", ("out", "disqualified"), stage_since_days_ago=40)
    expect(policy, None, "out", ("lead", "recycled"), stage_since_days_ago=40)
    expect(policy, 3, "out", ("out", "stays_disqualified"), stage_since_days_ago=20, review=10)


@pytest.mark.parametrize(
    ("to", "n", "movement", "stands"),
    [
        ("lead", 1, {}, "mql"),
        ("lead", 3, {}, "sqo"),
        ("mql", 1, {}, "mql"),
        ("sql", 1, {}, "sql"),
        ("sql", 1, {"backward": "allowed"}, "mql"),
        ("sql", 1, {"backward": "allowed", "cool_down_days": 5}, "sql"),
        ("lead", 3, {"protected": ["lead"]}, "lead"),
        ("earned", 2, {}, "sql"),
    ],
)
def test_a_recycled_lead_stands_where_the_next_look_leaves_it(
    to: str, n: int, movement: dict[str, Any], stands: str
) -> None:
    policy = data(movement=movement)
    policy["disqualified"]["recycle"] = {"after_days": 0, "to": to}
    expect(policy, n, "out", (stands, "recycled"), stage_since_days_ago=3)
    compiled = compile_policy(policy_from(Document("x.yaml", policy, {}, {}), {}), mapped_facts=frozenset({"n"}))
    again = Example(name="again", facts={"n": n}, stage=stands, stage_since_days_ago=0, expect={"stage": stands})
    assert differences(compiled, [again], AS_OF) == []


def test_sales_confirmation() -> None:
    confirmed = {
        "stage": "sqo",
        "mode": "required",
        "evidence": {"activities": {"kind": "call", "outcome": "connected"}},
    }
    expect(data(sales_confirmation=confirmed), 3, None, ("sql", "earned"))
    called = [{"kind": "call", "outcome": "connected"}]
    expect(data(sales_confirmation=confirmed), 3, None, ("sqo", "earned"), activities=called)
    expect(data(sales_confirmation={**confirmed, "mode": "waived"}), 3, None, ("sqo", "earned"))


def test_the_first_reason_is_told() -> None:
    policy = data()
    policy["disqualified"] = {
        "stage": "out",
        "when": {"fact": "bad", "is": True},
        "reasons": [
            {"name": "one", "when": {"fact": "n", "is": 1}},
            {"name": "low", "when": {"fact": "n", "below": 2}},
        ],
    }
    compiled = compile_policy(
        policy_from(Document("x.yaml", policy, {}, {}), {}), mapped_facts=frozenset({"n", "bad"})
    )
    examples = [
        Example(name="both", facts={"n": 1, "bad": True}, expect={"reason": "one"}),  # type: ignore[arg-type]
        Example(name="second", facts={"n": 0}, expect={"reason": "low"}),  # type: ignore[arg-type]
        Example(name="when", facts={"n": 9, "bad": True}, expect={"reason": "other"}),  # type: ignore[arg-type]
    ]
    assert [str(one) for one in differences(compiled, examples, AS_OF)] == []


def test_not_knowing_the_segment_neither_disqualifies_nor_promotes() -> None:
    """The main policy disqualifies a lead that earns little, the segment's gives it much; neither is sure."""
    policy = data(segments=[{"name": "big", "when": {"fact": "big", "is": True}, "policy": {}}])
    policy["facts"]["big"] = {"type": "boolean"}
    policy["criteria"] = {"low": {"fact": "n", "at_least": 9}, "out": {"fact": "bad", "is": True}}
    policy["ladder"] = [{"stage": "lead"}, {"stage": "mql", "when": {"fact": "n", "at_least": 1}}]
    policy["ladder"].append({"stage": "sqo", "when": "low"})
    policy["disqualified"] = {"stage": "out", "reasons": [{"name": "bad", "when": "out"}]}
    policy["segments"][0]["policy"] = {
        "criteria": {"low": {"fact": "n", "at_least": 1}, "out": {"fact": "n", "is": 0}}
    }
    for key in ("movement", "sales_confirmation"):
        policy.pop(key, None)
    compiled = compile_policy(
        policy_from(Document("x.yaml", policy, {}, {}), {}), mapped_facts=frozenset({"n", "bad", "big"})
    )
    facts = {"n": 1, "bad": True}
    examples = [
        Example(name="small", facts={**facts, "big": False}, expect={"stage": "out", "earned_stage": "mql"}),  # type: ignore[arg-type]
        Example(name="big", facts={**facts, "big": True}, expect={"stage": "sqo", "policy": "big"}),  # type: ignore[arg-type]
        Example(name="either", facts=facts, expect={"stage": "mql", "earned_stage": "mql", "stage_why": "earned"}),  # type: ignore[arg-type]
    ]
    assert [str(one) for one in differences(compiled, examples, AS_OF)] == []
