"""The page of the house is what the code says; no arrow goes up; a lead is not handed around."""

from __future__ import annotations

from collections.abc import Iterable

import make_house as house
import pytest
from lead_way import Way, followed, room_of

FIRST_EDITION = 66
"""Calls between rooms that came back to another room than the run's, in the first edition of the house."""
HANDED_DOWN = {
    ("store", "run"): "the parts of a pull, one by one",
    ("sdk", "connector"): "a call that may be tried again",
    ("run", "operations"): "whether the run is asked to stop",
    ("run", "cli"): "progress",
    ("connector", "run"): "progress",
}
"""(caller, called) → the value through which control goes up."""


@pytest.fixture(scope="module")
def way() -> Way:
    """One lead's way, followed once."""
    return followed()


def test_the_page_is_what_the_code_says(way: Way) -> None:
    page = house.PAGE.read_text(encoding="utf-8")
    assert house.written(page, house.parts(way)) == page, "python scripts/make_house.py"


def test_a_page_without_a_mark_is_told(way: Way) -> None:
    with pytest.raises(LookupError, match="rooms"):
        house.written("no mark", {"rooms": ""})


def test_a_hop_that_no_run_passes_is_told(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "HOPS", (*house.HOPS[1:], house.HOPS[0]))
    with pytest.raises(LookupError, match=r"SalesforceConnector\.pull"):
        list(house.hops(way))


def test_a_lead_is_handed_around_less_than_half_as_much_as_once(way: Way) -> None:
    assert way.counted()["returns elsewhere"] < FIRST_EDITION / 2


def ranks() -> dict[str, float]:
    """Room → its layer, from the top; the connector stands above the sdk."""
    found: dict[str, float] = {name: number for number, line in enumerate(house.layers()) for name in line}
    return found | {"connector": found["sdk"] - 0.5}


def test_control_goes_up_by_what_was_handed_down_and_no_other_way(way: Way) -> None:
    layer = ranks()
    calls = {(room_of(caller), room_of(called)) for caller, called in way.crossings()}
    assert {(caller, called) for caller, called in calls if layer[called] < layer[caller]} == set(HANDED_DOWN)


def upward(arrows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Arrows from a room to one above or beside it."""
    layer = ranks()
    return sorted((start, goal) for start, goal in arrows if layer[start] >= layer[goal])


def test_no_arrow_goes_up_and_so_none_goes_round() -> None:
    assert upward(house.arrows()) == []


def test_an_arrow_that_goes_up_is_seen() -> None:
    assert upward({("store", "run"), ("plan", "hand_off"), ("run", "store")}) == [
        ("plan", "hand_off"),
        ("store", "run"),
    ]
