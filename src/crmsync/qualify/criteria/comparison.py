"""Compares one fact with fixed values, or a number with another one of the lead's.

Asks: is the fact this, one of these, at least that much?
Parameters: `fact`, and one or more of `is`, `is_not` (a value); `in`, `not_in` (values, or the name of a list);
`at_least`, `at_most`, `above`, `below` (numbers, in the fact's own unit, or `{fact: …}`: what another fact holds, in
the same unit). Several must all hold. Defaults: none. Texts are compared without regard to upper and lower case.
Meets: a lead whose `employees` is 120, under `{fact: employees, at_least: 50, at_most: 5000}`.
Does not meet: a lead whose `employees` is 12. Unknown: a lead whose `employees` nobody entered.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import polars as pl
from pydantic import Field, StrictStr, model_validator

from crmsync.model import FactType
from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.comparing import among, as_compared, compared_by
from crmsync.qualify.criteria.base import BaseCriterion, Mistake, Path, Scope, Sort, Vocabulary, plain, refuse_known
from crmsync.qualify.terms.changes import Change, FactBecomes, Situation
from crmsync.qualify.terms.comparing import NUMERIC, Bound, OtherFact, Values, suits
from crmsync.qualify.terms.shape import Name, Value, listed, shown
from crmsync.tongue import Tongue, to_say

KEYS = ("is", "is_not", "in", "not_in", "at_least", "at_most", "above", "below")


_MOST_EDGES = 100
"""With more values than this the answer is looked at again every day."""
_BOUNDS = {
    "at_least": to_say("at least {bound}"),
    "at_most": to_say("at most {bound}"),
    "above": to_say("above {bound}"),
    "below": to_say("below {bound}"),
}
_OPPOSITE = {"at_least": "below", "at_most": "above", "above": "at_most", "below": "at_least"}
_MEND_IN_LIST: Mapping[FactType, str] = {
    **dict.fromkeys(("text", "choice"), "write it between quotation marks"),
    **dict.fromkeys(
        NUMERIC, "write numbers without quotation marks, in the policy itself: lines of a file are texts"
    ),
}


class Comparison(BaseCriterion):
    """See the module."""

    begins = ("fact",)

    fact: Name
    is_: Value | None = Field(None, alias="is")
    is_not: Value | None = None
    in_: Values | None = Field(None, alias="in")
    not_in: Values | None = None
    at_least: Bound | None = None
    at_most: Bound | None = None
    above: Bound | None = None
    below: Bound | None = None

    @model_validator(mode="before")
    @classmethod
    def _asks_not_whether_it_is_known(cls, value: Any) -> Any:
        refuse_known(value)
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Comparison:
        if all(value is None for value in (*self._equalities(), *self._bounds().values())):
            raise ValueError(f"`fact: {self.fact}` is compared with nothing\n→ add one of {listed(KEYS)}")
        return self

    def _equalities(self) -> tuple[object, ...]:
        return (self.is_, self.is_not, self.in_, self.not_in)

    def _bounds(self) -> dict[str, float | OtherFact | None]:
        return {"at_least": self.at_least, "at_most": self.at_most, "above": self.above, "below": self.below}

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("fact",), "fact", self.fact
        for key, values in (("in", self.in_), ("not_in", self.not_in)):
            if isinstance(values, str):
                yield (key,), "list", values
        for key, bound in self._bounds().items():
            if isinstance(bound, OtherFact):
                yield (key, "fact"), "fact", bound.fact

    def mistakes(self, scope: Scope) -> Iterator[Mistake]:
        kind = scope.facts[self.fact]
        if self.fact in scope.ranges:
            for key, value in zip(KEYS, self._equalities(), strict=False):
                if value is not None:
                    yield Mistake(
                        (key,), f"`{self.fact}` is a range; ask it `at_least`, `at_most`, `above` or `below`"
                    )
        for path, value in self._written_values():
            if not suits(value, kind):
                yield Mistake(path, f"`{value}` cannot be a value of `{self.fact}`, which is of type {kind}")
            elif kind == "choice" and value not in scope.choices[self.fact]:
                yield Mistake(path, f"`{value}` is not a choice of `{self.fact}`", scope.choices[self.fact])
        yield from self._of_lists(kind, scope)
        for key, bound in self._bounds().items():
            if bound is not None and kind not in NUMERIC:
                hint = "dates have `within_days`, `before`, `after`" if kind in ("date", "datetime") else None
                yield Mistake((key,), f"`{self.fact}` is of type {kind}; it has no size to compare", hint=hint)
            elif isinstance(bound, OtherFact) and scope.facts[bound.fact] not in NUMERIC:
                other = f"`{bound.fact}` is of type {scope.facts[bound.fact]}; it has no size to compare"
                yield Mistake((key, "fact"), other)
            elif isinstance(bound, OtherFact) and bound.fact == self.fact:
                yield Mistake((key, "fact"), f"`{self.fact}` is compared with itself")

    def _of_lists(self, kind: FactType, scope: Scope) -> Iterator[Mistake]:
        """Lists that hold what the fact never is."""
        for key, name in (("in", self.in_), ("not_in", self.not_in)):
            for value in scope.lists[name] if isinstance(name, str) else ():
                if not suits(value, kind):
                    told = f"{shown(value)} of the list `{name}` cannot be a value of `{self.fact}`, of type {kind}"
                    yield Mistake((key,), told, hint=_MEND_IN_LIST.get(kind))

    def _written_values(self) -> Iterator[tuple[Path, StrictStr | float | bool]]:
        if self.is_ is not None:
            yield ("is",), self.is_
        if self.is_not is not None:
            yield ("is_not",), self.is_not
        for key, values in (("in", self.in_), ("not_in", self.not_in)):
            if values is not None and not isinstance(values, str):
                for index, value in enumerate(values):
                    yield (key, index), value

    def expression(self, builder: Builder) -> pl.Expr:
        fact, kind = builder.fact(self.fact), builder.fact_type(self.fact)
        verdict = pl.lit(True)
        if self.is_ is not None:
            verdict &= fact == as_compared(self.is_, kind)
        if self.is_not is not None:
            verdict &= fact != as_compared(self.is_not, kind)
        if self.in_ is not None:
            verdict &= among(fact, builder.values(self.in_), kind)
        if self.not_in is not None:
            verdict &= ~among(fact, builder.values(self.not_in), kind)
        for key, bound in self._bounds().items():
            if bound is not None:
                ends = builder.ends(bound.fact) if isinstance(bound, OtherFact) else (pl.lit(bound),)
                verdict &= compared_by(key, builder.ends(self.fact), ends)
        drift = builder.drift(self.fact)
        if drift:
            self._add_edges(builder, fact, drift)
        self._add_meetings(builder, drift)
        return verdict

    def _add_meetings(self, builder: Builder, drift: int) -> None:
        """Where two numbers come nearer to each other day by day: the day they meet, and the first one after it."""
        for bound in self._bounds().values():
            if isinstance(bound, OtherFact) and drift != builder.drift(bound.fact):
                for one, other in product(builder.ends(self.fact), builder.ends(bound.fact)):
                    days = (other - one) / (drift - builder.drift(bound.fact))
                    for edge in (days.ceil(), days.floor() + 1):
                        builder.edge(edge.cast(pl.Int32, strict=False))

    def _add_edges(self, builder: Builder, fact: pl.Expr, drift: int) -> None:
        """A number of days moves by one a day: the answer may change where it reaches one of these."""
        compared = [*self._bounds().values(), self.is_, self.is_not]
        for values in (self.in_, self.not_in):
            compared += builder.values(values) if values is not None else ()
        turning: set[int] = set()
        for bound in compared:
            if isinstance(bound, (int, float)):
                turning |= {math.floor(bound), math.floor(bound) + 1, math.ceil(bound) - 1, math.ceil(bound)}
        if len(turning) > _MOST_EDGES:
            builder.edge(pl.when(fact.is_not_null()).then(pl.lit(1, dtype=pl.Int32)))
            return
        for point in sorted(turning):
            builder.edge(((point - fact) * drift).cast(pl.Int32, strict=False))

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        if not situation.settable(self.fact):
            return
        for value in self._values(wanted, situation):
            yield FactBecomes(self.fact, value)
            return

    def _values(self, wanted: bool, situation: Situation) -> Iterator[Value]:
        """Values worth a try, the likeliest first."""
        if not wanted:
            excluded = {self.is_, *(situation.values(self.in_) if self.in_ is not None else ())}
            yield from (value for value in situation.choices.get(self.fact, ()) if value not in excluded)
            return
        if self.is_ is not None:
            yield self.is_
        if self.in_ is not None:
            yield from situation.values(self.in_)
        excluded = {self.is_not, *(situation.values(self.not_in) if self.not_in is not None else ())}
        if self.is_not is not None or self.not_in is not None:
            yield from (value for value in situation.choices.get(self.fact, ()) if value not in excluded)
        whole = situation.types[self.fact] == "integer"
        for bound, step in ((self.at_least, 0), (self.above, 1), (self.at_most, 0), (self.below, -1)):
            if bound is not None and not isinstance(bound, OtherFact):
                yield (math.ceil(bound) if step >= 0 else math.floor(bound)) + step if whole else bound + step

    def sentence(self, words: Vocabulary) -> str:
        return self._told([said for said, _ in self._parts(words)], words)

    def denial(self, words: Vocabulary) -> str | None:
        parts = [denied for _, denied in self._parts(words)]
        return self._told(parts, words) if len(parts) == 1 else None

    def _told(self, parts: list[str], words: Vocabulary) -> str:
        sized = any(isinstance(bound, (int, float)) for bound in self._bounds().values())
        unit = f" {words.units[self.fact]}" if sized and self.fact in words.units else ""
        what = f"{words.tongue.all_of(parts)}{unit}"
        return words.tongue.say("{fact} is {what}", fact=words.facts[self.fact], what=what)

    def _parts(self, words: Vocabulary) -> Iterator[tuple[str, str]]:
        """What each key asks, and the same denied."""
        tongue = words.tongue
        for written, turned in ((self.is_, False), (self.is_not, True)):
            if written is not None:
                yield _turned(_worded(written, tongue), tongue, turned=turned)
        for values, turned in ((self.in_, False), (self.not_in, True)):
            if isinstance(values, str):
                yield _turned(tongue.say("in the list {name}", name=plain(values, tongue)), tongue, turned=turned)
            elif values is not None:
                among = tongue.either([_worded(value, tongue) for value in values])
                yield _turned(among, tongue, turned=turned)
        for how, bound in self._bounds().items():
            if bound is not None:
                told = words.facts[bound.fact] if isinstance(bound, OtherFact) else tongue.number(bound)
                yield tongue.say(_BOUNDS[how], bound=told), tongue.say(_BOUNDS[_OPPOSITE[how]], bound=told)


def _turned(what: str, tongue: Tongue, *, turned: bool) -> tuple[str, str]:
    """What is asked, and the same denied; the other way round where it is asked that it be not so."""
    denied = tongue.say("not {what}", what=what)
    return (denied, what) if turned else (what, denied)


def _worded(value: Value, tongue: Tongue) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return tongue.number(value)
    return plain(value, tongue)
