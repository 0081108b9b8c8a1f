"""What a policy's parts are compiled with: they ask for facts, activities and each other, and get expressions.

The builder collects, once for each thing asked for, however often it is used:

- lead columns (`#fact.…`: a fact as it is compared; `#moving.…`: whole days from a date to `as_of`),
- activity aggregates (`#a…`, one row per lead),
- named columns in levels: a column may use those of lower levels only,
- *edges*: whole days from `as_of` to a day on which something could change by time alone (Int32, null = never).

Verdicts are Boolean with null for unknown; polars' `&`, `|` and `not` on them are Kleene's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from crmsync.model import FACT_DTYPES, FACT_PREFIX, FactType
from crmsync.qualify.activities import ENDLESS, Selector
from crmsync.qualify.facts import BUILT_IN_FACTS, Derived, DomainOf, LengthOf, gives, source_of
from crmsync.qualify.kleene import verdict_of
from crmsync.qualify.shape import Value, many

if TYPE_CHECKING:
    from crmsync.qualify.criteria import Criterion

activity_age = pl.col("#age")
today_number = pl.col("#today")
UNKNOWN_CODE, OTHER_CODE = 1, 0
WORD_COLUMNS = {"kind": "kind", "outcome": "outcome", "direction": "direction", "by_role": "by_role"}


@dataclass(frozen=True)
class Matches:
    """Masks over activities for one selector, without its window. `provided`: the mapping has all asked kinds."""

    certain: pl.Expr
    possible: pl.Expr
    same: bool
    provided: bool


@dataclass(frozen=True)
class Aggregate:
    """One value for each lead from the activities that a mask lets through; `empty` where there are none."""

    of: str
    value: pl.Expr
    empty: int | None


@dataclass
class Plan:
    """Everything the builder collected; the evaluation runs it.

    `evidence`: key of a selector → masks of its (certain, possible) matches in its window.
    """

    facts: dict[str, pl.Expr] = field(default_factory=dict)
    codes: dict[str, dict[str, int]] = field(default_factory=dict)
    every_kind: bool = False
    evidence: dict[str, tuple[pl.Expr, pl.Expr]] = field(default_factory=dict)
    masks: dict[str, pl.Expr] = field(default_factory=dict)
    point_columns: dict[str, tuple[int, ...]] = field(default_factory=dict)
    aggregates: dict[str, Aggregate] = field(default_factory=dict)
    per_day: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = field(default_factory=dict)
    levels: list[dict[str, pl.Expr]] = field(default_factory=list)
    edges: list[pl.Expr] = field(default_factory=list)
    needs_facts: set[str] = field(default_factory=set)
    needs_by: bool = False


class Builder:
    """See the module. `facts` are the declared types, `derived` the derived facts' models."""

    def __init__(
        self,
        *,
        facts: Mapping[str, FactType],
        derived: Mapping[str, Derived],
        lists: Mapping[str, tuple[Value, ...]],
        provided_kinds: frozenset[str] | None,
        mapped_facts: frozenset[str],
        time_zone: str,
    ) -> None:
        self.plan = Plan()
        self._types: dict[str, FactType] = {**BUILT_IN_FACTS, **facts}
        self._derived = derived
        self._provided = provided_kinds
        self._lists = lists
        self._mapped = mapped_facts | BUILT_IN_FACTS.keys()
        self._zone = time_zone
        self.makers: dict[str, Callable[[], Mapping[str, pl.Expr]]] = {}
        self.nested: dict[int, str] = {}
        self._level_of: dict[str, int] = {}
        self._asking: list[int] = [0]
        self._entering: dict[int, dict[str, pl.Expr]] = {}

    # --- facts ------------------------------------------------------------------------------------------------

    def fact_type(self, name: str) -> FactType:
        """The type of a declared, built-in or derived fact."""
        return gives(self._derived[name]) if name in self._derived else self._types[name]

    def fact(self, name: str) -> pl.Expr:
        """A fact as it is compared: texts in lower case, floats without NaN, unmapped ones null."""
        column = f"#fact.{name}"
        if column not in self.plan.facts:
            self.plan.facts[column] = self._fact(name)
        return pl.col(column)

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
            function, source = source_of(derived)
            if isinstance(derived, DomainOf):
                return self._raw(source).str.to_lowercase().str.extract(r"@([^@\s]+)\s*$", 1)
            if isinstance(derived, LengthOf):
                return self._raw(source).str.len_chars().cast(pl.Int64)
            days = self._days_ago(source).cast(pl.Int64)
            return days if function == "days_since" else -days
        value = self._raw(name)
        match self._types[name]:
            case "text":
                return value.str.to_lowercase()
            case "number" | "money":
                return value.fill_nan(None)
            case _:
                return value

    # --- activities -------------------------------------------------------------------------------------------

    def matches(self, selector: Selector) -> Matches:
        """The selector's masks, without its window; see `in_window`."""
        certain, possible = pl.lit(True), pl.lit(True)
        kinds = many(selector.kind)
        if not kinds:
            self.plan.every_kind = True
        for key in WORD_COLUMNS:
            words = many(getattr(selector, key))
            if not words:
                continue
            codes = [self._code(key, word) for word in words]
            column = pl.col(f"#{key}")
            certain &= _any_of(column, codes)
            possible &= _any_of(column, codes if key == "kind" else [*codes, UNKNOWN_CODE])
        same = not (selector.outcome or selector.direction or selector.by_role)
        provided = self._provided is None or (self._provided >= set(kinds) if kinds else bool(self._provided))
        inside = in_window(selector)
        self.plan.evidence[key_of(selector)] = (certain & inside, possible & inside)
        return Matches(certain, certain if same else possible, same, provided)

    def _code(self, key: str, word: str) -> int:
        codes = self.plan.codes.setdefault(key, {})
        return codes.setdefault(word, len(codes) + 2)

    def aggregate(self, key: str, of: str, value: pl.Expr, empty: int | None) -> pl.Expr:
        """A column made by aggregating those of each lead's activities that the mask `of` lets through.

        `value`: the aggregate over them, `empty`: its value for a lead without any.
        """
        column = f"#a.{key}"
        self.plan.aggregates.setdefault(column, Aggregate(of, value, empty))
        return pl.col(column)

    def mask(self, key: str, mask: pl.Expr) -> str:
        """Names a mask over activities, for `aggregate`. Each is applied once, whatever is aggregated under it."""
        self.plan.masks.setdefault(key, mask)
        return key

    def windowed(self, selector: Selector) -> tuple[str, str]:
        """The masks of certain and of possible matches in the selector's window."""
        found, inside, key = self.matches(selector), in_window(selector), key_of(selector)
        certain = self.mask(f"certain {key}", found.certain & inside)
        return certain, certain if found.same else self.mask(f"possible {key}", found.possible & inside)

    def latest(self, selector: Selector) -> tuple[pl.Expr, pl.Expr]:
        """Ages of the latest certain and the latest possible match, of at least `first_age` days; null = none."""
        found, old_enough = self.matches(selector), selector.first_age <= activity_age
        key = f"{key_of(selector, window=False)} {selector.first_age}-"
        of = self.mask(f"certain {key}", found.certain & old_enough)
        certain = self.aggregate(f"latest {of}", of, activity_age.min(), None)
        if found.same:
            return certain, certain
        of = self.mask(f"possible {key}", found.possible & old_enough)
        return certain, self.aggregate(f"latest {of}", of, activity_age.min(), None)

    def exists(self, selector: Selector) -> pl.Expr:
        """Whether there is a match in the window; adds its edges."""
        certain, possible = self.latest(selector)
        self.entering(selector)
        last = selector.last_age
        met, maybe = (certain <= last).fill_null(False), (possible <= last).fill_null(False)
        if selector.windowed:
            # Only the latest match matters: older ones may leave the window unnoticed.
            self.edge(pl.when(met).then(last + 1 - certain).when(maybe).then(last + 1 - possible))
        return verdict_of(met, maybe | pl.lit(not self.matches(selector).provided))

    def entering(self, selector: Selector) -> None:
        """Adds an edge for each possible match that is not yet old enough to count (or still in the future)."""
        masks = self._entering.setdefault(selector.first_age, {})
        masks.setdefault(key_of(selector, window=False), self.matches(selector).possible)

    def leaving(self, selector: Selector, *, when: pl.Expr | None = None) -> None:
        """Adds an edge for the first possible match that grows too old; only where `when` holds."""
        if not selector.windowed:
            return
        _, possible = self.windowed(selector)
        oldest = self.aggregate(f"oldest {possible}", possible, activity_age.max(), None)
        edge = selector.last_age + 1 - oldest
        self.edge(edge if when is None else pl.when(when).then(edge))

    # --- columns in levels ------------------------------------------------------------------------------------

    def define(self, make: Callable[[], Mapping[str, pl.Expr]]) -> None:
        """Adds the named columns that `make` returns, one level above the columns it asks for with `column`."""
        self._asking.append(0)
        columns = make()
        level = self._asking.pop()
        while len(self.plan.levels) <= level:
            self.plan.levels.append({})
        self.plan.levels[level].update(columns)
        self._level_of.update(dict.fromkeys(columns, level))

    def column(self, name: str) -> pl.Expr:
        """A column made with `define`, or by its maker when nobody asked for it before."""
        if name not in self._level_of:
            self.define(self.makers[name])
        self._asking[-1] = max(self._asking[-1], self._level_of[name] + 1)
        return pl.col(name)

    def verdict(self, criterion: Criterion) -> pl.Expr:
        """A criterion's verdict: a named one by its name, a nested one under a column of its own."""
        return self.column(self.column_of(criterion))

    def column_of(self, criterion: Criterion) -> str:
        """The name of a criterion's column."""
        if isinstance(criterion, str):
            return f"verdict.{criterion}"
        name = self.nested.setdefault(id(criterion), f"#verdict.{len(self.nested)}")
        self.makers.setdefault(name, lambda: {name: criterion.expression(self)})
        return name

    def edge(self, days: pl.Expr) -> None:
        """Adds a lead-level edge; values that are not in the future are ignored."""
        self.plan.edges.append(days)

    def finish(self) -> Plan:
        """Closes the collection: entering edges are one aggregate for each age they wait for."""
        for first_age, masks in sorted(self._entering.items()):
            near = (activity_age < first_age) & pl.any_horizontal(list(masks.values()))
            of = self.mask(f"entering {first_age}", near)
            self.edge(first_age - self.aggregate(of, of, activity_age.max(), None))
        self._entering = {}
        return self.plan


def in_window(selector: Selector) -> pl.Expr:
    """Mask over activities: old enough and not too old. Days after `as_of` have negative ages and are outside."""
    inside = selector.first_age <= activity_age
    return inside & (selector.last_age >= activity_age) if selector.last_age < ENDLESS else inside


def key_of(selector: Selector, *, window: bool = True) -> str:
    """The same text for the same question, whatever the order of the words."""
    parts = [f"{key}={sorted(set(many(getattr(selector, key))))}" for key in WORD_COLUMNS if getattr(selector, key)]
    return " ".join([*parts, f"{selector.first_age}-{selector.last_age}"] if window else parts)


def _any_of(column: pl.Expr, codes: list[int]) -> pl.Expr:
    if len(codes) > 6:
        return column.is_in(codes)
    mask = column == codes[0]
    for code in codes[1:]:
        mask |= column == code
    return mask
