"""Small changes to a lead that could turn a criterion: a fact gets a value, something happens.

Criteria propose them (`BaseCriterion.changes`); whether they really turn anything is found by deciding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from crmsync.model import FactType
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.shape import Value, many


class FactBecomes(Struct, frozen=True):
    """A fact gets this value."""

    fact: str
    value: Value | date


class Happens(Struct, frozen=True):
    """An activity happens `days_ago` (0 = on the day of the decision). `by` tells different people apart, `about`
    different things.
    """

    kind: str
    outcome: str | None = None
    direction: str | None = None
    by_role: str | None = None
    by: str | None = None
    about: str | None = None
    days_ago: int = 0


Change = FactBecomes | tuple[Happens, ...]
"""One step: a fact's value, or activities that belong together."""


class Situation(Struct, frozen=True):
    """What proposals depend on. `certain` counts a selector's certain matches of the lead."""

    as_of: date
    types: Mapping[str, FactType]
    choices: Mapping[str, tuple[str, ...]]
    lists: Mapping[str, tuple[Value, ...]]
    derived: frozenset[str]
    certain: Callable[[Selector], int]

    def values(self, values: tuple[Value, ...] | str) -> tuple[Value, ...]:
        """Values written out, or those of a list."""
        return self.lists[values] if isinstance(values, str) else values

    def settable(self, fact: str) -> bool:
        """Whether somebody can enter the fact: derived and built-in ones follow from others."""
        return fact in self.types and fact not in self.derived


_DAYS_APART = {"days": 1, "weeks": 7, "months": 31, "quarters": 92, "years": 366}
"""Days after which it is certainly another one."""
_MOST_TIMES, _MOST_DAYS_BACK = 100, 3660
"""What asks for more is no advice, and may lie before the first day of the calendar."""


def happening(selector: Selector, times: int, *, distinct: str | None = None) -> Iterator[tuple[Happens, ...]]:
    """The fewest new activities that add `times` to a selector's count; none when it asks for old ones, or for more
    than anybody would do for one lead.
    """
    kinds = many(selector.kind) or ("meeting",)
    apart = _DAYS_APART.get(distinct or "", 0)
    last_age = min(selector.last_age, _MOST_DAYS_BACK)
    if selector.first_age > 0 or (times - 1) * apart > last_age or not 1 <= times <= _MOST_TIMES:
        return
    if distinct == "kinds" and len(kinds) < times:
        return
    for kind in kinds if distinct != "kinds" else kinds[:1]:
        yield tuple(
            Happens(
                kind=kinds[number] if distinct == "kinds" else kind,
                outcome=next(iter(many(selector.outcome)), None),
                direction=next(iter(many(selector.direction)), None),
                by_role=next(iter(many(selector.by_role)), None),
                by=f"person-{number}" if distinct == "people" else None,
                about=f"thing-{number}" if distinct == "things" else next(iter(many(selector.about)), None),
                days_ago=number * apart,
            )
            for number in range(times)
        )
        return
