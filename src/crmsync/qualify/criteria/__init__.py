"""Criteria: the questions a policy asks about a lead. One kind per file.

A criterion is written as a mapping, one of whose keys tells its kind, or as the name of another criterion.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Union
from typing import Any as Anything

from pydantic import BeforeValidator, Discriminator, Tag

from crmsync.configuration import did_you_mean
from crmsync.qualify.criteria.absence import Absence
from crmsync.qualify.criteria.activity_count import ActivityCount
from crmsync.qualify.criteria.at_least import AtLeast
from crmsync.qualify.criteria.base import BaseCriterion, Mistake, Path, Scope, Sort, Vocabulary, bounds, plain
from crmsync.qualify.criteria.combination import All, Any, Not, denial_of, sentence_of
from crmsync.qualify.criteria.comparison import Comparison
from crmsync.qualify.criteria.date_near import DateNear
from crmsync.qualify.criteria.known import Known, NotKnown
from crmsync.qualify.criteria.meets_stage import MeetsStage
from crmsync.qualify.criteria.recency import Recency
from crmsync.qualify.criteria.score_level import ScoreLevel
from crmsync.qualify.criteria.sequence import Sequence
from crmsync.qualify.criteria.stay import CameTo, StandsIn, StoodIn
from crmsync.qualify.criteria.text import TextLook
from crmsync.qualify.terms.shape import Name

KINDS: tuple[type[BaseCriterion], ...] = (
    Comparison,
    TextLook,
    DateNear,
    Known,
    NotKnown,
    ActivityCount,
    Absence,
    Recency,
    Sequence,
    All,
    Any,
    Not,
    AtLeast,
    ScoreLevel,
    MeetsStage,
    StandsIn,
    StoodIn,
    CameTo,
)
"""Every kind, in the order in which schemas and pages tell them."""

_NAME = "<name>"
_BEGINNINGS = tuple(dict.fromkeys(key for kind in KINDS for key in kind.begins))


def kind_of(value: Anything) -> str:
    """The tag of a criterion's kind, told by its keys."""
    if isinstance(value, str):
        return _NAME
    if isinstance(value, BaseCriterion):
        return _tag(type(value))
    beginning = next(key for key in value if key in _BEGINNINGS)
    alike = [kind for kind in KINDS if beginning in kind.begins]
    told = (kind for kind in alike if not value.keys().isdisjoint(kind.beside))
    return _tag(next(told, alike[0]))


def _tag(kind: type[BaseCriterion]) -> str:
    return f"<{kind.__name__}>"


def _recognised(value: Anything) -> Anything:
    if isinstance(value, (str, BaseCriterion)):
        return value
    if not isinstance(value, dict):
        raise ValueError("a criterion is a name, or a mapping such as `{fact: budget, is: available}`")
    if value.keys().isdisjoint(_BEGINNINGS):
        first = next(iter(value), "")
        hint = did_you_mean(first, _BEGINNINGS) or ""
        raise ValueError(f"no criterion begins with `{first}`" + (f"\n→ {hint}" if hint else ""))
    return value


if TYPE_CHECKING:
    Criterion = Name | BaseCriterion
else:
    _tagged = (Annotated[Name, Tag(_NAME)], *(Annotated[kind, Tag(_tag(kind))] for kind in KINDS))
    Criterion = Annotated[
        Annotated[Union[_tagged], Discriminator(kind_of)],  # noqa: UP007 - of as many as there are
        BeforeValidator(_recognised),
    ]
"""A criterion as a policy writes it: a name, or one of the kinds."""

for _kind in KINDS:  # pydantic looks for the name in the kind's module when the first policy is read
    vars(import_module(_kind.__module__))["Criterion"] = Criterion

__all__ = [
    "KINDS",
    "Absence",
    "ActivityCount",
    "All",
    "Any",
    "AtLeast",
    "BaseCriterion",
    "Comparison",
    "Criterion",
    "MeetsStage",
    "Mistake",
    "Not",
    "NotKnown",
    "Path",
    "Scope",
    "ScoreLevel",
    "Sequence",
    "Sort",
    "TextLook",
    "Vocabulary",
    "bounds",
    "denial_of",
    "plain",
    "sentence_of",
]
