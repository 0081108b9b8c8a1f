"""Retries: what is repeated, how long is waited, what is raised in the end."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from crmsync.errors import CrmUnreachable, SignInRefused, TryAgain
from crmsync.sdk import AnswerLost, OutcomeUncertain, RetryPolicy, Tally, call_with_retries


def scripted(*steps: object) -> Callable[[], object]:
    """A function that raises or returns one step after the other."""
    rest = list(steps)

    def function() -> object:
        step = rest.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    function.rest = rest  # type: ignore[attr-defined]
    return function


def test_passing_faults_are_repeated_until_the_answer_comes() -> None:
    waits: list[float] = []
    assert (
        call_with_retries(scripted(TryAgain("busy"), AnswerLost("torn"), 7), RetryPolicy(), sleep=waits.append) == 7
    )
    assert len(waits) == 2


def test_waits_double_with_jitter_below_and_stop_at_the_longest() -> None:
    waits: list[float] = []
    policy = RetryPolicy(attempts=6, first_wait_seconds=1.0, longest_wait_seconds=4.0, total_seconds=1000.0)
    with pytest.raises(CrmUnreachable):
        call_with_retries(scripted(*[TryAgain("busy")] * 6), policy, sleep=waits.append, jitter=random.Random(5))
    for wait, full in zip(waits, (1.0, 2.0, 4.0, 4.0, 4.0), strict=True):
        assert full / 2 <= wait <= full
    assert len({wait / full for wait, full in zip(waits, (1.0, 2.0, 4.0, 4.0, 4.0), strict=True)}) == 5


def test_the_crms_wish_is_obeyed_as_long_as_there_is_time() -> None:
    waits: list[float] = []
    steps = scripted(TryAgain("busy", after_seconds=3.5), TryAgain("busy", after_seconds=90.0), "done")
    assert call_with_retries(steps, RetryPolicy(longest_wait_seconds=30.0), sleep=waits.append) == "done"
    assert waits == [3.5, 90.0]


def test_a_wish_beyond_the_total_ends_it_with_the_time_to_come_back() -> None:
    waits: list[float] = []
    with pytest.raises(CrmUnreachable, match=r"busy \(tried once\); it asks to be left alone for 2 hours") as stopped:
        call_with_retries(scripted(TryAgain("busy", after_seconds=7200.0)), RetryPolicy(), sleep=waits.append)
    assert waits == []
    assert stopped.value.hint is not None
    assert "run again after 2" in stopped.value.hint


def test_how_long_it_usually_lasts_is_waited_up_to_our_own_longest_wait() -> None:
    waits: list[float] = []
    steps = scripted(TryAgain("busy", usual_seconds=10.0), TryAgain("busy", usual_seconds=90.0), "done")
    assert call_with_retries(steps, RetryPolicy(longest_wait_seconds=30.0), sleep=waits.append) == "done"
    assert waits == [10.0, 30.0]


@pytest.mark.parametrize("wish", [math.nan, math.inf, -math.inf])
def test_a_wish_that_is_no_time_is_none(wish: float) -> None:
    waits: list[float] = []
    steps = scripted(TryAgain("busy", after_seconds=wish), "done")
    assert call_with_retries(steps, RetryPolicy(), sleep=waits.append) == "done"
    assert [0 < wait < 1 for wait in waits] == [True]


def test_it_gives_up_after_the_attempts_with_the_last_message_and_hint() -> None:
    steps = scripted(TryAgain("first"), TryAgain("second", hint="look there"), "never")
    with pytest.raises(CrmUnreachable, match=r"second \(tried 2 times\)") as stopped:
        call_with_retries(steps, RetryPolicy(attempts=2), sleep=lambda _: None)
    assert not isinstance(stopped.value, OutcomeUncertain)
    assert stopped.value.hint == "look there"
    assert steps.rest == ["never"]  # type: ignore[attr-defined]


def test_no_wait_begins_that_would_end_after_the_total() -> None:
    waits: list[float] = []
    policy = RetryPolicy(attempts=50, longest_wait_seconds=60.0, total_seconds=100.0)
    with pytest.raises(CrmUnreachable):
        call_with_retries(scripted(*[TryAgain("x", after_seconds=30.0)] * 50), policy, sleep=waits.append)
    assert waits == [30.0, 30.0, 30.0]


def test_other_errors_pass_at_once() -> None:
    steps = scripted(SignInRefused("no"), "never")
    with pytest.raises(SignInRefused):
        call_with_retries(steps, RetryPolicy(), sleep=lambda _: None)
    assert steps.rest == ["never"]  # type: ignore[attr-defined]


def test_an_answer_once_lost_makes_the_end_uncertain_even_if_later_faults_are_plain() -> None:
    steps = scripted(AnswerLost("torn"), TryAgain("busy"))
    with pytest.raises(OutcomeUncertain, match="busy"):
        call_with_retries(steps, RetryPolicy(attempts=2), sleep=lambda _: None)


def test_a_lost_answer_is_not_followed_by_another_attempt_when_that_could_do_it_twice() -> None:
    steps = scripted(TryAgain("busy"), AnswerLost("torn"), "never")
    with pytest.raises(OutcomeUncertain, match="torn"):
        call_with_retries(steps, RetryPolicy(), idempotent=False, sleep=lambda _: None)
    assert steps.rest == ["never"]  # type: ignore[attr-defined]


def test_each_further_attempt_is_counted_with_its_wait() -> None:
    waits: list[float] = []
    tally = Tally()
    call_with_retries(
        scripted(TryAgain("busy"), AnswerLost("torn"), 7), RetryPolicy(), sleep=waits.append, tally=tally
    )
    assert (tally.retries, tally.refused) == (2, 0)
    assert tally.waited_seconds == pytest.approx(sum(waits))
    with pytest.raises(CrmUnreachable):
        call_with_retries(scripted(*[TryAgain("x")] * 2), RetryPolicy(attempts=2), sleep=waits.append, tally=tally)
    assert tally.retries == 3, "the last attempt is followed by none"
