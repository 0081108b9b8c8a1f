"""Criteria: the questions a policy asks about a lead. One kind per file.

A criterion is written as a mapping whose main key tells its kind, or as the name of another criterion.
"""

from __future__ import annotations

from typing import Annotated
from typing import Any as Anything

from pydantic import BeforeValidator, Discriminator, Tag

from crmsync.configuration import did_you_mean
from crmsync.qualify.criteria import combination, date_near, text
from crmsync.qualify.criteria.absence import Absence
from crmsync.qualify.criteria.activity_count import ActivityCount
from crmsync.qualify.criteria.at_least import AtLeast
from crmsync.qualify.criteria.base import BaseCriterion, Mistake, Path, Scope, Sort, Vocabulary, plain
from crmsync.qualify.criteria.combination import All, Any, Not, denial_of, sentence_of
from crmsync.qualify.criteria.comparison import Comparison
from crmsync.qualify.criteria.date_near import DateNear
from crmsync.qualify.criteria.known import Known, NotKnown
from crmsync.qualify.criteria.meets_stage import MeetsStage
from crmsync.qualify.criteria.recency import Recency
from crmsync.qualify.criteria.score_level import ScoreLevel
from crmsync.qualify.criteria.sequence import Sequence
from crmsync.qualify.criteria.text import TextLook
from crmsync.qualify.terms.shape import Name

MAIN_KEYS = {
    "all": "<all>",
    "any": "<any>",
    "not": "<not>",
    "of": "<of>",
    "known": "<known>",
    "unknown": "<unknown>",
    "no_activities": "<no_activities>",
    "activities": "<activities>",
    "latest": "<latest>",
    "first": "<first>",
    "then": "<first>",
    "score": "<score>",
    "meets": "<meets>",
}


def kind_of(value: Anything) -> str:
    """The tag of a criterion's kind, told by its keys."""
    if isinstance(value, str):
        return "<name>"
    if isinstance(value, BaseCriterion):
        return next(tag for tag, kind in _KINDS.items() if isinstance(value, kind))
    keys = value.keys()
    if "fact" in keys:
        if keys & set(text.KEYS):
            return "<text>"
        return "<date>" if keys & set(date_near.KEYS) else "<fact>"
    return next(tag for key, tag in MAIN_KEYS.items() if key in keys)


def _recognised(value: Anything) -> Anything:
    if isinstance(value, (str, BaseCriterion)):
        return value
    if not isinstance(value, dict):
        raise ValueError("a criterion is a name, or a mapping such as `{fact: budget, is: available}`")
    if not value.keys() & {"fact", *MAIN_KEYS}:
        first = next(iter(value), "")
        hint = did_you_mean(first, ["fact", *MAIN_KEYS]) or ""
        raise ValueError(f"no criterion begins with `{first}`" + (f"\n→ {hint}" if hint else ""))
    return value


Criterion = Annotated[
    Annotated[
        Annotated[Name, Tag("<name>")]
        | Annotated[Comparison, Tag("<fact>")]
        | Annotated[TextLook, Tag("<text>")]
        | Annotated[DateNear, Tag("<date>")]
        | Annotated[Known, Tag("<known>")]
        | Annotated[NotKnown, Tag("<unknown>")]
        | Annotated[ActivityCount, Tag("<activities>")]
        | Annotated[Absence, Tag("<no_activities>")]
        | Annotated[Recency, Tag("<latest>")]
        | Annotated[Sequence, Tag("<first>")]
        | Annotated[All, Tag("<all>")]
        | Annotated[Any, Tag("<any>")]
        | Annotated[Not, Tag("<not>")]
        | Annotated[AtLeast, Tag("<of>")]
        | Annotated[ScoreLevel, Tag("<score>")]
        | Annotated[MeetsStage, Tag("<meets>")],
        Discriminator(kind_of),
    ],
    BeforeValidator(_recognised),
]
"""A criterion as a policy writes it: a name, or one of the kinds."""

_KINDS: dict[str, type[BaseCriterion]] = {
    "<fact>": Comparison,
    "<text>": TextLook,
    "<date>": DateNear,
    "<known>": Known,
    "<unknown>": NotKnown,
    "<activities>": ActivityCount,
    "<no_activities>": Absence,
    "<latest>": Recency,
    "<first>": Sequence,
    "<all>": All,
    "<any>": Any,
    "<not>": Not,
    "<of>": AtLeast,
    "<score>": ScoreLevel,
    "<meets>": MeetsStage,
}

for _kind in (All, Any, Not, AtLeast):
    _kind.model_rebuild(_types_namespace={"Criterion": Criterion, "Several": combination.Several})

__all__ = [
    "MAIN_KEYS",
    "Absence",
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
    "denial_of",
    "kind_of",
    "plain",
    "sentence_of",
]
