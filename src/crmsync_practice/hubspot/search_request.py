"""What a search may ask (wire notes, section 2.4): the body's shape and its limits, before any SQL.

Emulated limits: 200 a page, 10,000 results, 5 groups, 6 filters a group, 18 in all, one sort, 3,000 characters of
`query`. The exact 400 texts for too many filters and past 10,000 are not documented (wire notes, section 11).
"""

from __future__ import annotations

import msgspec

from crmsync_practice.hubspot.call import Body, Call, parse_id
from crmsync_practice.hubspot.errors import bad_json, validation
from crmsync_practice.hubspot.values import Scalar, scalar_text

MOST_RESULTS = 10_000
MOST_PER_PAGE = 200
ONE_VALUE = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
MANY_VALUES = ("IN", "NOT_IN")
NO_VALUE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")


class Filter(Body):
    """One condition."""

    property_name: str | None = None
    operator: str | None = None
    value: Scalar = None
    high_value: Scalar = None
    values: list[Scalar] | None = None


class FilterGroup(Body):
    """Conditions that must all hold."""

    filters: list[Filter] = msgspec.field(default_factory=list)


class Sort(Body):
    """One order."""

    property_name: str
    direction: str = "ASCENDING"


class SearchBody(Body):
    """A search; every field may be missing (`{}` is a search for everything)."""

    filter_groups: list[FilterGroup] | None = None
    filters: list[Filter] | None = None
    sorts: list[Sort | str] | None = None
    query: str | None = None
    properties: list[str] | None = None
    limit: str | int | float | None = None
    after: str | int | float | None = None


class Search(msgspec.Struct, frozen=True):
    """A search that keeps the rules; `sort` is (property, descending) or None."""

    groups: list[list[Filter]]
    sort: tuple[str, bool] | None
    query: str
    properties: list[str]
    limit: int
    offset: int


def read_search(call: Call) -> Search:
    """The request's search. Raises HubSpot's refusal for one that breaks a rule."""
    body = call.read(SearchBody)
    groups = [group.filters for group in body.filter_groups or []]
    if body.filters:
        groups.append(body.filters)
    _check_filters(groups)
    limit = _count("limit", body.limit, 10)
    if limit > MOST_PER_PAGE:
        raise validation(f"The limit must be at most {MOST_PER_PAGE}.")
    offset = _count("after", body.after, 0)
    if offset >= MOST_RESULTS:
        raise validation(
            f"The requested page (offset {offset}) is beyond the {MOST_RESULTS} results a search can reach."
        )
    query = body.query or ""
    if len(query) > 3_000:
        raise validation("The query must be at most 3000 characters long.")
    asked = [group for group in groups if group]
    return Search(
        asked, _sort(body.sorts or []), query, body.properties or [], min(limit, MOST_RESULTS - offset), offset
    )


def _count(name: str, value: str | int | float | None, default: int) -> int:
    if value is None or value == "":
        return default
    number = parse_id(scalar_text(value))
    if number is None:
        raise bad_json(f"{name} is not a whole number")
    return number


def _check_filters(groups: list[list[Filter]]) -> None:
    if len(groups) > 5:
        raise validation("Too many filter groups: at most 5 are allowed.")
    if any(len(group) > 6 for group in groups):
        raise validation("Too many filters in a group: at most 6 are allowed.")
    if sum(len(group) for group in groups) > 18:
        raise validation("Too many filters: at most 18 are allowed in all groups together.")
    for group in groups:
        for each in group:
            _check_filter(each)


def _check_filter(each: Filter) -> None:
    missing = [
        name for name, value in (("propertyName", each.property_name), ("operator", each.operator)) if value is None
    ]
    if missing:
        raise bad_json(f"Cannot build Filter, some of required attributes are not set [{', '.join(missing)}]")
    operator = each.operator
    if operator in ONE_VALUE and each.value is None:
        raise validation(f"operator {operator} requires a value")
    if operator == "BETWEEN" and (each.value is None or each.high_value is None):
        raise validation("operator BETWEEN requires values for both value and highValue")
    if operator in MANY_VALUES and not each.values:
        raise validation(f"operator {operator} requires values")
    if operator not in (*ONE_VALUE, *MANY_VALUES, *NO_VALUE, "BETWEEN"):
        raise bad_json(f'Cannot deserialize operator from "{str(operator)[:50]}"')


def _sort(sorts: list[Sort | str]) -> tuple[str, bool] | None:
    if len(sorts) > 1:
        raise validation("Only one sort is allowed.")
    if not sorts:
        return None
    first = sorts[0]
    if isinstance(first, str):
        return (first[1:], True) if first.startswith("-") else (first, False)
    if first.direction not in ("ASCENDING", "DESCENDING"):
        raise bad_json(f'Cannot deserialize direction from "{first.direction[:50]}"')
    return first.property_name, first.direction == "DESCENDING"
