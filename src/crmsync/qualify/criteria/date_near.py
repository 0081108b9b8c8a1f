"""Compares a date with the day of the decision, or with a fixed day.

Asks: does the date lie within the next N days, within the past N days, beyond them, before or after a day?
Parameters: `fact` (a date, or a datetime by its local day), and one or more of `within_days` (0 to N days ahead),
`within_past_days` (0 to N days ago), `more_than_days_ahead`, `more_than_days_ago` (whole days), `before`, `after`
(a day such as 2026-12-31, or `as_of`; the day itself is neither). Several must all hold. Defaults: none.
Meets: a lead whose `close_date` is 30 days ahead, under `{fact: close_date, within_days: 90}`.
Does not meet: a lead whose `close_date` was yesterday. Unknown: a lead without a close date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal

import polars as pl
from pydantic import BeforeValidator, model_validator

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.plan import today_number
from crmsync.qualify.criteria.base import FactQuestion, Vocabulary
from crmsync.qualify.terms.activities import ENDLESS
from crmsync.qualify.terms.changes import Change, FactBecomes, Situation
from crmsync.qualify.terms.shape import Day, Days, listed, shown
from crmsync.tongue import Tongue

KEYS = ("within_days", "within_past_days", "more_than_days_ahead", "more_than_days_ago", "before", "after")


def _day_or_as_of(value: object) -> object:
    if value != "as_of" and (not isinstance(value, date) or isinstance(value, datetime)):
        raise ValueError(f"a day such as 2026-12-31, or `as_of`, belongs here, not {shown(value)}")
    return value


Border = Annotated[Day | Literal["as_of"], BeforeValidator(_day_or_as_of)]


class DateNear(FactQuestion):
    """See the module."""

    beside = KEYS
    asked_of = ("date", "datetime")
    only = "only dates are near or far"

    within_days: Days | None = None
    within_past_days: Days | None = None
    more_than_days_ahead: Days | None = None
    more_than_days_ago: Days | None = None
    before: Border | None = None
    after: Border | None = None

    @model_validator(mode="after")
    def _says_something(self) -> DateNear:
        if all(getattr(self, key) is None for key in KEYS):
            raise ValueError(f"`fact: {self.fact}` is compared with no day\n→ add one of {listed(KEYS)}")
        return self

    def _ranges(self) -> Iterator[tuple[int, int]]:
        """[from, to] in days ago; all must hold."""
        if self.within_days is not None:
            yield -self.within_days, 0
        if self.within_past_days is not None:
            yield 0, self.within_past_days
        if self.more_than_days_ahead is not None:
            yield -ENDLESS, -self.more_than_days_ahead - 1
        if self.more_than_days_ago is not None:
            yield self.more_than_days_ago + 1, ENDLESS
        if self.before == "as_of":
            yield 1, ENDLESS
        if self.after == "as_of":
            yield -ENDLESS, -1

    def expression(self, builder: Builder) -> pl.Expr:
        ago = builder.days_ago(self.fact)
        verdict = pl.lit(True)
        for first, last in self._ranges():
            verdict &= ago.is_between(first, last)
            builder.edge(pl.when(ago < first).then(first - ago).when(ago <= last).then(last + 1 - ago))
        day = today_number - ago  # back to a day number, which for datetimes is the local day
        if isinstance(self.before, date):
            verdict &= day < _number(self.before)
        if isinstance(self.after, date):
            verdict &= day > _number(self.after)
        return verdict

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        if not wanted or not situation.settable(self.fact):
            return
        ranges = list(self._ranges())
        first = max([first for first, _ in ranges], default=-ENDLESS)
        last = min([last for _, last in ranges], default=ENDLESS)
        ago = first if first > -ENDLESS else min(last, 0)
        day = situation.as_of.toordinal() - ago
        if isinstance(self.after, date):
            day = max(day, self.after.toordinal() + 1)
        if isinstance(self.before, date):
            day = min(day, self.before.toordinal() - 1)
        if first <= last and 1 <= day <= date.max.toordinal():
            yield FactBecomes(self.fact, date.fromordinal(day))

    def sentence(self, words: Vocabulary) -> str:
        when = words.tongue.all_of(list(self._parts(words.tongue)))
        return words.tongue.say("{fact} is {when}", fact=words.facts[self.fact], when=when)

    def denial(self, words: Vocabulary) -> str | None:
        parts = list(self._parts(words.tongue))
        if len(parts) != 1:
            return None
        return words.tongue.say("{fact} is not {when}", fact=words.facts[self.fact], when=parts[0])

    def _parts(self, tongue: Tongue) -> Iterator[str]:
        """What each key asks."""
        say_many = tongue.say_many
        if (days := self.within_days) is not None:
            yield say_many("within the next {number} day", "within the next {number} days", days)
        if (days := self.within_past_days) is not None:
            yield say_many("within the past {number} day", "within the past {number} days", days)
        if (days := self.more_than_days_ahead) is not None:
            yield say_many("more than {number} day ahead", "more than {number} days ahead", days)
        if (days := self.more_than_days_ago) is not None:
            yield say_many("more than {number} day ago", "more than {number} days ago", days)
        if self.before is not None:
            yield tongue.say("before {day}", day=_day(self.before, tongue))
        if self.after is not None:
            yield tongue.say("after {day}", day=_day(self.after, tongue))


def _day(border: date | Literal["as_of"], tongue: Tongue) -> str:
    return tongue.say("today") if border == "as_of" else tongue.day(border)


def _number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()
