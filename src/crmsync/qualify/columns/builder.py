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
from typing import Protocol

import polars as pl

from crmsync.model import FactType
from crmsync.qualify.columns.fact_columns import FactColumns
from crmsync.qualify.columns.grouping import GROUPS, PointsOnce, group_column
from crmsync.qualify.columns.kleene import verdict_of
from crmsync.qualify.columns.plan import (
    UNKNOWN_CODE,
    WORD_COLUMNS,
    Aggregate,
    EvaluationPlan,
    Matches,
    activity_age,
    happened,
    perhaps_happened,
)
from crmsync.qualify.columns.since import of_fact, perhaps_column, sure_column
from crmsync.qualify.columns.stays import Stay, stay_of
from crmsync.qualify.terms.activities import ENDLESS, Selector
from crmsync.qualify.terms.facts import Derived
from crmsync.qualify.terms.once_per import OncePer
from crmsync.qualify.terms.shape import Value, many
from crmsync.qualify.terms.since import SinceDay, moment_of


class AskedFor(Protocol):
    """A criterion, as far as columns go: it gives its verdict."""

    def expression(self, builder: Builder) -> pl.Expr:
        """True, false, or null for unknown."""


class Builder(FactColumns):
    """See the module. `provided_kinds`: activity kinds the mapping provides, null = every kind."""

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
        super().__init__(facts=facts, derived=derived, lists=lists, mapped_facts=mapped_facts, time_zone=time_zone)
        self._provided = provided_kinds
        self.makers: dict[str, Callable[[], Mapping[str, pl.Expr]]] = {}
        self.nested: dict[int, str] = {}
        self._level_of: dict[str, int] = {}
        self._asking: list[int] = [0]
        self._entering: dict[int, dict[str, pl.Expr]] = {}

    # --- activities -------------------------------------------------------------------------------------------

    def matches(self, selector: Selector) -> Matches:
        """The selector's masks, without its window; see `in_window`.

        What did not happen matches only a selector that asks for such an outcome; what nobody knows of whether it
        happened is a possible match.
        """
        certain, possible = (pl.lit(True), pl.lit(True)) if selector.outcome else (happened, perhaps_happened)
        kinds = many(selector.kind)
        if not kinds:
            self.plan.every_kind = True
        for key in WORD_COLUMNS:
            words = words_of(selector, key)
            if not words:
                continue
            codes = [self._code(key, word) for word in words]
            column = pl.col(f"#{key}")
            certain &= _any_of(column, codes)
            possible &= _any_of(column, codes if key == "kind" else [*codes, UNKNOWN_CODE])
        if selector.since is not None:
            moment = self.moment(moment_of(selector.since))
            certain &= activity_age < pl.col(sure_column(moment))
            possible &= activity_age < pl.col(perhaps_column(moment))
        twins = not (selector.outcome or selector.direction or selector.by_role or selector.about)
        provided = self._provided is None or (self._provided >= set(kinds) if kinds else bool(self._provided))
        inside = in_window(selector)
        self.plan.evidence[key_of(selector)] = (certain & inside, possible & inside)
        return Matches(certain, possible, twins, provided)

    def moment(self, moment: SinceDay) -> SinceDay:
        """Asks for a day of the lead's own."""
        self.plan.moments[moment.key] = moment
        if moment.how == "fact":
            self.plan.facts.update(of_fact(moment, self._days_ago(moment.name)))
        return moment

    def stay(self, stage: str) -> Stay:
        """Whether the lead stands in a stage, how long, and how often it came there."""
        self.plan.stages.add(stage)
        return stay_of(stage)

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

    def group(self, once_per: OncePer) -> pl.Expr:
        """The activity column that tells the period or thing; null = nobody knows."""
        self.plan.groups[group_column(once_per)] = GROUPS[once_per]
        return pl.col(group_column(once_per))

    def aggregate_once(self, key: str, of: str, once: PointsOnce, value: pl.Expr, once_per: OncePer) -> None:
        """Like `aggregate`, over groups of activities: `value` is one of those of `once`; 0 where there are none."""
        self.group(once_per)
        grouped = Aggregate(of, value, 0, group_column(once_per), once.of_group)
        self.plan.aggregates.setdefault(f"#a.{key}", grouped)

    def mask(self, key: str, mask: pl.Expr) -> str:
        """Names a mask over activities, for `aggregate`. Each is applied once, whatever is aggregated under it."""
        self.plan.masks.setdefault(key, mask)
        return key

    def windowed(self, selector: Selector) -> tuple[str, str]:
        """The masks of certain and of possible matches in the selector's window."""
        found, inside, key = self.matches(selector), in_window(selector), key_of(selector)
        return self._both(selector, key, found, inside)

    def latest(self, selector: Selector) -> tuple[pl.Expr, pl.Expr]:
        """Ages of the latest certain and the latest possible match, of at least `first_age` days; null = none."""
        certain, possible = (
            self.aggregate(f"latest {of}", of, activity_age.min(), None) for of in self._old_enough(selector)
        )
        return certain, possible

    def latest_from(self, selector: Selector, age: int) -> pl.Expr:
        """Age of the latest possible match that is at least so old; null = none. Adds the edges of those to come."""
        _, possible = self._old_enough(selector)
        of = self.mask(f"{possible} from {age}", self.plan.masks[possible] & (activity_age >= age))
        self.passing(selector, age - 1)
        return self.aggregate(f"latest {of}", of, activity_age.min(), None)

    def oldest(self, selector: Selector) -> pl.Expr:
        """Age of the oldest possible match; null = none."""
        _, possible = self._old_enough(selector)
        return self.aggregate(f"oldest {possible}", possible, activity_age.max(), None)

    def _old_enough(self, selector: Selector) -> tuple[str, str]:
        """The masks of certain and of possible matches of at least `first_age` days."""
        found, old_enough = self.matches(selector), selector.first_age <= activity_age
        return self._both(selector, f"{key_of(selector, window=False)} {selector.first_age}-", found, old_enough)

    def _both(self, selector: Selector, key: str, found: Matches, inside: pl.Expr) -> tuple[str, str]:
        certain = self.mask(f"certain {key}", found.certain & inside)
        possible = self.mask(f"possible {key}", found.possible & inside)
        if found.twins:
            self.plan.twins[possible] = certain
            if selector.since is not None:
                self.plan.twins_since[possible] = moment_of(selector.since).key
        return certain, possible

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

    def passing(self, selector: Selector, age: int) -> None:
        """Adds an edge for the first possible match in the window that grows older than `age`."""
        _, possible = self.windowed(selector)
        of = self.mask(f"{possible} up to {age}", self.plan.masks[possible] & (activity_age <= age))
        self.edge(age + 1 - self.aggregate(f"oldest {of}", of, activity_age.max(), None))

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

    def verdict(self, criterion: AskedFor | str) -> pl.Expr:
        """A criterion's verdict: a named one by its name, a nested one under a column of its own."""
        return self.column(self.column_of(criterion))

    def column_of(self, criterion: AskedFor | str) -> str:
        """The name of a criterion's column."""
        if isinstance(criterion, str):
            return f"verdict.{criterion}"
        name = self.nested.setdefault(id(criterion), f"#verdict.{len(self.nested)}")
        self.makers.setdefault(name, lambda: {name: criterion.expression(self)})
        return name

    def edge(self, days: pl.Expr) -> None:
        """Adds a lead-level edge; values that are not in the future are ignored."""
        self.plan.edges.append(days)

    def finish(self) -> EvaluationPlan:
        """Closes the collection: entering edges are one aggregate for each age they wait for."""
        for first_age, masks in sorted(self._entering.items()):
            near = (activity_age < first_age) & pl.any_horizontal(list(masks.values()))
            of = self.mask(f"entering {first_age}", near)
            self.edge(first_age - self.aggregate(of, of, activity_age.max(), None))
        self._entering = {}
        return self.plan


def words_of(selector: Selector, key: str) -> tuple[str, ...]:
    """The words that a selector asks for, as they are compared: things are told apart without regard to case."""
    words = many(getattr(selector, key))
    return tuple(word.strip().lower() for word in words) if key == "about" else words


def in_window(selector: Selector) -> pl.Expr:
    """Mask over activities: old enough and not too old. Days after `as_of` have negative ages and are outside."""
    inside = selector.first_age <= activity_age
    return inside & (selector.last_age >= activity_age) if selector.last_age < ENDLESS else inside


def key_of(selector: Selector, *, window: bool = True) -> str:
    """The same text for the same question, whatever the order of the words."""
    parts = [f"{key}={sorted(set(words_of(selector, key)))}" for key in WORD_COLUMNS if getattr(selector, key)]
    parts += [f"since {moment_of(selector.since).key}"] if selector.since is not None else []
    return " ".join([*parts, f"{selector.first_age}-{selector.last_age}"] if window else parts)


def _any_of(column: pl.Expr, codes: list[int]) -> pl.Expr:
    if len(codes) > 6:
        return column.is_in(codes)
    mask = column == codes[0]
    for code in codes[1:]:
        mask |= column == code
    return mask
