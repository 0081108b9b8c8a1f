"""When the fields that crmsync fills for people are written, and a change narrowed to one of its parts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from crmsync.contract import NativeField
from crmsync.mapping import Filled
from crmsync.mapping.write import Content, Written
from crmsync.model import Change, HandOffStep, NewRecord
from crmsync.plan import Part, field_notes, filling, narrowed

DAY = date(2026, 11, 28)
HELD = {"Fit__c": "52", "Band__c": "A", "Why__c": "because", "By__c": "yesterday"}


def wanted(**values: str | None) -> list[tuple[Filled, str | None]]:
    contents: dict[str, Content] = {"Fit__c": "score", "Band__c": "band", "Why__c": "reasons", "By__c": "decided_by"}
    return [
        (Filled(Written(name, contents[name], "", (), {}), NativeField(name, name, "text", True)), value)
        for name, value in {**HELD, "By__c": "today", **values}.items()
    ]


def days_ago(days: int | None) -> date | None:
    return None if days is None else DAY - timedelta(days=days)


def decided(days: int | None = 1, *, moves: bool = False, ages_on: date | None = None, **values: str | None) -> Any:
    return filling(
        wanted(**values), HELD, moves=moves, written_on=days_ago(days), as_of=DAY, after_days=30, ages_on=ages_on
    )


@pytest.mark.parametrize(
    ("values", "days", "moves", "written"),
    [
        ({}, 1, False, set()),
        ({}, 1, True, {"By__c"}),
        ({"Fit__c": "52.0"}, 40, True, {"By__c"}),
        ({"Fit__c": "51"}, 1, False, set()),
        ({"Fit__c": "51"}, 29, False, set()),
        ({"Fit__c": "51"}, 30, False, {"Fit__c", "By__c"}),
        ({"Fit__c": "51"}, None, False, {"Fit__c", "By__c"}),
        ({"Fit__c": "51"}, 1, True, {"Fit__c", "By__c"}),
        ({"Fit__c": "51", "Band__c": "B"}, 1, False, {"Fit__c", "Band__c", "By__c"}),
        ({"Why__c": "no more"}, 1, False, {"Why__c", "By__c"}),
        ({"Why__c": None}, 1, False, {"Why__c", "By__c"}),
        ({}, 400, False, set()),
    ],
)
def test_what_is_written(values: dict[str, str | None], days: int | None, moves: bool, written: set[str]) -> None:
    found = decided(days, moves=moves, **values)
    assert set(found.writes) == written
    assert all(pair == (HELD[name], dict(wanted_values(values))[name]) for name, pair in found.writes.items())


def wanted_values(values: dict[str, str | None]) -> list[tuple[str, str | None]]:
    return [(each.written.field, value) for each, value in wanted(**values)]


LATER = DAY + timedelta(days=3)
MUCH_LATER = DAY + timedelta(days=300)


@pytest.mark.parametrize(
    ("values", "days", "ages_on", "look_on"),
    [
        ({"Fit__c": "51"}, 10, None, DAY + timedelta(days=20)),
        ({"Fit__c": "51"}, 10, LATER, DAY + timedelta(days=20)),
        ({"Fit__c": "51"}, 30, LATER, DAY + timedelta(days=30)),
        ({"Fit__c": "51"}, 30, None, None),
        ({"Fit__c": "51"}, 30, MUCH_LATER, MUCH_LATER),
        ({}, 10, LATER, DAY + timedelta(days=20)),
        ({}, 40, LATER, LATER),
        ({}, None, LATER, LATER),
        ({}, 10, None, None),
    ],
)
def test_when_a_score_is_looked_at_again(
    values: dict[str, str | None], days: int | None, ages_on: date | None, look_on: date | None
) -> None:
    assert decided(days, ages_on=ages_on, **values).look_on == look_on


WHOLE = Change(
    lead="1",
    stage_before="mql",
    stage_after="sql",
    owner_before="bea",
    owner_after="ann",
    writes={
        "Status": ("Open", "Sales"),
        "OwnerId": ("bea", "ann"),
        "Answer": ("x", None),
        "Why__c": (None, "asked"),
    },
    scores={},
    reasons=(),
    turn="aes",
    hand_off=HandOffStep("handed", 1, "bea", answer="Answer"),
    creates=(NewRecord("Task", {"Subject": "Call"}, ("Subject",)),),
    fields=("Why__c",),
)
STAYS = Change("1", "sql", "sql", "ann", "ann", {"Why__c": (None, "asked")}, {}, (), fields=("Why__c",))


@pytest.mark.parametrize(
    ("part", "writes", "beside", "fields"),
    [
        ("stage", {"Status"}, {"OwnerId": "bea", "Answer": "x"}, ()),
        ("owner", {"OwnerId", "Answer"}, {"Status": "Open"}, ()),
        ("fields", set(), {"Status": "Open", "OwnerId": "bea", "Answer": "x"}, ()),
    ],
)
def test_a_change_narrowed(part: Part, writes: set[str], beside: dict[str, str], fields: tuple[str, ...]) -> None:
    narrow = narrowed(WHOLE, part, {"Status"})
    assert (set(narrow.writes), narrow.beside, narrow.fields) == (writes, beside, fields)
    assert narrow.stage_changes is (part == "stage")
    assert narrow.owner_changes is (part == "owner")
    assert (narrow.turn, narrow.hand_off, narrow.creates) == (
        (WHOLE.turn, WHOLE.hand_off, WHOLE.creates) if part == "owner" else (None, None, ())
    )


def test_fields_alone_are_left_of_a_change_that_moves_nothing() -> None:
    assert narrowed(STAYS, "fields", {"Status"}) == STAYS
    assert narrowed(STAYS, "stage", {"Status"}).writes == {}


def moved(number: int) -> Change:
    return Change(str(number), "mql", "sql", None, None, {"Status": ("mql", "sql")}, {}, ())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([moved(1)], []),
        ([WHOLE], ["fields for people are written on 1 lead, together with stage or owner: no further call"]),
        (
            [moved(number) for number in range(200)] + [STAYS],
            ["fields for people are written on 1 lead, of which 1 is written for them alone: about 3 calls more"],
        ),
        (
            [moved(number) for number in range(199)] + [STAYS],
            ["fields for people are written on 1 lead, of which 1 is written for them alone: no further call"],
        ),
        (
            [STAYS] * 401,
            [
                "fields for people are written on 401 leads, of which 401 are written for them alone: "
                "about 9 calls more"
            ],
        ),
    ],
)
def test_the_plan_says_what_the_fields_cost(changes: list[Change], told: list[str]) -> None:
    assert list(field_notes(changes, 200)) == told
