"""Searches agree with an independent evaluation in plain Python, for a few hundred random filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.practice.thorough import drawing

WORDS = ["Ada", "ada", "Bo Berg", "ÉMILE", "émile", "zoë x", "straße", "a;b", "100%", None]
NUMBERS = [0, 1, -3, 2.5, 10, 100, None]
STAGES = ["lead", "customer", "Customer", None]
START = datetime(2026, 10, 1, tzinfo=UTC)
ROWS = [
    {
        "firstname": WORDS[number % len(WORDS)],
        "size": NUMBERS[number % len(NUMBERS)],
        "lifecyclestage": STAGES[number % len(STAGES)],
        "createdate": START + timedelta(hours=7 * number),
        "hs_object_id": 51 + number,
    }
    for number in range(140)
]


@pytest.fixture(scope="module")
def inside(build: Callable[..., Any], lead: Callable[..., Any]) -> Any:
    """The rows as contacts."""
    return build(
        [
            lead(
                number,
                first_name=row["firstname"],
                stage=row["lifecyclestage"],
                created_at=row["createdate"],
                attributes={"size": row["size"]},
            )
            for number, row in enumerate(ROWS)
        ]
    )


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b,
    "NEQ": lambda a, b: a != b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}


def _comparable(name: str, value: Any) -> Any:
    """Texts compare whatever their case; stages exactly; all other things by their value."""
    return value.lower() if name == "firstname" and isinstance(value, str) else value


def _holds(row: dict[str, Any], name: str, operator: str, wanted: list[Any]) -> bool:
    stored = row[name]
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return (stored is not None) == (operator == "HAS_PROPERTY")
    if stored is None:
        return False
    if operator in ("IN", "NOT_IN"):
        return (_comparable(name, stored) in wanted) == (operator == "IN")
    values = [_comparable(name, each) for each in wanted]
    if operator == "BETWEEN":
        return bool(values[0] <= _comparable(name, stored) <= values[1])
    return COMPARE[operator](_comparable(name, stored), values[0])


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return str(int(value.timestamp() * 1000))
    return str(value)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "firstname": st.sampled_from([word for word in WORDS if word is not None] + ["ADA", "m", "bo berg"]),
    "size": st.sampled_from([number for number in NUMBERS if number is not None] + [7, 2]),
    "lifecyclestage": st.sampled_from(["lead", "customer", "Customer", "LEAD", "other"]),
    "createdate": st.integers(0, 1000).map(lambda hours: START + timedelta(hours=hours)),
    "hs_object_id": st.integers(40, 200),
}
OPERATORS = st.sampled_from([*COMPARE, "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"])
FILTERS = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.tuples(st.just(name), OPERATORS, st.lists(VALUES[name], min_size=2, max_size=3))
)
GROUPS = st.lists(st.lists(FILTERS, min_size=1, max_size=3), min_size=1, max_size=3)


def _shaped(name: str, operator: str, wanted: list[Any]) -> dict[str, Any]:
    shaped: dict[str, Any] = {"propertyName": name, "operator": operator}
    if operator in ("IN", "NOT_IN"):
        shaped["values"] = [_text(each) for each in wanted]
    elif operator not in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        shaped["value"] = _text(wanted[0])
        if operator == "BETWEEN":
            shaped["highValue"] = _text(wanted[1])
    return shaped


@drawing(150)
@given(GROUPS)
def test_a_search_finds_what_plain_python_finds(inside: Any, groups: list[list[tuple[str, str, list[Any]]]]) -> None:
    body = {
        "filterGroups": [{"filters": [_shaped(*each) for each in group]} for group in groups],
        "sorts": ["hs_object_id"],
        "limit": 200,
    }
    answer = inside.ask("POST", "/crm/v3/objects/contacts/search", body)
    expected = [
        row["hs_object_id"] for row in ROWS if any(all(_holds(row, *each) for each in group) for group in groups)
    ]
    assert [int(each["id"]) for each in answer["results"]] == expected
    assert answer["total"] == len(expected)


@drawing(30)
@given(st.sampled_from(sorted(VALUES)), st.booleans(), st.integers(1, 60))
def test_sorted_pages_join_to_the_whole(inside: Any, name: str, descending: bool, limit: int) -> None:
    sort = {"propertyName": name, "direction": "DESCENDING" if descending else "ASCENDING"}
    found: list[int] = []
    after: str | None = "0"
    while after is not None:
        body = {"sorts": [sort], "limit": limit, "after": after}
        page = inside.ask("POST", "/crm/v3/objects/contacts/search", body)
        found += [int(each["id"]) for each in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
    assert sorted(found) == [row["hs_object_id"] for row in ROWS]
    values = [ROWS[each - 51][name] for each in found]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=descending)
    assert values[len(known) :] == [None] * (len(values) - len(known))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("ada", 28), ("berg", 14), ("b*", 28), ("*rg", 14), ("zoë", 14), ("z?ë", 0), ("*", 126), ("bo berg", 14)],
)
def test_tokens(inside: Any, pattern: str, expected: int) -> None:
    wanted = {"propertyName": "firstname", "operator": "CONTAINS_TOKEN", "value": pattern}
    assert len(inside.search("contacts", wanted)) == expected
    other = {**wanted, "operator": "NOT_CONTAINS_TOKEN"}
    assert len(inside.search("contacts", other)) == 126 - expected


def test_a_free_query_looks_at_the_names_and_the_address(inside: Any) -> None:
    assert len(inside.search("contacts", query="BERG bo")) == 14
    assert inside.search("contacts", query="l7@x.example") == ["58"]
    assert inside.search("contacts", query="émi") == inside.search("contacts", query="ÉMI") != []
    assert inside.search("contacts", query="nobody") == []


def test_ten_thousand_are_reachable_and_no_more(build: Callable[..., Any], lead: Callable[..., Any]) -> None:
    inside = build([lead(number) for number in range(10_050)])
    body: dict[str, Any] = {"limit": 200, "after": "9900", "properties": ["email"]}
    page = inside.ask("POST", "/crm/v3/objects/contacts/search", body)
    assert page["total"] == 10_050 and len(page["results"]) == 100
    assert page["paging"]["next"]["after"] == "10000"
    status, text = inside.raw("POST", "/crm/v3/objects/contacts/search", body=b'{"limit": 200, "after": "10000"}')
    assert status == 400 and b"10000" in text


@pytest.mark.parametrize("by", ["hs_object_id", "firstname"])
def test_a_search_asked_again_sees_what_was_written_meanwhile(
    build: Callable[..., Any], lead: Callable[..., Any], by: str
) -> None:
    inside = build([lead(number) for number in range(5)])
    body = {"sorts": [by], "limit": 3, "filterGroups": []}

    def total() -> int:
        return int(inside.ask("POST", "/crm/v3/objects/contacts/search", body)["total"])

    assert [total(), total()] == [5, 5]
    made = inside.ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "new@x.example"}})
    assert total() == 6
    inside.ask("DELETE", f"/crm/v3/objects/contacts/{made['id']}")
    assert total() == 5
