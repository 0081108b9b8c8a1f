"""Ids of records in the tests of a mapping: whichever way somebody has written one, the CRM's own is meant. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from crmsync.contract import NativeField
from crmsync.mapping.activity_mapping import ActivityMapping, Rule
from crmsync.mapping.conditions import Test
from crmsync.mapping.moments import Moment
from crmsync.mapping.parts import MappingPart
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.scope import ScopeTest
from crmsync.patterns import late_pattern

Spelt = Callable[[str], str | None]
"""The CRM's own form of an id; null for a text that is none."""

_MAY_BE_ID = late_pattern(r"[A-Za-z0-9]{12,}")
"""Shorter ones have one form only. So a connector is asked for few words, and mostly for none."""

_Part = TypeVar("_Part", bound=MappingPart)
_Rule = TypeVar("_Rule", Rule, Moment)
_Test = TypeVar("_Test", Test, ScopeTest)


def ids_spelt(mapping: CrmMapping, lead_fields: Mapping[str, NativeField], spelt: Spelt) -> CrmMapping:
    """The mapping whose tests also take the CRM's own form of every id that they name.

    Of leads only fields that hold ids are meant. Of other objects it is not known here which do: there the form that
    a word would have if it were an id is taken beside it, which no record holds if it is none.
    """
    ids = frozenset(name for name, field in lead_fields.items() if field.kind == "reference")
    lead = mapping.lead
    return _with(
        mapping,
        lead=_with(lead, when=_spelt(lead.when, spelt, ids), leave_alone=_spelt(lead.leave_alone, spelt, ids)),
        activities=_each(mapping.activities, lambda each: _activity(each, spelt)),
        accounts=_each(mapping.accounts, lambda each: _with(each, when=_spelt(each.when, spelt))),
    )


def _activity(activity: ActivityMapping, spelt: Spelt) -> ActivityMapping:
    def rules(given: tuple[_Rule, ...]) -> tuple[_Rule, ...]:
        return _each(given, lambda each: _with(each, when=_spelt(each.when, spelt)))

    return _with(
        activity,
        leave_out=_spelt(activity.leave_out, spelt),
        at=rules(activity.at),
        kind=rules(activity.kind),
        outcome=rules(activity.outcome),
        direction=rules(activity.direction),
    )


def _with(part: _Part, **changed: object) -> _Part:
    """The part itself where nothing else stands in it: a copy takes long, and few tests name ids."""
    others = {name: value for name, value in changed.items() if value is not getattr(part, name)}
    return part.model_copy(update=others) if others else part


def _each(parts: tuple[_Part, ...], changed: Callable[[_Part], _Part]) -> tuple[_Part, ...]:
    after = tuple(map(changed, parts))
    return after if any(one is not other for one, other in zip(after, parts, strict=True)) else parts


def _spelt(tests: Mapping[str, _Test], spelt: Spelt, only: frozenset[str] | None = None) -> Mapping[str, _Test]:
    after = {name: _one(test, spelt) if only is None or name in only else test for name, test in tests.items()}
    return after if any(after[name] is not test for name, test in tests.items()) else tests


def _one(test: _Test, spelt: Spelt) -> _Test:
    given: dict[str, tuple[str, ...]] = {
        name: getattr(test, name) for name in ("equals", "none_of") if getattr(test, name, None)
    }
    return _with(
        test, **{name: after for name, words in given.items() if (after := _with_forms(words, spelt)) != words}
    )


def _with_forms(words: tuple[str, ...], spelt: Spelt) -> tuple[str, ...]:
    forms = (_form(word, spelt) for word in words)
    return tuple(dict.fromkeys((*words, *filter(None, forms))))


def _form(word: str, spelt: Spelt) -> str | None:
    return spelt(word.strip()) if _MAY_BE_ID.fullmatch(word.strip()) else None
