"""Ids of records in the tests of a mapping: whichever way somebody has written one, the CRM's own is meant. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from crmsync.contract import NativeField
from crmsync.mapping.activity_mapping import ActivityMapping, Rules
from crmsync.mapping.conditions import Test
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.scope import ScopeTest
from crmsync.patterns import late_pattern

Spelt = Callable[[str], str | None]
"""The CRM's own form of an id; null for a text that is none."""

_MAY_BE_ID = late_pattern(r"[A-Za-z0-9]{12,}")
"""Shorter ones have one form only. So a connector is asked for few words, and mostly for none."""

_T = TypeVar("_T", Test, ScopeTest)


def ids_spelt(mapping: CrmMapping, lead_fields: Mapping[str, NativeField], spelt: Spelt) -> CrmMapping:
    """The mapping whose tests also take the CRM's own form of every id that they name.

    Of leads only fields that hold ids are meant. Of other objects it is not known here which do: there the form that
    a word would have if it were an id is taken beside it, which no record holds if it is none.
    """
    ids = frozenset(name for name, field in lead_fields.items() if field.kind == "reference")
    lead = mapping.lead
    own = {"when": _spelt(lead.when, spelt, ids), "leave_alone": _spelt(lead.leave_alone, spelt, ids)}
    return mapping.model_copy(
        update={
            "lead": lead.model_copy(update=own),
            "activities": tuple(_activity(each, spelt) for each in mapping.activities),
            "accounts": tuple(
                each.model_copy(update={"when": _spelt(each.when, spelt)}) for each in mapping.accounts
            ),
        }
    )


def _activity(activity: ActivityMapping, spelt: Spelt) -> ActivityMapping:
    def rules(given: Rules) -> Rules:
        return tuple(each.model_copy(update={"when": _spelt(each.when, spelt)}) for each in given)

    changed = {
        "leave_out": _spelt(activity.leave_out, spelt),
        "at": tuple(each.model_copy(update={"when": _spelt(each.when, spelt)}) for each in activity.at),
        **{name: rules(getattr(activity, name)) for name in ("kind", "outcome", "direction")},
    }
    return activity.model_copy(update=changed)


def _spelt(tests: Mapping[str, _T], spelt: Spelt, only: frozenset[str] | None = None) -> dict[str, _T]:
    return {name: _one(test, spelt) if only is None or name in only else test for name, test in tests.items()}


def _one(test: _T, spelt: Spelt) -> _T:
    given: dict[str, tuple[str, ...]] = {
        name: getattr(test, name) for name in ("equals", "none_of") if getattr(test, name, None)
    }
    changed = {name: _with_forms(words, spelt) for name, words in given.items()}
    return test.model_copy(update=changed)


def _with_forms(words: tuple[str, ...], spelt: Spelt) -> tuple[str, ...]:
    forms = (_form(word, spelt) for word in words)
    return tuple(dict.fromkeys((*words, *filter(None, forms))))


def _form(word: str, spelt: Spelt) -> str | None:
    return spelt(word.strip()) if _MAY_BE_ID.fullmatch(word.strip()) else None
