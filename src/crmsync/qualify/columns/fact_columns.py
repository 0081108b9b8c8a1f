"""Facts as lead columns: one for each fact that somebody asks for, in the form it is compared in."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from crmsync.model import FACT_DTYPES, FACT_PREFIX, FactType
from crmsync.qualify.columns.plan import EvaluationPlan, today_number
from crmsync.qualify.columns.ranges import ends_of
from crmsync.qualify.terms.facts import BUILT_IN_FACTS, Derived, DomainOf, LengthOf, RangeOf, gives, source_of
from crmsync.qualify.terms.shape import Value


class FactColumns:
    """Gives expressions of facts and notes in the plan what they need.

    `facts` are the declared types; facts beside `mapped_facts` are unknown for everybody.
    """

    def __init__(
        self,
        *,
        facts: Mapping[str, FactType],
        derived: Mapping[str, Derived],
        lists: Mapping[str, tuple[Value, ...]],
        mapped_facts: frozenset[str],
        time_zone: str,
    ) -> None:
        self.plan = EvaluationPlan()
        self._types: dict[str, FactType] = {**BUILT_IN_FACTS, **facts}
        self._derived = derived
        self._lists = lists
        self._mapped = mapped_facts | BUILT_IN_FACTS.keys()
        self._zone = time_zone

    def fact_type(self, name: str) -> FactType:
        """The type of a declared, built-in or derived fact."""
        return gives(self._derived[name]) if name in self._derived else self._types[name]

    def fact(self, name: str) -> pl.Expr:
        """A fact as it is compared: texts in lower case, floats without NaN, unmapped ones null."""
        column = f"#fact.{name}"
        if column not in self.plan.facts:
            self.plan.facts[column] = self._fact(name)
        return pl.col(column)

    def ends(self, name: str) -> tuple[pl.Expr, ...]:
        """The lowest and the highest value a number may have: one column where they are one."""
        if not self.is_range(name):
            return (self.fact(name),)
        self.fact(name)
        ends = ends_of(self._raw(source_of(self._derived[name])[1]))
        columns = (f"#low.{name}", f"#high.{name}")
        for column, end in zip(columns, ends, strict=True):
            self.plan.facts.setdefault(column, end)
        return tuple(map(pl.col, columns))

    def is_range(self, name: str) -> bool:
        """Whether only the ends of a number may be known: null = no such end, both = nothing is known."""
        return isinstance(self._derived.get(name), RangeOf)

    def days_ago(self, name: str) -> pl.Expr:
        """Whole days from a date or datetime fact's local day to `as_of` (Int32; negative = in the future)."""
        column = f"#moving.{name}"
        self.plan.facts.setdefault(column, self._days_ago(name))
        return pl.col(column)

    def drift(self, name: str) -> int:
        """How a fact's number moves by itself: +1 a day, −1 a day, or 0."""
        function = source_of(self._derived[name])[0] if name in self._derived else ""
        return {"days_since": 1, "days_until": -1}.get(function, 0)

    def values(self, values: tuple[Value, ...] | str) -> tuple[Value, ...]:
        """The values written out, or those of the named list."""
        return self._lists[values] if isinstance(values, str) else values

    def _raw(self, name: str) -> pl.Expr:
        self.plan.needs_facts.add(name)
        column = name if name in BUILT_IN_FACTS else FACT_PREFIX + name
        if name not in self._mapped:
            return pl.lit(None, dtype=FACT_DTYPES[self._types[name]])
        return pl.col(column)

    def _days_ago(self, name: str) -> pl.Expr:
        value = self._raw(name)
        if self._types[name] == "datetime":
            value = value.dt.convert_time_zone(self._zone).dt.date()
        return today_number - value.to_physical()

    def _fact(self, name: str) -> pl.Expr:
        derived = self._derived.get(name)
        if derived is not None:
            return self._made(derived)
        value = self._raw(name)
        match self._types[name]:
            case "text":
                return value.str.to_lowercase()
            case "number" | "money":
                return value.fill_nan(None)
            case _:
                return value

    def _made(self, derived: Derived) -> pl.Expr:
        function, source = source_of(derived)
        match derived:
            case DomainOf():
                return self._raw(source).str.to_lowercase().str.extract(r"@([^@\s]+)\s*$", 1)
            case LengthOf():
                return self._raw(source).str.len_chars().cast(pl.Int64)
            case RangeOf():  # the text itself, where it says something
                text = self._raw(source)
                return pl.when(pl.any_horizontal(end.is_not_null() for end in ends_of(text))).then(text)
            case _:
                days = self._days_ago(source).cast(pl.Int64)
                return days if function == "days_since" else -days
