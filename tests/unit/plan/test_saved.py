"""Plans read back from a file: every change comes back whole, and whatever was altered is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from crmsync.errors import UsageError
from crmsync.model import Between, BoundTo, Change, GuardReading, HandOffStep, NewRecord, Plan, Routing
from crmsync.plan import digest_of, read_plans, report_to_json
from crmsync.values import replace
from suite.every_change import VARIANTS

DAY = date(2026, 11, 21)
BETWEEN = Between("between aes, partners", 6, 7, (("aes", 7), ("partners", 3)))
CHANGE = Change(
    lead="1",
    stage_before="mql",
    stage_after="sql",
    owner_before="bea",
    owner_after="ann",
    writes={"Status": ("Open", "Sales"), "OwnerId": ("bea", "ann"), "Answer": ("x", None)},
    scores={"fit": (12000, 15000)},
    reasons=("asked for a demo",),
    turn="aes",
    beside={"Other": None, "More": "as read"},
    routing=Routing("next", "aes", 4, 5, (("abe", "absent"),), (("ann", 2), ("bea", 1)), BETWEEN),
    hand_off=HandOffStep("passed_on", 2, "bea", "no time", "Answer"),
    creates=(NewRecord("Task", {"Subject": "Call"}, ("Subject",)),),
    fields=("Answer",),
)
ONLY_OWNER = Change("2", "sql", "sql", None, "desk", {"OwnerId": (None, "desk")}, {}, ())
BOUND = BoundTo("store", "salesforce", "org", "p", "m", "r", "run", 7)


def answer(**more: Any) -> dict[str, Any]:
    plan = Plan(
        connection="salesforce",
        as_of=DAY,
        changes=(CHANGE, ONLY_OWNER),
        set_aside=(),
        guards=(GuardReading("changed_share", 0.5, 0.25, breached=True),),
        counts={"read": 12},
        stages={"sql": 3},
        digest=digest_of("salesforce", DAY, (CHANGE, ONLY_OWNER)),
        notes=("first run",),
        bound_to=BOUND,
        decided={"1": "sql", "2": "sqo"},
    )
    told = report_to_json([replace(plan, **more)], [], dry_run=True, as_of=DAY)
    parsed: dict[str, Any] = json.loads(json.dumps(told))
    return parsed


def refused(data: Any) -> str:
    with pytest.raises(UsageError) as told:
        read_plans(data if isinstance(data, str) else json.dumps(data), "plan.json")
    return told.value.message


def test_a_plan_comes_back_whole() -> None:
    [plan] = read_plans(json.dumps(answer(), indent=2), "plan.json")
    assert plan.changes == (CHANGE, ONLY_OWNER)
    assert (plan.connection, plan.as_of, plan.bound_to) == ("salesforce", DAY, BOUND)
    assert plan.decided == {"1": "sql", "2": "sqo"}
    assert [(guard.name, guard.breached) for guard in plan.guards] == [("changed_share", True)]


NO_CHANGE_HAS = {"creates.values", "creates.known_by"}
"""What a record is known by is among its values, and these two are varied one without the other."""


@pytest.mark.parametrize("name", sorted(VARIANTS.keys() - NO_CHANGE_HAS))
def test_every_field_of_a_change_comes_back(name: str) -> None:
    """A field that the file's shape does not have would be lost between a review and `apply`."""
    change = VARIANTS[name]
    data = answer(changes=(change,), digest=digest_of("salesforce", DAY, (change,)), decided={})
    [plan] = read_plans(json.dumps(data), "plan.json")
    assert plan.changes == (change,)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value that holds no others, and to every key."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*at, key))


def altered(data: Any, place: tuple[Any, ...]) -> Iterator[Any]:
    """The value there one byte longer, or gone."""
    for way in ("changed", "gone"):
        changed = copy.deepcopy(data)
        inner = changed
        for step in place[:-1]:
            inner = inner[step]
        held = inner[place[-1]]
        if way == "gone":
            del inner[place[-1]]
        elif isinstance(held, bool):
            inner[place[-1]] = not held
        elif isinstance(held, int | float):
            inner[place[-1]] = held + 1
        elif isinstance(held, dict | list):
            continue
        else:
            inner[place[-1]] = f"{held or ''}x"
        yield changed


def test_every_place_that_was_changed_is_refused() -> None:
    data = answer()
    every = [changed for place in places(data) for changed in altered(data, place)]
    assert len(every) > 120
    for changed in every:
        assert refused(changed).startswith("plan.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "plan.json:1:2: this is no JSON"),
        ("[1]", "plan.json is not a plan"),
        ('{"counters": {}}', "plan.json is not a plan"),
        ('{"plans": [], "plans": []}', "plan.json: a key stands twice in one object"),
        ('{"plans": [1%s]}' % ("0" * 5000), "plan.json: a number has too many digits"),
        ('{"plans": [NaN]}', "plan.json: NaN is no JSON"),
        ("[" * 100_000, "plan.json: nested too deeply for a plan"),
    ],
)
def test_what_is_no_plan_is_told_with_its_place(text: str, words: str) -> None:
    assert refused(text) == words


def test_plans_that_are_not_to_be_applied_are_refused() -> None:
    ran = report_to_json([], [], dry_run=False, as_of=DAY)
    assert "was carried out" in refused(json.dumps(ran))
    assert "made by `crmsync apply`" in refused(answer(bound_to=replace(BOUND, kind="apply")))
    assert "made by `crmsync undo`" in refused(answer(bound_to=replace(BOUND, kind="undo"), undo_of=3))
    assert "no plan" in refused(json.loads(json.dumps(report_to_json([], [], dry_run=True, as_of=DAY))))
    odd = answer()
    odd["plans"][0]["changes"][1]["beside"] = 3
    assert refused(odd).startswith("plan.json: plans[0].changes[1].beside: ")
