"""Calls that are refused as a whole are halved until the bad inputs stand alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync.sdk import in_halves


class Refused(Exception):
    """What a CRM says to a call with a bad input in it."""


def taking(calls: list[list[int]], bad: set[int]) -> Callable[[Sequence[int]], str]:
    """A call that is refused as a whole when a bad input is in it."""

    def send(inputs: Sequence[int]) -> str:
        calls.append(list(inputs))
        if bad & set(inputs):
            raise Refused(",".join(map(str, inputs)))
        return "taken"

    return send


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1)))))
def test_every_input_is_answered_once_in_order_and_only_the_bad_are_refused(case: tuple[int, set[int]]) -> None:
    size, bad = case
    parts = list(in_halves(range(size), taking([], bad), Refused))
    assert [each for part, _ in parts for each in part] == list(range(size))
    refused = [list(part) for part, answer in parts if isinstance(answer, Refused)]
    assert refused == [[each] for each in sorted(bad)]


def test_one_bad_input_of_many_costs_few_calls() -> None:
    calls: list[list[int]] = []
    list(in_halves(range(100), taking(calls, {77}), Refused))
    assert len(calls) <= 2 * 7 + 1
    assert calls[0] == list(range(100))


def test_what_is_taken_together_is_one_call() -> None:
    calls: list[list[int]] = []
    assert list(in_halves([1, 2, 3], taking(calls, set()), Refused)) == [([1, 2, 3], "taken")]
    assert calls == [[1, 2, 3]]


def test_nothing_is_sent_for_no_inputs() -> None:
    calls: list[list[int]] = []
    assert list(in_halves([], taking(calls, set()), Refused)) == []
    assert calls == []


def test_a_refusal_that_no_halving_mends_passes_through() -> None:
    calls: list[list[int]] = []
    with pytest.raises(Refused, match="1,2"):
        list(in_halves([1, 2], taking(calls, {1}), Refused, halve=lambda refusal: "," not in str(refusal)))
    assert calls == [[1, 2]]


def test_another_exception_passes_through() -> None:
    def send(_: Sequence[int]) -> str:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        list(in_halves([1, 2], send, Refused))
