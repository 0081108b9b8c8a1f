"""Calling a CRM again after a passing fault. tenacity does the retrying; no client library or urllib3 does.

A transport turns what it sees into three kinds of exceptions: `TryAgain` (the CRM did not do it: rate limit,
refused connection, 503), `AnswerLost` (the CRM may have done it, but the answer never came whole) and
anything else, which is passed on at once.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from crmsync.errors import CrmUnreachable, TryAgain
from crmsync.sdk.tally import Tally

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")


class AnswerLost(TryAgain):
    """A request went out and its answer was lost or torn: whether it was carried out is not known."""


class OutcomeUncertain(CrmUnreachable):
    """A write may or may not have been carried out. Read the records back to find out."""


class RetryPolicy(Struct, frozen=True):
    """How long to go on. Waits grow `first_wait_seconds` × 1, 2, 4 …, each shortened by up to half at random.

    `attempts` counts the first call too. No single wait exceeds `longest_wait_seconds`, but for one that the CRM
    wishes itself: calling earlier would be refused again. No wait begins that would end after `total_seconds` since
    the first call, so a longer wish ends it at once.
    """

    attempts: int = 6
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0
    total_seconds: float = 300.0


def call_with_retries(
    function: Callable[[], T],
    policy: RetryPolicy,
    *,
    idempotent: bool = True,
    sleep: Callable[[float], None] = time.sleep,
    jitter: random.Random | None = None,
    tally: Tally | None = None,
) -> T:
    """Call `function` until it answers.

    `idempotent=False` (creating records, posting messages): a lost answer is not followed by another attempt.
    Setting fields of a record by its id is idempotent. `tally` is told of each further attempt.

    Raises `OutcomeUncertain` when it gave up and any attempt's answer was lost, else `CrmUnreachable`; both
    with the last fault's message, and with the time to come back when the CRM named one. Other exceptions pass
    through.
    """
    from tenacity import Retrying, retry_if_exception  # noqa: PLC0415 - whoever calls no CRM does not load it

    course = _Course(policy, idempotent, jitter or random.Random(), tally)  # noqa: S311 - spreads waits, protects nothing
    retrying = Retrying(
        retry=retry_if_exception(course.again),
        wait=course.wait_seconds,
        stop=course.enough,
        sleep=sleep,
        before_sleep=course.counted,
        reraise=True,
    )
    try:
        return retrying(function)
    except TryAgain as error:
        attempts = int(retrying.statistics.get("attempt_number", 1))
        raise course.given_up(error, attempts) from error


class _Course(Struct):
    """What tenacity asks along the way of one call. `lost`: an attempt's answer never came whole."""

    policy: RetryPolicy
    idempotent: bool
    chance: random.Random
    tally: Tally | None
    lost: bool = False

    def again(self, error: BaseException) -> bool:
        if isinstance(error, AnswerLost):
            self.lost = True
            return self.idempotent
        return isinstance(error, TryAgain)

    def wait_seconds(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, TryAgain):
            if (wish := _wish(error)) is not None:
                return wish
            if error.usual_seconds is not None:
                return min(error.usual_seconds, self.policy.longest_wait_seconds)
        grown = self.policy.first_wait_seconds * 2.0 ** (state.attempt_number - 1)
        return min(grown, self.policy.longest_wait_seconds) * self.chance.uniform(0.5, 1.0)

    def enough(self, state: RetryCallState) -> bool:
        # idle_for counts the waits asked for, so that an injected sleep is bounded like a real one
        spent = max(state.seconds_since_start or 0.0, state.idle_for)
        limit = self.policy.total_seconds
        return state.attempt_number >= self.policy.attempts or spent + state.upcoming_sleep > limit

    def counted(self, state: RetryCallState) -> None:
        if self.tally is not None:
            self.tally.again(state.upcoming_sleep)

    def given_up(self, error: TryAgain, attempts: int) -> CrmUnreachable:
        """What is raised in the end, with the time to come back where the CRM has named one."""
        times = "once" if attempts == 1 else f"{attempts} times"
        message, hint = f"{error.message} (tried {times})", error.hint
        wish = _wish(error)
        if wish is not None and wish > self.policy.longest_wait_seconds:
            message = f"{message}; it asks to be left alone for {_duration(wish)}"
            hint = _later(wish, datetime.fromtimestamp(time.time(), UTC))
        kind = OutcomeUncertain if self.lost else CrmUnreachable
        return kind(message, hint=hint)


def _wish(error: TryAgain) -> float | None:
    """The CRM's own wish, if it is one that can be waited for."""
    wish = error.after_seconds
    return max(wish, 0.0) if wish is not None and math.isfinite(wish) else None


def _later(seconds: float, now: datetime) -> str:
    when = (now + timedelta(seconds=seconds + 59)).strftime("%Y-%m-%d %H:%M")
    return f"run again after {when} UTC; what was read is kept, and `crmsync serve` goes on by itself"


def _duration(seconds: float) -> str:
    """`900` → `15 minutes`; rounded up."""
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{math.ceil(seconds / length)} {unit}"
    return f"{math.ceil(seconds)} seconds"
